"""Company prefixes: known when told or seen, and otherwise not."""

import pytest

from sogdia.standards.gs1 import prefixes
from sogdia.standards.gs1.prefixes import PrefixLengths


def test_nothing_is_known_at_first():
    assert PrefixLengths().length_in("0614141123452") is None
    assert len(PrefixLengths()) == 0


def test_the_longest_known_prefix_is_taken():
    known = PrefixLengths(["061414", "0614141"])
    assert known.length_in("0614141123452") == 7
    assert known.length_in("0614149123452") == 6
    assert known.length_in("9521141123452") is None
    assert known.length_in("061414") == 6
    assert known.length_in("06141") is None


@pytest.mark.parametrize(
    ("urn", "learned"),
    [
        ("urn:epc:id:sgtin:0614141.112345.400", 1),
        ("urn:epc:class:lgtin:0614141.112345.A", 1),
        ("urn:epc:idpat:sgtin:0614141.112345.*", 1),
        ("urn:epc:idpat:sgtin:*.*.*", 0),
        ("urn:epc:id:gid:95100000.12345.400", 0),
        ("urn:epc:id:usdod:123456.789", 0),
        ("urn:epc:id:sgtin:06141.112345.400", 0),
        ("https://id.gs1.org/01/10614141123459", 0),
    ],
)
def test_a_urn_shows_its_prefix_unless_its_numbers_are_not_gs1s(urn: str, learned: int):
    known = PrefixLengths()
    known.see(urn)
    assert len(known) == learned


@pytest.mark.parametrize("prefix", ["", "06141", "0614141123452", "061414A", "٠٦١٤١٤", "061414\n"])
def test_what_is_no_prefix_is_refused(prefix: str):
    with pytest.raises(ValueError, match="6 to 12 digits"):
        PrefixLengths().tell(prefix)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(prefixes, "PREFIXES_LIMIT", 2)
    known = PrefixLengths(["061414", "095060"])
    known.see("urn:epc:id:sscc:4012345.0000000001")
    assert len(known) == 2
