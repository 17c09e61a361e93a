"""`sogdia init`: a node's folder with the founding parties' keys and the rulebooks that a network starts from."""

from pathlib import Path

from sogdia.app import NetworkInfo, Node
from sogdia.client.keyring import Identity, Keyring
from sogdia.core.keys import NETWORK_CODE
from sogdia.core.transaction import Message
from sogdia.domains.catalog.messages import PublishBans
from sogdia.domains.customs.messages import PublishLimits
from sogdia.domains.identity.messages import NewKey, Register, Role
from sogdia.domains.tax.messages import PublishRates
from sogdia.interfaces.cli import keyrings
from sogdia.interfaces.cli.lock import held
from sogdia.interfaces.cli.terminal import Failure, emit_json, tell
from sogdia.standards import seed

FOUNDERS: tuple[Role, ...] = ("registrar", "customs", "tax_authority")
"""Whom a network cannot do without: one that registers the others, and those who publish the rulebooks."""


def init(folder: Path, info: NetworkInfo, rulebooks: bool, as_json: bool) -> None:
    """Make a node in an empty folder and say what to do next."""
    if not NETWORK_CODE.fullmatch(info.code):
        raise Failure("code_wrong", code=info.code)
    if (folder / "network.json").exists():
        raise Failure("node_exists", folder=folder)
    folder.mkdir(parents=True, exist_ok=True)
    with held(folder):
        founders = _founders(folder, info.code)
        node = Node.create(folder, info, founding(founders, rulebooks))
        height, network_key = node.machine.seal.height, node.verifier_key
        node.close()
    if as_json:
        parties = {name: identity.did for name, identity in founders.items()}
        emit_json({"folder": str(folder), "height": height, "network_key": network_key, "parties": parties})
        return
    tell("init_made", folder=folder, network=info.network, code=info.code, origin=info.origin, key=network_key)
    for name, identity in founders.items():
        tell("init_party", name=name, did=identity.did)
    tell("init_next", folder=folder)


def founding(founders: dict[str, Identity], rulebooks: bool) -> list[Message]:
    """The founding agreement: the parties, and the dated rows of rates, limits and bans."""
    registrar = founders["registrar"].did
    messages: list[Message] = [registration(identity, role, registrar) for role, identity in founders.items()]
    if rulebooks:
        customs, tax = founders["customs"].did, founders["tax_authority"].did
        messages.append(PublishRates(authority=tax, rows=seed.rows("tax_cn_retail_import")))
        messages.append(PublishLimits(authority=customs, rows=seed.rows("customs_cn_limits")))
        messages.append(PublishBans(authority=customs, rows=seed.rows("catalog_bans")))
    return messages


def registration(identity: Identity, role: str, registrar: str) -> Register:
    """A founding party as the registrar puts it on record."""
    return Register(
        party=identity.did,
        name=role.replace("_", " ").capitalize(),
        country="CN",
        registration=f"FOUNDING-{role.upper()}",
        roles=(role,),  # type: ignore[arg-type]
        keys=tuple(NewKey(id=key.kid, public=key.public) for key in identity.signing_keys),
        agreement=identity.agreement,
        registrar=registrar,
    )


def _founders(folder: Path, code: str) -> dict[str, Identity]:
    """The founders' keys; those of an attempt that was cut short are used again."""
    ring = Keyring(folder / "keys")
    standing = ring.list()
    return {name: standing.get(name) or ring.create(name, code, keyrings.passphrase()) for name in FOUNDERS}
