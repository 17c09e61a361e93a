"""An organisation that is not of the founders: its folder, its node beside the others, its application."""

from msgspec.structs import replace

from sogdia.app.organisation import Home, Ports
from sogdia.domains.governance.messages import Apply, Credential, Organisation
from sogdia.domains.identity.messages import NewKey
from sogdia.interfaces.network.laying import Address, join, make_organisation
from sogdia.interfaces.network.ports import free_ports
from tests.survival.network import FAST, INFO, NAMES, LiveNetwork


def arrive(live: LiveNetwork) -> str:
    """Make the next organisation and start it: it follows the others, and they dial it; its name."""
    name = NAMES[len(live.names)]
    home = Home(live.folder / name)
    chain = live.homes[live.names[0]].read().chain
    p2p, http = free_ports(2)
    own = make_organisation(home.folder, name, INFO, chain, Address(Ports(p2p, http)), settings=FAST)
    genesis = (live.homes[live.names[0]].config / "genesis.json").read_bytes()
    join(home, genesis, [*live.members, own])
    for other in live.homes.values():
        known = other.read()
        other.write(replace(known, peers=(*known.peers, own.peer)))
    live.homes[name] = home
    live.names = (*live.names, name)
    live.running._homes[name] = home
    live.start(name)
    return name


def application(live: LiveNetwork, name: str) -> Apply:
    """What it asks for: membership and a seat for the key that its CometBFT votes with."""
    own, identity = live.homes[name].read(), live.keys(name).identity
    return Apply(
        party=own.did,
        organisation=Organisation(
            name=name.capitalize(),
            country="UZ",
            registration="302345678",
            keys=tuple(NewKey(id=key.kid, public=key.public) for key in identity.signing_keys),
            agreement=identity.agreement,
        ),
        url=live.url(name),
        validator=own.validator,
        roles=("carrier",),
        credentials=(Credential("trade licence", "Chamber of Commerce", "L-118", "99" * 32),),
    )
