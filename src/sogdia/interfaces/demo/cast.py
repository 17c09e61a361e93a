"""The parties of the rehearsal: who takes part, with which keys, and the founding agreement over them."""

from pathlib import Path

from sogdia.app import NetworkInfo
from sogdia.client.keyring import Keyring, Keys
from sogdia.core.transaction import Message
from sogdia.domains.catalog.messages import PublishBans
from sogdia.domains.customs.messages import PublishLimits
from sogdia.domains.identity.messages import Delegate, NewKey, Register, Role
from sogdia.domains.tax.messages import PublishRates
from sogdia.interfaces.intake.pipeline import BoundKey, Recipient, Signers, bound
from sogdia.interfaces.intake.trade import Direction, Parties
from sogdia.standards import seed

NETWORK = NetworkInfo("sogdia-demo", "sogd", "sogdia.example/demo")
FAR_FUTURE_MS = 4_102_444_800_000
"""2100-01-01: the broker's delegation in the rehearsal does not lapse."""

ROLES: dict[str, tuple[str, str, tuple[Role, ...]]] = {
    "registrar": ("Trade Service Platform, registrar", "CN", ("registrar",)),
    "platform": ("Silk Market", "CN", ("platform",)),
    "seller": ("Yiwu Lantern Trading Co.", "CN", ("seller",)),
    "brand": ("Maison des Traboules SAS, Lyon", "FR", ("seller",)),
    "institution": ("Zhejiang Payment Institution", "CN", ("payment_institution",)),
    "carrier": ("Chang'an Express", "CN", ("carrier",)),
    "broker": ("Jinhua Customs Broker", "CN", ("broker",)),
    "customs": ("Customs, Jinhua district", "CN", ("customs",)),
    "tax_authority": ("Tax Authority", "CN", ("tax_authority",)),
}
"""Key name: the party's name, its country, its roles. All invented."""

CUSTOMS = "customs"
SELLER_OF: dict[Direction, str] = {"export": "seller", "import": "brand", "domestic": "seller"}


class Cast:
    """The parties' keys: customs keeps its own in another folder, which only its process opens."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keyring = Keyring(folder / "keys")
        self.customs_keyring = Keyring(folder / "customs" / "keys")
        self._unlocked: dict[str, Keys] = {}

    def assemble(self) -> None:
        """Make the keys that are not there yet."""
        for name in ROLES:
            ring = self._ring(name)
            if name not in ring.list():
                ring.create(name, NETWORK.code)

    def keys(self, name: str) -> Keys:
        """A party's unlocked keys."""
        if name not in self._unlocked:
            self._unlocked[name] = self._ring(name).load(name)
        return self._unlocked[name]

    def did(self, name: str) -> str:
        """A party's identifier."""
        return self._ring(name).identity(name).did

    def parties(self, direction: Direction) -> Parties:
        """Who takes part in trades of a direction: a trader of Yiwu sells abroad, a brand of Lyon sells to China."""
        named = {name: self.did(name) for name in Parties.__struct_fields__}
        return Parties(**{**named, "seller": self.did(SELLER_OF[direction])})

    def signers(self, direction: Direction) -> Signers:
        """The keys that the rehearsal signs with: everybody's but customs'."""
        held = {name: bound(self.keys(name)) for name in ROLES if name != CUSTOMS}
        held["seller"] = held[SELLER_OF[direction]]
        return Signers(held)

    def signer_of(self, did: str) -> BoundKey:
        """The key of the party with this identifier."""
        held = self.signers("export").by_role.values()
        return next(key for key in held if key.did == did)

    def recipients(self) -> dict[str, Recipient]:
        """Everybody's sealing key; of customs' keys this is all that the rehearsal knows."""
        identities = {name: self._ring(name).identity(name) for name in ROLES}
        return {name: Recipient(one.did, one.agreement_public) for name, one in identities.items()}

    def founding(self) -> list[Message]:
        """The founding agreement: parties, the broker's mandate, and the dated rows of rates, limits and bans."""
        registrar = self.did("registrar")
        messages: list[Message] = [self._register(name, registrar) for name in ROLES]
        mandate = ("customs.declare_export", "customs.declare_import")
        for seller in ("seller", "brand"):
            given = Delegate(
                principal=self.did(seller), agent=self.did("broker"), actions=mandate, until_ms=FAR_FUTURE_MS
            )
            messages.append(given)
        messages.append(PublishRates(authority=self.did("tax_authority"), rows=seed.rows("tax_cn_retail_import")))
        messages.append(PublishLimits(authority=self.did("customs"), rows=seed.rows("customs_cn_limits")))
        messages.append(PublishBans(authority=self.did("customs"), rows=seed.rows("catalog_bans")))
        return messages

    def _register(self, name: str, registrar: str) -> Register:
        identity = self._ring(name).identity(name)
        title, country, roles = ROLES[name]
        return Register(
            party=identity.did,
            name=title,
            country=country,
            registration=f"DEMO-{name.upper()}",
            roles=roles,
            keys=tuple(NewKey(id=key.kid, public=key.public) for key in identity.signing_keys),
            agreement=identity.agreement,
            registrar=registrar,
        )

    def _ring(self, name: str) -> Keyring:
        return self.customs_keyring if name == CUSTOMS else self.keyring
