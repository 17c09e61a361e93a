"""The security part of a report: what must be refused is tried, what must be closed is looked at."""

import os
import stat
import sys
import tomllib
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx
import msgspec

from sogdia.app.organisation import Home
from sogdia.client.connection import Reply
from sogdia.core.refusal import Refused
from sogdia.interfaces.http.measures import read_prometheus
from sogdia.interfaces.network.report_actor import NOBODY, Actor

LOCKS: Final = ("base.lock", "dev.lock")
_SECONDS: Final = 5.0
Check = tuple[str, Callable[[], tuple[bool | None, str]]]


def security(actor: Actor) -> list[Check]:
    """The checks; none of them leaves more than entries in the log."""
    return [
        ("false_signature", lambda: _false_signature(actor)),
        ("replay", lambda: _replay(actor)),
        ("other_network", lambda: _other_network(actor)),
        ("outsider", lambda: _outsider(actor)),
        ("rpc_closed", lambda: _rpc_closed(actor)),
        ("rpc_methods", lambda: _rpc_methods(actor)),
        ("key_files", lambda: _key_files(actor.home)),
        ("tls", lambda: _tls(actor)),
        ("assertions", lambda: _assertions(actor)),
        ("locks", _locks),
    ]


def _false_signature(actor: Actor) -> tuple[bool, str]:
    whole = msgspec.json.decode(actor.signed(actor.end()))
    whole["signatures"][0]["signature"] = urlsafe_b64encode(os.urandom(64)).rstrip(b"=").decode()
    reply = actor.node.submit([msgspec.json.encode(whole)])[0]
    return reply.code == Refused.BAD_SIGNATURE, _said(reply)


def _replay(actor: Actor) -> tuple[bool | None, str]:
    if not actor.agent:
        return None, NOBODY
    raw = actor.signed(actor.delegation())
    first, second = (actor.node.submit([raw])[0] for _ in range(2))
    same = first.receipt is not None and first.receipt == second.receipt
    return same, "the second sending is given the first one's receipt" if same else _said(second)


def _other_network(actor: Actor) -> tuple[bool, str]:
    reply = actor.node.submit([actor.signed(actor.end(), actor.own.network + "-other")])[0]
    return not reply.accepted and reply.receipt is None, _said(reply)


def _outsider(actor: Actor) -> tuple[bool, str]:
    delegation = ("identity.delegation", actor.own.did, actor.agent or actor.own.did)
    record = actor.stranger.lookup([delegation])[0]
    with httpx.Client(base_url=actor.url, timeout=_SECONDS, trust_env=False) as http:
        closed = {path: http.get(path, headers=_FROM_AFAR).status_code for path in ("/events", "/metrics")}
    told = "a record of two parties is not shown" if record is None else "a record of two parties is shown"
    said = ", ".join(f"{path} answers {status}" for path, status in closed.items())
    return record is None and all(status == 401 for status in closed.values()), f"{told}; {said}"


_FROM_AFAR: Final = {"x-forwarded-for": "192.0.2.1"}


def _rpc_closed(actor: Actor) -> tuple[bool, str]:
    settings = tomllib.loads((actor.home.config / "config.toml").read_text(encoding="utf-8"))
    address = str(settings["rpc"]["laddr"])
    socket = Path(address.removeprefix("unix://"))
    is_private = not socket.parent.stat().st_mode & 0o077
    answers = _answers_http(actor.own.listen, actor.own.ports.p2p)
    said = f"{address.partition('://')[0]} socket in a folder of mode {stat.S_IMODE(socket.parent.stat().st_mode):o}"
    return address.startswith("unix://") and is_private and not answers, said


def _answers_http(host: str, port: int) -> bool:
    """Whether the port for other CometBFTs answers a question of the RPC."""
    try:
        return httpx.get(f"http://{host}:{port}/status", timeout=_SECONDS, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _rpc_methods(actor: Actor) -> tuple[bool, str]:
    asked = ("dial_peers", "broadcast_tx_sync", "status", "net_info", "block", "genesis")
    with httpx.Client(base_url=actor.url, timeout=_SECONDS, trust_env=False) as http:
        answers = [http.post("/network/rpc", json={"id": 1, "method": method, "params": {}}).json() for method in asked]
    passed = [method for method, answer in zip(asked, answers, strict=True) if "result" in answer]
    return not passed, f"passed on: {', '.join(passed)}" if passed else f"not passed on: {', '.join(asked)}"


def _key_files(home: Home) -> tuple[bool, str]:
    files = [*home.keys.glob("*.json"), *home.config.glob("priv_validator_key*.json"), home.config / "node_key.json"]
    files += [path for path in (home.signing_key, home.folder / "sealed.key") if path.exists()]
    open_ones = [path.name for path in (*files, home.keys) if path.stat().st_mode & 0o077]
    return (
        not open_ones,
        f"others can read: {', '.join(open_ones)}" if open_ones else f"{len(files)} files, theirs alone",
    )


def _tls(actor: Actor) -> tuple[bool | None, str]:
    urls = [actor.own.address, *(peer.url for peer in actor.own.peers)]
    open_ones = [url for url in urls if url.startswith("http:") and not _is_loopback(url)]
    if open_ones:
        return False, f"without TLS over a network: {', '.join(open_ones)}"
    plain = sum(url.startswith("http:") for url in urls)
    return None if plain else True, f"{plain} of {len(urls)} addresses are without TLS, all on this machine"


def _is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "::1", "localhost")


def _assertions(actor: Actor) -> tuple[bool, str]:
    with httpx.Client(base_url=actor.url, timeout=_SECONDS, trust_env=False) as http:
        node = read_prometheus(http.get("/metrics").text).get("sogdia_assertions")
    return node == 1 and not sys.flags.optimize, f"in the node {'on' if node == 1 else 'off'}"


def _locks() -> tuple[bool | None, str]:
    folder = Path(__file__).parents[4] / "requirements"
    found = [(name, sha256((folder / name).read_bytes()).hexdigest()) for name in LOCKS if (folder / name).is_file()]
    if not found:
        return None, "this is an installed copy; the lock files are in the source tree"
    return True, ", ".join(f"{name} {digest}" for name, digest in found)


def _said(reply: Reply) -> str:
    return f"refusal {reply.code}, {'on' if reply.receipt else 'not on'} record" if reply.code else "accepted"
