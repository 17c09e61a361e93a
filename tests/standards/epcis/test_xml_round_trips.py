"""Whatever an event says, it says after it was XML of either version, and GS1's XSD takes the XML."""

from collections.abc import Iterable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sogdia.standards.epcis.model import AnyEvent, Document
from sogdia.standards.epcis.xml import BusinessHeader, Loss, read, write
from tests.standards.epcis import events as made
from tests.standards.epcis.gs1_files import needs_gs1_files
from tests.standards.epcis.xml_judges import as_xml_has_it, xsd_faults

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
HEADER = BusinessHeader(sender="urn:epc:id:pgln:9506000.13860", receiver="urn:epc:id:pgln:9506000.13861", document="7")
CREATED = "2026-05-28T20:33:31.116Z"


def document(*events: AnyEvent) -> Document:
    return Document(creation_date=CREATED, events=events)


def really_lost(losses: Iterable[Loss]) -> list[Loss]:
    return [loss for loss in losses if not loss.carried]


def come_back(event: AnyEvent, version: str) -> None:
    written = write(document(event), version)  # type: ignore[arg-type]
    if really_lost(written.losses):
        return
    reading = read(written.xml)
    assert reading.faults == []
    assert reading.version == version
    assert reading.document.events == (as_xml_has_it(event),)


@QUICK
@given(made.events())
def test_an_event_comes_back_from_2_0(event: AnyEvent) -> None:
    come_back(event, "2.0")


@QUICK
@given(made.events())
def test_an_event_comes_back_from_1_2_although_1_2_knows_less(event: AnyEvent) -> None:
    come_back(event, "1.2")


@QUICK
@given(made.events(texts_only=True))
def test_1_2_to_2_0_and_back_gives_the_same_1_2(event: AnyEvent) -> None:
    first = write(document(event), "1.2")
    later = write(document(*read(first.xml).document.events), "2.0")
    again = write(document(*read(later.xml).document.events), "1.2")
    assert read(again.xml).document == read(first.xml).document
    if not really_lost(first.losses):
        assert again.xml == first.xml


@QUICK
@given(made.documents(), st.sampled_from(["Always_Web_URI", "Always_URN", "No_Preference", "Never_Translates"]))
def test_spelling_changes_nothing_that_is_read(whole: Document, spelling: str) -> None:
    written = write(whole, "2.0", spelling)  # type: ignore[arg-type]
    assert read(written.xml).document.events == read(write(whole, "2.0").xml).document.events


@QUICK
@given(made.documents(texts_only=True), st.sampled_from(["", "all-shipments"]))
def test_master_data_and_the_head_come_back(whole: Document, query: str) -> None:
    whole = replace(whole, query_name=query, subscription_id=query and "17")
    found = read(write(whole, "2.0").xml).document
    assert (found.creation_date, found.query_name, found.subscription_id) == (
        whole.creation_date,
        whole.query_name,
        whole.subscription_id,
    )
    kinds = {kind.type: () for kind in whole.vocabularies}
    for kind in whole.vocabularies:
        kinds[kind.type] += kind.elements
    assert {kind.type: kind.elements for kind in found.vocabularies} == kinds


@needs_gs1_files
@QUICK
@given(made.documents(), st.sampled_from(["1.2", "2.0"]), st.sampled_from([None, HEADER]), st.booleans())
def test_the_xsd_takes_what_is_written(
    whole: Document, version: str, header: BusinessHeader | None, is_answer: bool
) -> None:
    whole = replace(whole, query_name="all" if is_answer else "")
    written = write(whole, version, "Always_Web_URI", header)  # type: ignore[arg-type]
    assert xsd_faults(written.xml, version) == []
