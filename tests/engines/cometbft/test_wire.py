"""What stands on the wire is what CometBFT's own .proto files say, byte for byte, whole or cut anywhere."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.engines.cometbft.wire import (
    ENUMS,
    TABLE,
    Message,
    WireDamaged,
    abci,
    frame,
    stamp_ns,
    take_messages,
    time_ms,
    timestamp,
)

VECTORS = {
    # Request field 3, length 22: version "0.38.25", block 11, p2p 8, abci "2.0.0"
    "info": ("1a14" "0a07302e33382e3235" "100b" "1808" "2205322e302e30",
             lambda: abci.Request(info={"version": "0.38.25", "block_version": 11, "p2p_version": 8,
                                        "abci_version": "2.0.0"})),
    # Request field 2, empty
    "flush": ("1200", lambda: abci.Request(flush={})),
    # Request field 8: tx "a=1", type RECHECK
    "recheck": ("4207" "0a03613d31" "1001", lambda: abci.Request(check_tx={"tx": b"a=1", "type": 1})),
    # Response field 12: retain_height 300 stands in field 3
    "commit": ("6203" "18ac02", lambda: abci.Response(commit={"retain_height": 300})),
    # Response field 18 (tag of two bytes): ACCEPT
    "process": ("920102" "0801", lambda: abci.Response(process_proposal={"status": 1})),
    # Response field 21: one empty result, one validator (ed25519 key of two bytes, power 10), app hash
    "finalize": ("aa010f" "1200" "1a08" "0a04" "0a02" "beef" "100a" "2a01" "77",
                 lambda: abci.Response(finalize_block={
                     "tx_results": [{}], "app_hash": b"\x77",
                     "validator_updates": [{"pub_key": {"ed25519": b"\xbe\xef"}, "power": 10}]})),
    # Request field 21 of 0.39: the application's own mempool
    "insert_tx": ("aa0103" "0a0178", lambda: abci.Request(insert_tx={"tx": b"x"})),
    # Response field 23 of 0.39
    "reap_txs": ("ba0103" "0a0178", lambda: abci.Response(reap_txs={"txs": [b"x"]})),
}  # fmt: skip


@pytest.mark.parametrize("name", VECTORS)
def test_a_message_has_the_bytes_that_were_worked_out_by_hand(name: str) -> None:
    text, make = VECTORS[name]
    wanted = bytes.fromhex(text)
    assert make().SerializeToString() == wanted
    assert frame(make()) == bytes([len(wanted)]) + wanted
    assert take_messages(bytearray(frame(make())), type(make())) == [make()]


def test_a_long_message_has_a_length_of_several_bytes() -> None:
    message = abci.Request(echo={"message": "x" * 300})
    assert frame(message)[:2] == bytes.fromhex("b202")  # 306: field 1, length 303, field 1, length 300, the text
    assert take_messages(bytearray(frame(message)), abci.Request) == [message]


@given(st.lists(st.binary(max_size=400), max_size=8), st.integers(0, 4000))
def test_messages_cut_anywhere_come_out_whole_and_in_order(txs: list[bytes], cut: int) -> None:
    messages = [abci.Request(check_tx={"tx": tx}) for tx in txs]
    stream = b"".join(map(frame, messages))
    buffer = bytearray(stream[:cut])
    found: list[Message] = take_messages(buffer, abci.Request)
    buffer += stream[cut:]
    assert found + take_messages(buffer, abci.Request) == messages
    assert not buffer


@pytest.mark.parametrize(
    "bytes_, complaint",
    [
        (bytes.fromhex("e907"), "1001 bytes; the limit is 1000"),
        (b"\xff" * 9 + b"\x7f", "the limit is 1000"),
        (b"\x80" * 10, "more than 10 bytes"),
        (bytes.fromhex("034201"), None),
        (bytes.fromhex("034205ff"), "3 bytes are no Request"),
    ],
)
def test_damage_is_told_from_what_has_not_come_yet(bytes_: bytes, complaint: str | None) -> None:
    buffer = bytearray(bytes_)
    if complaint is None:
        assert take_messages(buffer, abci.Request, 1000) == []
        assert buffer == bytes_
    else:
        with pytest.raises(WireDamaged, match=complaint):
            take_messages(buffer, abci.Request, 1000)


def test_a_field_that_is_not_in_the_table_is_an_error() -> None:
    with pytest.raises(ValueError, match="no_such"):
        abci.ResponseInfo(no_such=1)
    with pytest.raises(AttributeError):
        abci.ResponseInfo().no_such


@given(st.integers(-(2**40), 2**62))
def test_time_goes_there_and_back(nanoseconds: int) -> None:
    stamp = timestamp(nanoseconds)
    assert 0 <= stamp.nanos < 1_000_000_000
    assert stamp_ns(stamp) == nanoseconds
    assert time_ms(stamp) == nanoseconds // 1_000_000


# --- against the .proto files ----------------------------------------------------------------------------------------

PROTO_FILES = ("abci/types", "crypto/keys", "crypto/proof", "types/params", "types/validator")
NOT_ABCI = {"types.Validator"}  # the name is taken by abci's, and the whole one is on no ABCI connection
ENUMS_OF_MESSAGES = {"ResponseOfferSnapshot.Result": "OfferSnapshotResult",
                     "ResponseApplySnapshotChunk.Result": "ApplySnapshotChunkResult",
                     "ResponseProcessProposal.ProposalStatus": "ProposalStatus",
                     "ResponseVerifyVoteExtension.VerifyStatus": "VerifyStatus"}  # fmt: skip
NEWER_FIELDS = {("Request", 21), ("Request", 22), ("Response", 22), ("Response", 23), ("PublicKey", 3),
                ("PublicKey", 4), ("PublicKey", 5), ("ConsensusParams", 6)}  # fmt: skip
NEWER_MESSAGES = {"RequestInsertTx", "RequestReapTxs", "ResponseInsertTx", "ResponseReapTxs", "AuthorityParams"}
GOOGLES = {"Timestamp", "Duration"}


def proto_folder(version: str) -> Path:
    """The .proto files of a release, when Go has fetched it."""
    try:
        asked = subprocess.run(["go", "env", "GOMODCACHE"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no Go: the table of ABCI was not compared with CometBFT's .proto files")
    folder = Path(asked.stdout.strip(), "github.com", "cometbft", f"cometbft@{version}", "proto", "tendermint")
    if not folder.is_dir():
        pytest.skip(f"Go has no CometBFT {version}: the table of ABCI was not compared with its .proto files")
    return folder


def parsed(text: str) -> Iterator[tuple[str, str, list[tuple[int, str, str]]]]:
    """Kind ("message", "enum"), full name and fields (number, name, type) of all that a .proto file declares."""
    text = re.sub(r"//[^\n]*|\[[^\]]*\]|\boption [^;]*;|\breserved [^;]*;", " ", text)
    open_blocks: list[tuple[str, str, list[tuple[int, str, str]]]] = []
    token = re.compile(r"(message|enum|oneof|service) (\w+)\s*\{|(repeated\s+)?([\w.]*)\s+(\w+)\s*=\s*(\d+)\s*;|(\})")
    for opens, name, repeated, kind, field, number, closes in token.findall(text):
        if opens:
            outer = f"{open_blocks[-1][1]}." if open_blocks else ""
            open_blocks.append((opens, outer + name, []))
        elif closes:
            opened, name, fields = open_blocks.pop()
            if opened == "oneof":
                open_blocks[-1][2].extend(fields)
            elif opened != "service":
                yield opened, name, fields
        else:
            open_blocks[-1][2].append((int(number), field, kind + ("*" if repeated else "")))


def declared(folder: Path) -> tuple[dict[str, Any], dict[str, dict[str, int]]]:
    messages: dict[str, Any] = {}
    enums: dict[str, dict[str, int]] = {}
    for file in PROTO_FILES:
        for kind, name, fields in parsed((folder / f"{file}.proto").read_text()):
            if f"{file.partition('/')[0]}.{name}" in NOT_ABCI:
                continue
            if kind == "enum":
                enums[ENUMS_OF_MESSAGES.get(name, name)] = {field: number for number, field, _ in fields}
            else:
                spelled = {(n, f, ENUMS_OF_MESSAGES.get(f"{name}.{k}", k.rpartition(".")[2])) for n, f, k in fields}
                messages[name] = spelled
    return messages, enums


def ours() -> dict[str, set[tuple[int, str, str]]]:
    table = {}
    for line in TABLE.replace("\n    ", " ").strip().splitlines():
        if line:
            head, _, fields = line.partition(":")
            rows = (field.split() for field in fields.split(",") if field.strip())
            table[head.split()[0]] = {(int(number), name, kind) for number, name, kind in rows}
    return table


@pytest.mark.parametrize("version, newer", [("v0.38.25", False), ("v0.40.0", True)])
def test_the_table_agrees_with_the_proto_files(version: str, newer: bool) -> None:
    messages, enums = declared(proto_folder(version))
    table = ours()
    assert len(table) > 50
    for name, fields in table.items():
        if name in GOOGLES or (name in NEWER_MESSAGES and not newer):
            continue
        known = {row for row in fields if newer or (name, row[0]) not in NEWER_FIELDS}
        assert known == messages[name], name
    for name, values in ENUMS.items():
        assert {one.name: one.value for one in values} == enums[name], name


def test_the_classes_agree_with_the_table() -> None:
    for name, fields in ours().items():
        described = getattr(abci, name).DESCRIPTOR.fields
        assert {(one.number, one.name, one.is_repeated) for one in described} == {
            (number, field, kind.endswith("*")) for number, field, kind in fields
        }
    for oneof in ("Request", "Response", "PublicKey"):
        kind = getattr(abci, oneof).DESCRIPTOR
        assert len(kind.oneofs_by_name["value"].fields) == len(kind.fields)
