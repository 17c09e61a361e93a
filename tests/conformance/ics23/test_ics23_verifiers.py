"""State proofs before verifiers that we did not write: npm's @confio/ics23 and the crate ics23 of the IBC protocol.

The crate has today's SmtSpec whole. The npm package is older: it compares neighbours by the key that it is given and
knows no empty children, so absences are shown to it with hashed keys, and only those without an empty sibling count.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec
import pytest

from sogdia.core.store import MemoryStore
from sogdia.core.tree import EMPTY, Absence, Membership, Tree
from sogdia.standards.ics23 import encode

HERE = Path(__file__).parent

NEAR = [b"near-%d" % number for number in (815667, 1157548, 1215628, 1748550, 1995380)]  # places share 18 bits
PAIRS = {b"declaration-%d" % number: b"released %d" % number for number in range(1200)} | dict.fromkeys(
    NEAR[:4], b"near"
)
ABSENT = [*(b"receivable-%d" % number for number in range(900)), NEAR[4]]


class Question(msgspec.Struct, frozen=True):
    """What a verifier is asked: does this proof show that the key has the value, or has none?"""

    root: bytes
    key: bytes
    value: bytes | None
    proof: bytes
    hashed: bool = False


# --- the verifiers ----------------------------------------------------------------------------------------------------


def run(command: list[str], lines: Iterable[str] = (), cwd: Path = HERE) -> list[str]:
    text = "".join(f"{line}\n" for line in lines)
    done = subprocess.run(command, cwd=cwd, input=text, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise OSError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-500:]}")
    return done.stdout.splitlines()


def need(*programs: str) -> None:
    for program in programs:
        if not shutil.which(program):
            pytest.skip(f"NOT CHECKED by a verifier of others: there is no {program} on this machine")


@pytest.fixture(scope="module")
def npm() -> None:
    need("node", "npm")
    if (HERE / "node_modules").exists():
        return
    with tempfile.TemporaryDirectory(dir=HERE, prefix="node_modules.") as scratch:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, scratch)
        try:
            run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=Path(scratch))
        except (OSError, subprocess.TimeoutExpired) as reason:
            pytest.skip(f"NOT CHECKED by @confio/ics23: it cannot be installed: {reason}")
        if not (HERE / "node_modules").exists():  # another worker may have been faster
            (Path(scratch) / "node_modules").rename(HERE / "node_modules")


@pytest.fixture(scope="module")
def crate() -> Path:
    need("cargo")
    try:
        run(["cargo", "build", "--quiet"])
    except (OSError, subprocess.TimeoutExpired) as reason:
        pytest.skip(f"NOT CHECKED by the crate ics23: it cannot be built: {reason}")
    return HERE / "target" / "debug" / "verify"


def ask_npm(questions: list[Question]) -> list[bool]:
    lines = [
        json.dumps(
            {
                "root": one.root.hex(),
                "key": one.key.hex(),
                "value": None if one.value is None else one.value.hex(),
                "proof": one.proof.hex(),
                "hashed": one.hashed,
            }
        )
        for one in questions
    ]
    return answers(run(["node", "verify.mjs"], lines), questions)


def ask_crate(crate: Path, questions: list[Question]) -> list[bool]:
    lines = [
        f"{one.root.hex()} {one.key.hex()} {'-' if one.value is None else one.value.hex()} {one.proof.hex()}"
        for one in questions
    ]
    return answers(run([str(crate)], lines), questions)


def answers(lines: list[str], questions: list[Question]) -> list[bool]:
    assert len(lines) == len(questions)
    assert set(lines) <= {"true", "false"}
    return [line == "true" for line in lines]


# --- the proofs -------------------------------------------------------------------------------------------------------


def a_tree(pairs: Mapping[bytes, bytes]) -> Tree:
    store = MemoryStore()
    tree = Tree(store, cut=9)
    staged = tree.stage(pairs)
    store.write(staged.puts)
    tree.apply(staged)
    return tree


TREE = a_tree(PAIRS)


def absence(tree: Tree, key: bytes) -> Absence:
    proof = tree.prove(key, PAIRS.get)
    assert isinstance(proof, Absence)
    return proof


def memberships(*, hashed: bool = False) -> list[Question]:
    return [
        Question(TREE.root, key, value, encode(TREE.prove(key, PAIRS.get), hashed_keys=hashed), hashed)
        for key, value in PAIRS.items()
    ]


def absences(keys: Iterable[bytes], *, hashed: bool = False) -> list[Question]:
    return [Question(TREE.root, key, None, encode(absence(TREE, key), hashed_keys=hashed), hashed) for key in keys]


def has_empty_sibling(proof: Absence) -> bool:
    return any(EMPTY in side.path for side in (proof.left, proof.right) if side is not None)


PLAIN_ABSENT = [key for key in ABSENT if not has_empty_sibling(absence(TREE, key))]
HARD_ABSENT = [key for key in ABSENT if has_empty_sibling(absence(TREE, key))]


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def altered(questions: list[Question]) -> list[Question]:
    """Each question again with one thing changed: the root, key or value asked about, or the proof cut short."""
    out: list[Question] = []
    replace = msgspec.structs.replace
    for at, one in enumerate(questions):
        out.append(replace(one, root=flipped(one.root, at % 256)))
        out.append(replace(one, proof=one.proof[: 7919 * at % len(one.proof)]))
        if one.value is not None:
            out.append(replace(one, key=flipped(one.key, at % (8 * len(one.key)))))
            out.append(replace(one, value=flipped(one.value, at % (8 * len(one.value)))))
            out.append(replace(one, value=None))
    return out


def with_a_bit_flipped(questions: list[Question]) -> list[Question]:
    """Each question again with one bit of the proof's bytes flipped, hash or frame.

    The key field of an absence is left alone: verifiers go by the key they are asked about and do not read it.
    """
    out: list[Question] = []
    for at, one in enumerate(questions):
        start = 0 if one.value is not None else 8 * (one.proof.index(one.key) + len(one.key))
        proof = flipped(one.proof, start + 7919 * at % (8 * len(one.proof) - start))
        out.append(msgspec.structs.replace(one, proof=proof))
    return out


def bent(proof: Membership, at: int) -> Membership:
    """The proof with one bit changed, of a sibling hash or of the value."""
    if at % 7 == 0:
        return msgspec.structs.replace(proof, value=flipped(proof.value, at % (8 * len(proof.value))))
    step = at % len(proof.path)
    path = (*proof.path[:step], flipped(proof.path[step], at % 256), *proof.path[step + 1 :])
    return msgspec.structs.replace(proof, path=path)


def bent_questions(keys: Iterable[bytes], *, hashed: bool) -> list[Question]:
    """What is asked of each key, with a proof that was changed in one bit before it was encoded."""
    out: list[Question] = []
    for at, key in enumerate(keys):
        proof = TREE.prove(key, PAIRS.get)
        if isinstance(proof, Membership):
            proof = bent(proof, at)
        elif proof.left is not None and (at % 2 or proof.right is None):
            proof = Absence(key, bent(proof.left, at), proof.right)
        elif proof.right is not None:
            proof = Absence(key, proof.left, bent(proof.right, at))
        out.append(Question(TREE.root, key, PAIRS.get(key), encode(proof, hashed_keys=hashed), hashed))
    return out


def false_absences(*, hashed: bool = False) -> list[Question]:
    """Claims that a held key is absent, and absences whose neighbours skip a leaf, change sides or are left out."""
    claims: list[Absence] = []
    held = list(PAIRS)
    for at, key in enumerate(ABSENT[:150]):
        proof, stranger = absence(TREE, key), TREE.prove(held[at], PAIRS.get)
        assert isinstance(stranger, Membership)
        claims += [
            Absence(held[at], proof.left, proof.right),
            Absence(held[at], stranger, stranger),
            Absence(key, proof.right, proof.left),
            Absence(key, stranger, proof.right) if stranger != proof.left else Absence(key, proof.right, stranger),
            Absence(key, proof.left, None) if proof.right else Absence(key, None, proof.left),
        ]
    return [Question(TREE.root, one.key, None, encode(one, hashed_keys=hashed), hashed) for one in claims]


# --- what they say ----------------------------------------------------------------------------------------------------


def test_the_proofs_at_hand_are_many_and_of_every_sort() -> None:
    assert len(PLAIN_ABSENT) > 200
    assert len(HARD_ABSENT) > 50
    assert max(len(one.path) for key in NEAR[:4] if isinstance(one := TREE.prove(key, PAIRS.get), Membership)) > 18


@pytest.mark.node
@pytest.mark.usefixtures("npm")
@pytest.mark.parametrize("hashed", [False, True])
def test_npm_accepts_every_membership_and_refuses_every_altered_one(hashed: bool) -> None:
    assert all(ask_npm(memberships(hashed=hashed)))
    assert not any(ask_npm(altered(memberships(hashed=hashed))))
    assert not any(ask_npm(bent_questions(PAIRS, hashed=hashed)))


@pytest.mark.node
@pytest.mark.usefixtures("npm")
def test_npm_accepts_every_absence_that_it_can_express_and_refuses_altered_ones() -> None:
    assert all(ask_npm(absences(PLAIN_ABSENT, hashed=True)))
    assert not any(ask_npm(altered(absences(PLAIN_ABSENT, hashed=True))))
    assert not any(ask_npm(bent_questions(PLAIN_ABSENT, hashed=True)))
    assert not any(ask_npm(false_absences(hashed=True)))


def test_the_ibc_crate_accepts_every_membership_and_refuses_every_altered_one(crate: Path) -> None:
    assert all(ask_crate(crate, memberships()))
    assert not any(ask_crate(crate, altered(memberships())))
    assert not any(ask_crate(crate, with_a_bit_flipped(memberships())))


def test_the_ibc_crate_accepts_every_absence_and_refuses_altered_ones(crate: Path) -> None:
    assert all(ask_crate(crate, absences(ABSENT)))
    assert not any(ask_crate(crate, altered(absences(ABSENT))))
    assert not any(ask_crate(crate, with_a_bit_flipped(absences(ABSENT))))
    assert not any(ask_crate(crate, false_absences()))


def test_the_ibc_crate_accepts_proofs_from_trees_of_one_and_two_leaves(crate: Path) -> None:
    questions: list[Question] = []
    for count in (1, 2):
        tree = a_tree(dict(list(PAIRS.items())[:count]))
        key, value = next(iter(PAIRS.items()))
        questions.append(Question(tree.root, key, value, encode(tree.prove(key, PAIRS.get))))
        questions += [Question(tree.root, one, None, encode(absence(tree, one))) for one in ABSENT[:20]]
    assert all(ask_crate(crate, questions))
