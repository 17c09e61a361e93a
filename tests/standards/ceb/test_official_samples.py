"""The customs package itself, when it is at hand: its samples pass our schema rules, our messages pass its schemas.

Set SOGDIA_CEB_SAMPLES to the directory that holds the package of China Customs (version 202205).
"""

import os
from pathlib import Path

import pytest
from lxml import etree

from sogdia.standards.ceb import MESSAGES, CebError, build, example, parse, validate

FOLDER = os.environ.get("SOGDIA_CEB_SAMPLES", "")
NEEDED = pytest.mark.skipif(not FOLDER, reason="SOGDIA_CEB_SAMPLES does not name the customs package")
KNOWN_FAULTS = {"duplicate_element", "unsigned"}
"""Eight export samples carry a second BaseTransfer; signatures of the samples are decorative or absent."""


def files(pattern: str) -> list[Path]:
    return sorted(Path(FOLDER).rglob(pattern)) if FOLDER else []


@NEEDED
@pytest.mark.parametrize("path", files("*.xml"), ids=lambda path: path.name)
def test_an_official_sample_breaks_no_schema_rule_that_was_read(path: Path) -> None:
    try:
        document = parse(path.read_bytes())
    except CebError as error:
        pytest.skip(f"not a message of the table: {error}")
    schema = [each for each in validate(document) if each.layer == "schema" and each.certainty == "read"]
    assert [each.explain() for each in schema if each.code not in KNOWN_FAULTS] == []


@NEEDED
@pytest.mark.parametrize("number", sorted(MESSAGES))
def test_our_example_passes_the_official_schema(number: int) -> None:
    found = files(f"*CEB{number}Message*.xsd") + files(f"*CEB{number}*.xsd")
    if not found:
        pytest.skip(f"no schema of CEB{number} in the customs package")
    schema = etree.XMLSchema(file=str(found[0]))
    document = example(number, lines=2, full=True)
    document.nodes[0].head.update({"appStatus": "1"} if "appStatus" in document.nodes[0].head else {})
    assert schema.validate(etree.fromstring(build(document))), schema.error_log
