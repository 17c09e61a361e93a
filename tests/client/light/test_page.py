"""docs/evidence.md says of light blocks what is so: it names every field, and its verifier agrees with ours."""

import json
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sogdia.client.light import blocks, trusted
from sogdia.client.light.bridge import bridge
from sogdia.client.light.trusted import trust
from tests.client.evidence_case import at, leaves
from tests.client.light.signers import block
from tests.client.light.test_recorded import BLOCKS
from tests.docs.pages import ROOT
from tests.docs.pages import blocks as code_of

PAGE = ROOT / "docs" / "evidence.md"
STRUCTS = (blocks.LightBlock, blocks.BlockHeader, blocks.Commit, blocks.Vote, blocks.Validator, blocks.BlockId)


@pytest.mark.parametrize("struct", [*STRUCTS, blocks.Timestamp, trusted.Trusted])
def test_the_page_names_every_field(struct: type[msgspec.Struct]) -> None:
    named = set(re.findall(r"[`.]([a-z_]+)(?:\[\])?`", PAGE.read_text(encoding="utf-8")))
    assert set(struct.__struct_fields__) <= named


def case() -> tuple[dict[str, Any], Any]:
    """The recorded run's last header, reached from its first; no checkpoint, which its application does not know."""
    found = bridge(lambda height: BLOCKS[height - 1], BLOCKS[0], len(BLOCKS))
    file = {"network": "test", "checkpoint": "test.example/log\nnone\n", "light": found}
    return json.loads(msgspec.json.encode(file)), trust("test", "test.example/log", BLOCKS[0])


def said(folder: Path, file: dict[str, Any], beginning: Any) -> str:
    """What the page's verifier says of this file."""
    (folder / "verifier.py").write_text(code_of(PAGE, "python")[1], encoding="utf-8")
    (folder / "evidence.json").write_text(json.dumps(file))
    (folder / "trusted.json").write_bytes(msgspec.json.encode(beginning))
    command = [sys.executable, "-I", "verifier.py", "evidence.json", "trusted.json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


def test_the_verifier_of_the_page_follows_the_real_cometbft(tmp_path: Path) -> None:
    file, beginning = case()
    told = said(tmp_path, file, beginning)
    assert f"trusted: height 1 hash {beginning.fingerprint}" in told
    assert told.count("signed by") == 2
    assert "FAILS: the header carries another checkpoint" in told, "every step before it held"
    assert "FAILS: a third of those trusted" in said(tmp_path, {**file, "light": file["light"][-1:]}, beginning)


def test_the_verifier_of_the_page_holds_what_ours_holds(tmp_path: Path) -> None:
    text, powers = "test.example/log\n1\n", {1: 10, 2: 10, 3: 10}
    last = block(9, powers, app_hash=sha256(text.encode()).digest())
    file = json.loads(msgspec.json.encode({"network": "test", "checkpoint": text, "light": [last]}))
    beginning = trust("test", "test.example/log", block(3, powers))
    assert "CHECKPOINT HOLDS" in said(tmp_path, file, beginning)
    noted = {**file, "checkpoint": text + "\n— a AAAAAAA=\n"}
    assert "CHECKPOINT HOLDS" in said(tmp_path, noted, beginning)
    places = [path for path in leaves(file) if not str(path[-1]).isdigit()]
    for path in places[:: max(1, len(places) // 12)]:
        false = json.loads(json.dumps(file))
        before = at(file, path)
        other = before + 1 if isinstance(before, int) else ("B" if before[:1] == "A" else "A") + before[1:]
        at(false, path[:-1])[path[-1]] = other
        assert "HOLDS" not in said(tmp_path, false, beginning), path
