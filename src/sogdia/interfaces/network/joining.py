"""A new organisation: its folder with what it was told and a person has confirmed, and its application for a seat.

It follows the network from the first start on, as a node without a vote. The members decide about the application; the
seat's power then comes with a block, and CometBFT begins to vote by itself.
"""

import secrets
import time
from typing import Any, Final

import msgspec

from sogdia.app import milliseconds
from sogdia.app.organisation import Home, NetworkError, Settings, StateSync
from sogdia.client.connection import Reply, signed
from sogdia.client.http import HttpConnection, NodeUnreachable
from sogdia.client.keyring import Keyring
from sogdia.core.transaction import Signer
from sogdia.core.values import CountryCode, Reference, Text
from sogdia.domains.governance.messages import Apply, Organisation
from sogdia.domains.identity.messages import NewKey, Role
from sogdia.interfaces.network.introduction import Introduction
from sogdia.interfaces.network.laying import Address, make_organisation

TRUST_HOURS: Final = 168
"""How much older than now a trusted header may become before it is fetched anew."""
CASE_SECONDS: Final = 20.0
_LOOK_SECONDS: Final = 0.5
_SECONDS_OF_HOUR: Final = 3600


class NotTrusted(NetworkError):
    """The header that the member shows is not the one that a person confirmed."""


class Applicant(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks to become a member. The defaults are for a trial."""

    name: Text
    country: CountryCode = "CN"
    registration: Reference = "-"
    roles: tuple[Role, ...] = ()


def confirm(found: Introduction, given: str) -> None:
    """Go on only with the hash that a person has from elsewhere; NotTrusted says what was shown instead."""
    if given.strip().upper() != found.hash:
        shown = f"the header of height {found.header.height} has the hash {found.hash}"
        asked = "Ask the operator of another member for the hash of that height"
        raise NotTrusted(f"{shown}, confirmed was {given.strip() or '-'}. {asked}")


def make(
    home: Home,
    name: str,
    found: Introduction,
    where: Address,
    *,
    full: bool = False,
    passphrase: str | None = None,
    settings: Settings | None = None,
) -> None:
    """Make the folder of an organisation that joins. `full` fetches every block instead of a snapshot."""
    if not full and not found.by_snapshot:
        raise NetworkError("that member has no snapshot to give yet. Join with the whole history: --full")
    chosen = settings or Settings()
    if not full:
        chosen = msgspec.structs.replace(chosen, state_sync=_state_sync(found))
    make_organisation(home.folder, name, found.info, found.told.chain, where, passphrase=passphrase, settings=chosen)
    home.write(msgspec.structs.replace(home.read(), peers=found.peers))
    (home.config / "genesis.json").write_bytes(found.genesis)


def _state_sync(found: Introduction) -> StateSync:
    # A light client wants two to compare; where only one shows the header it is asked twice.
    servers = tuple(f"{url}/network/rpc" for url in (found.same * 2)[: max(2, len(found.same))])
    age_hours = (time.time_ns() // 1_000_000_000 - found.header.header.time.seconds) // _SECONDS_OF_HOUR
    return StateSync(servers, found.header.height, found.hash, max(0, age_hours) + TRUST_HOURS)


# --- the application -------------------------------------------------------------------------------------------------


def application(home: Home, who: Applicant, is_known: bool) -> Apply:
    """What the organisation asks for. A party on record does not say again who it is."""
    own = home.read()
    identity = Keyring(home.keys).identity(own.name)
    party = Organisation(
        name=who.name,
        country=who.country,
        registration=who.registration,
        keys=tuple(NewKey(id=key.kid, public=key.public) for key in identity.signing_keys if not key.retired),
        agreement=identity.agreement,
    )
    asked = Apply(
        party=own.did,
        organisation=None if is_known else party,
        url=own.address,
        validator=own.validator,
        roles=who.roles,
    )
    try:
        msgspec.convert(msgspec.to_builtins(asked), Apply)
    except msgspec.ValidationError as wrong:
        raise NetworkError(f"the application is not as it must be: {wrong}") from None
    return asked


class Desk:
    """The member's node to which a newcomer turns, as the newcomer's party."""

    def __init__(self, url: str, home: Home, pen: Signer) -> None:
        self._home, self._own, self._pen = home, home.read(), pen
        self._node = HttpConnection(url, self._own.network, attempts=3)

    def close(self) -> None:
        """Let go of the network."""
        self._node.close()

    def apply(self, who: Applicant) -> Reply | None:
        """Hand the application in; None when one is open already, or the organisation is a member."""
        if self.standing() or self.case():
            return None
        known = self._node.lookup([("identity.party", self._own.did)])[0] is not None
        asked = application(self._home, who, known)
        raw = signed(self._own.network, milliseconds(), secrets.token_hex(8), [asked], [self._pen])
        return self._node.submit([raw])[0]

    def case(self) -> str:
        """The number of the open case; empty when there is none."""
        for one in self._node.query("governance/applications", party=self._own.did):
            case: dict[str, Any] = self._node.query("governance/case", case_no=one["case_no"]) or {}
            if case.get("standing") == "open":
                return str(one["case_no"])
        return ""

    def opened_case(self) -> str:
        """The number of the case, once the picture that queries see has it."""
        until = time.monotonic() + CASE_SECONDS
        while not (number := self.case()):
            if time.monotonic() > until:
                raise NetworkError("the application is on record, but its case is not shown yet. Join again to see it")
            time.sleep(_LOOK_SECONDS)
        return number

    def standing(self) -> str:
        """What the organisation is as a member: active, suspended, removed; empty when it is none."""
        found = self._node.lookup([("governance.member", self._own.did)])[0]
        return str(found["standing"]) if found else ""

    def wait(self, case_no: str) -> str:
        """How the case ended, once it did: passed, or what else."""
        while True:
            try:
                found: dict[str, Any] = self._node.query("governance/case", case_no=case_no) or {}
            except NodeUnreachable:
                found = {}
            if found and found["standing"] != "open":
                return str(found["standing"])
            time.sleep(_LOOK_SECONDS)
