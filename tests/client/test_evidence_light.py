"""Evidence of a network of organisations: light blocks lead from a trusted header to the checkpoint's text."""

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from sogdia.app import FIELDS
from sogdia.client import evidence
from sogdia.client.evidence import Check
from sogdia.client.light.blocks import LightBlock
from sogdia.client.light.bridge import bridge
from sogdia.client.light.trusted import Trusted, trust
from sogdia.core import note
from tests.client.evidence_case import Case, at, leaves, other_values
from tests.client.light.signers import FIRST_SECOND, Powers, block, chain, signed
from tests.simulation import world

DAY_MS = 86_400_000
SETS: list[Powers] = [dict.fromkeys(range(height // 10, height // 10 + 4), 10) for height in range(40)]
TARGET = len(SETS)


class NetworkCase(Case):
    """The trade's evidence as a network would give it: nobody's note, and blocks that lead to its checkpoint."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.text = note.split(self.file["checkpoint"].encode())[0]
        self.blocks = chain(SETS)
        self.blocks[-1] = block(TARGET, SETS[-1], app_hash=sha256(self.text.encode()).digest())
        self.trusted = trust(world.NETWORK, world.ORIGIN, self.blocks[4])
        self.light = bridge(lambda height: self.blocks[height - 1], self.blocks[0], TARGET)
        self.file |= {"checkpoint": self.text, "light": plain(self.light)}
        self.file["earlier"]["checkpoint"] = note.split(self.file["earlier"]["checkpoint"].encode())[0]
        self.raw = self.altered(lambda file: None)

    def checks(self, raw: bytes) -> list[Check]:
        """From the trusted header alone."""
        return evidence.verify(evidence.read(raw), fields=FIELDS, trusted=self.trusted)

    def with_light(self, *blocks: LightBlock) -> bytes:
        """The file with other light blocks."""
        return self.altered(lambda file: file.update(light=plain(blocks)))

    def last_of(self, raw: bytes) -> Check:
        """The check at which the verifier stopped."""
        return self.checks(raw)[-1]


def plain(blocks: tuple[LightBlock, ...]) -> Any:
    return json.loads(msgspec.json.encode(blocks))


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NetworkCase]:
    made = NetworkCase(tmp_path_factory.mktemp("node"))
    yield made
    made.node.close()


def test_it_holds_from_a_trusted_header_and_says_who_signed(case: NetworkCase) -> None:
    checks = case.checks(case.raw)
    assert [check for check in checks if not check.holds] == []
    said = {check.name: check.detail for check in checks}
    assert said["trusted header"] == f"height 5 of chain signers-1, hash {case.trusted.fingerprint}"
    heights = [one.height for one in case.light]
    assert len(heights) > 1
    assert [name for name in said if name.startswith("light block")] == [f"light block {height}" for height in heights]
    assert said[f"light block {TARGET}"].startswith("signed by 4 of 4 validators, power 40 of 40; of those trusted")
    assert said["checkpoint"].startswith(f"in the header of height {TARGET} of chain signers-1: height ")
    assert "by the log alone" in said["history"]


def test_whatever_header_before_it_is_trusted_the_same_file_holds(case: NetworkCase) -> None:
    found = evidence.read(case.raw)
    for height in range(1, TARGET + 1):
        trusted = Trusted("sogdia-trusted/1", world.NETWORK, "signers-1", world.ORIGIN, *_known(case, height))
        assert evidence.holds(evidence.verify(found, fields=FIELDS, trusted=trusted)), height


def _known(case: NetworkCase, height: int) -> tuple[Any, Any]:
    return case.blocks[height - 1].header, case.blocks[min(height, TARGET - 1)].validators


def test_a_note_that_organisations_signed_holds_as_well_as_its_bare_text(case: NetworkCase) -> None:
    noted = note.sign(case.text, "organisation.example/one", world.PLATFORMS[0].key).decode()
    assert case.fails(case.altered(lambda file: file.update(checkpoint=noted))) == []


def test_a_file_without_light_blocks_reads_as_it_did_before(case: NetworkCase) -> None:
    raw = case.altered(lambda file: file.pop("light"))
    assert evidence.read(raw).light == ()
    assert case.last_of(raw).detail == "the header of height 5 carries another text than this"


def test_when_the_trusted_header_itself_carries_the_text_no_light_block_is_needed(case: NetworkCase) -> None:
    trusted = trust(world.NETWORK, world.ORIGIN, case.blocks[-1])
    found = evidence.read(case.with_light())
    assert evidence.holds(evidence.verify(found, fields=FIELDS, trusted=trusted))


# --- what is altered, left out, or another --------------------------------------------------------------------------


def test_every_value_of_the_light_blocks_counts(case: NetworkCase) -> None:
    places = [path for path in leaves(case.file) if path[0] == "light"]
    assert len(places) > 60
    for path in places:
        for other in other_values(at(case.file, path)):

            def change(file: Any, path: tuple[Any, ...] = path, other: Any = other) -> None:
                at(file, path[:-1])[path[-1]] = other

            raw = case.altered(change)
            assert case.says_the_same(raw) or case.fails(raw), f"{path} may be {other!r} and nobody notices"


def test_every_character_of_the_checkpoint_counts(case: NetworkCase) -> None:
    for place in range(len(case.text)):
        letter = "x" if case.text[place] != "x" else "y"
        false = case.text[:place] + letter + case.text[place + 1 :]
        assert case.fails(case.altered(lambda file, text=false: file.update(checkpoint=text)))


def test_a_text_in_front_of_or_behind_the_true_one_does_not_hold(case: NetworkCase) -> None:
    for false in (case.text + "more\n", "more\n" + case.text, case.text + "\n" + case.text, case.text[:-1], ""):
        assert case.fails(case.altered(lambda file, text=false: file.update(checkpoint=text)))


def test_the_first_block_that_does_not_hold_is_named_and_nothing_after_it_is_believed(case: NetworkCase) -> None:
    first, *rest = case.light
    false = replace(first, header=replace(first.header, app_hash=bytes(32 * [1])))
    checks = case.checks(case.with_light(false, *rest))
    assert [(check.name, check.holds) for check in checks] == [
        ("trusted header", True),
        (f"light block {first.height}", False),
        ("checkpoint", False),
    ]
    assert "does not hold" in checks[1].detail


def test_a_block_in_between_cannot_be_left_out(case: NetworkCase) -> None:
    assert case.fails(case.with_light(case.light[-1])) == [f"light {TARGET}", "checkpoint checkpoint"]


def test_the_last_header_must_carry_the_text(case: NetworkCase) -> None:
    assert case.last_of(case.with_light(*case.light[:-1])).detail.endswith("carries another text than this")


def test_a_header_that_only_strangers_signed_carries_nothing(case: NetworkCase) -> None:
    strangers = dict.fromkeys(range(90, 94), 10)
    forged = block(TARGET, strangers, app_hash=case.light[-1].header.app_hash)
    assert case.fails(case.with_light(forged)) == [f"light {TARGET}", "checkpoint checkpoint"]


def test_evidence_that_is_older_than_the_trusted_header_says_what_to_do(case: NetworkCase) -> None:
    newer = trust(world.NETWORK, world.ORIGIN, block(TARGET + 5, SETS[-1]))
    last = evidence.verify(evidence.read(case.raw), fields=FIELDS, trusted=newer)[-1]
    assert (last.name, last.holds) == ("checkpoint", False)
    assert (
        last.detail == "it stands at height 40, below the trusted 45: ask for newer evidence, or trust an older header"
    )


def test_a_fork_at_the_trusted_height_is_refused(case: NetworkCase) -> None:
    fork = signed(replace(case.blocks[4].header, app_hash=case.light[-1].header.app_hash), SETS[4])
    assert case.fails(case.with_light(fork)) == ["light 5", "checkpoint checkpoint"]


@pytest.mark.parametrize(
    ("network", "origin", "name"), [("other", world.ORIGIN, "trusted"), (world.NETWORK, "o/o", "checkpoint")]
)
def test_the_header_of_another_network_or_log_vouches_for_nothing(
    case: NetworkCase, network: str, origin: str, name: str
) -> None:
    trusted = trust(network, origin, case.blocks[4])
    checks = evidence.verify(evidence.read(case.raw), fields=FIELDS, trusted=trusted)
    assert next(check.name.split(" ")[0] for check in checks if not check.holds) == name


@pytest.mark.parametrize("earlier", ["rewritten", "another origin"])
def test_an_earlier_checkpoint_must_be_continued_by_the_log(case: NetworkCase, earlier: str) -> None:
    def change(file: Any) -> None:
        text = file["earlier"]["checkpoint"].split("\n")
        place, value = (2, "A" * 43 + "=") if earlier == "rewritten" else (0, "another/log")
        file["earlier"]["checkpoint"] = "\n".join([*text[:place], value, *text[place + 1 :]])

    assert case.fails(case.altered(change)) == ["history history"]


def test_light_blocks_mean_nothing_to_whoever_trusts_a_key(case: NetworkCase) -> None:
    (check,) = evidence.verify(evidence.read(case.raw), case.key, FIELDS)
    assert (check.name, check.holds) == ("checkpoint", False)


# --- how long a header is trusted -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age_ms", "holds"), [(0, True), (30 * DAY_MS, True), (30 * DAY_MS + 1, False), (-60_000, True), (-DAY_MS, False)]
)
def test_a_trusting_period_is_counted_from_the_trusted_header(case: NetworkCase, age_ms: int, holds: bool) -> None:
    now_ms = (FIRST_SECOND + 5) * 1000 + age_ms
    found = evidence.read(case.raw)
    checks = evidence.verify(found, fields=FIELDS, trusted=case.trusted, now_ms=now_ms, trusting_period_ms=30 * DAY_MS)
    assert {check.name: check.holds for check in checks}["trusting period"] == holds
    assert evidence.holds(checks) == holds


@pytest.mark.parametrize(
    "given",
    [
        lambda case: {},
        lambda case: {"network_key": case.key, "trusted": case.trusted},
        lambda case: {"trusted": case.trusted, "now_ms": 1},
        lambda case: {"trusted": case.trusted, "trusting_period_ms": 1},
    ],
)
def test_what_is_trusted_is_said_once_and_whole(
    case: NetworkCase, given: Callable[[NetworkCase], dict[str, Any]]
) -> None:
    with pytest.raises(ValueError, match="a network key or a trusted header"):
        evidence.verify(evidence.read(case.raw), **given(case))
