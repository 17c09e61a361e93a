"""config.toml for CometBFT: what differs from its defaults, written anew at every start.

CometBFT 0.38 reads a part of a file and takes its defaults for the rest (config/config.go).
"""

import json
from collections.abc import Mapping
from typing import Final

from sogdia.app.organisation import Organisation, Settings, bracketed
from sogdia.app.sockets import Sockets

Value = str | int | bool | list[str]

BYTES_PER_SECOND: Final = 100_000_000
MEMPOOL_TRANSACTIONS: Final = 20_000
TRANSACTION_BYTES: Final = 600 * 1024
"""An envelope has at most 512 KiB; some room for the wire."""
RPC_BODY_BYTES: Final = 16 * 1024 * 1024
RPC_BATCH: Final = 1000
GOSSIP: Final = "10ms"
"""How long CometBFT rests between looks at what to tell a peer, and holds messages back to send them together.

Its default is 100 ms for both. Four validators of one machine then commit in 410 ms (median), with 10 ms in 66 ms, at
the same load when idle.
"""
_HEAD: Final = "# Written at every start from organisation.json: change that file, not this one.\n"


def config_toml(organisation: Organisation, sockets: Sockets) -> str:
    """The text of config.toml."""
    settings = organisation.settings
    parts: dict[str, Mapping[str, Value]] = {
        "": {
            "proxy_app": f"unix://{sockets.abci}",
            "moniker": organisation.name,
            "log_level": settings.log_level,
            "log_format": "json",
        },
        "rpc": _rpc(sockets),
        "p2p": _p2p(organisation),
        "mempool": {
            "size": MEMPOOL_TRANSACTIONS,
            "cache_size": 2 * MEMPOOL_TRANSACTIONS,
            "recheck": True,
            "max_tx_bytes": TRANSACTION_BYTES,
        },
        "statesync": _state_sync(settings),
        "consensus": _consensus(settings),
        "tx_index": {"indexer": "null"},
        "instrumentation": {
            "prometheus": bool(settings.prometheus),
            "prometheus_listen_addr": settings.prometheus,
        },
    }
    return _HEAD + "\n".join(_section(name, values) for name, values in parts.items())


def _rpc(sockets: Sockets) -> dict[str, Value]:
    return {
        "laddr": f"unix://{sockets.rpc}",
        "max_request_batch_size": RPC_BATCH,
        "max_body_bytes": RPC_BODY_BYTES,
        # Opens dial_peers, without which CometBFT gives a lost peer up after a day. Only we can reach the socket.
        "unsafe": True,
    }


def _p2p(organisation: Organisation) -> dict[str, Value]:
    return {
        "laddr": f"tcp://{bracketed(organisation.listen)}:{organisation.ports.p2p}",
        "persistent_peers": ",".join(peer.address for peer in organisation.peers),
        "pex": False,
        "addr_book_strict": False,
        "allow_duplicate_ip": True,
        "send_rate": BYTES_PER_SECOND,
        "recv_rate": BYTES_PER_SECOND,
        "flush_throttle_timeout": GOSSIP,
    }


def _state_sync(settings: Settings) -> dict[str, Value]:
    sync = settings.state_sync
    if sync is None:
        return {"enable": False}
    return {
        "enable": True,
        "rpc_servers": ",".join(sync.rpc_servers),
        "trust_height": sync.trust_height,
        "trust_hash": sync.trust_hash,
        "trust_period": f"{sync.trust_period_hours}h",
        "discovery_time": "5s",
    }


def _consensus(settings: Settings) -> dict[str, Value]:
    vote = f"{settings.timeout_vote_ms}ms"
    return {
        "timeout_propose": f"{settings.timeout_propose_ms}ms",
        "timeout_propose_delta": "500ms",
        "timeout_prevote": vote,
        "timeout_prevote_delta": vote,
        "timeout_precommit": vote,
        "timeout_precommit_delta": vote,
        "timeout_commit": f"{settings.timeout_commit_ms}ms",
        "peer_gossip_sleep_duration": GOSSIP,
        "create_empty_blocks": settings.empty_block_interval_ms > 0,
        "create_empty_blocks_interval": f"{settings.empty_block_interval_ms}ms",
    }


def _section(name: str, values: Mapping[str, Value]) -> str:
    # A JSON text is a TOML text, as long as nothing in it is escaped as a surrogate pair.
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join(([f"[{name}]"] if name else []) + lines) + "\n"
