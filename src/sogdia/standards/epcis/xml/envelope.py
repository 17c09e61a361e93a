"""What stands around the events: the first element, the header with master data, the list of events.

Source: XSD 2.0 and 1.2; the business header (SBDH) of UN/CEFACT, which 1.2 demands wherever there is a header.
"""

from typing import Final

import msgspec
from lxml import etree

from sogdia.standards.epcis.model import Document
from sogdia.standards.epcis.xml.foreign_writing import Lost
from sogdia.standards.epcis.xml.layouts import Version
from sogdia.standards.epcis.xml.master_data import write_vocabularies
from sogdia.standards.epcis.xml.names import BUILT_IN, EPCIS, QUERY, SBDH, XSD, XSI, declared
from sogdia.standards.epcis.xml.shapes import time_or_none
from sogdia.standards.epcis.xml.stream import refusal

_SHARED: Final = {"cbvmda": BUILT_IN["cbvmda"], "gs1": BUILT_IN["gs1"], "xsd": XSD, "xsi": XSI}


class BusinessHeader(msgspec.Struct, frozen=True):
    """Who sends a document to whom, each a URI or number, and the sender's number of it."""

    sender: str
    receiver: str
    document: str


def write_envelope(
    document: Document, version: Version, business_header: BusinessHeader | None, lost: Lost
) -> tuple[etree._Element, etree._Element]:
    """The first element, and the empty list for events in it. Raises Refused without a date of creation."""
    created = time_or_none(document.creation_date)
    if created is None:
        raise refusal(
            "creationDate", document.creation_date, "is no time that XML has", "say when the document was made"
        )
    is_answer = document.query_name != ""
    space, prefix, name = (QUERY, "epcisq", "EPCISQueryDocument") if is_answer else (EPCIS, "epcis", "EPCISDocument")
    namespaces = declared(document.context) | {prefix: space[version], **_SHARED}
    root = etree.Element(f"{{{space[version]}}}{name}", nsmap=namespaces)
    root.set("schemaVersion", version)
    root.set("creationDate", created)
    _write_header(root, document, version, business_header, lost)
    body = etree.SubElement(root, "EPCISBody")
    if is_answer:
        body = _results(body, document, version)
    return root, etree.SubElement(body, "EventList")


def _results(body: etree._Element, document: Document, version: Version) -> etree._Element:
    results = etree.SubElement(body, f"{{{QUERY[version]}}}QueryResults")
    etree.SubElement(results, "queryName").text = document.query_name
    if document.subscription_id:
        etree.SubElement(results, "subscriptionID").text = document.subscription_id
    return etree.SubElement(results, "resultsBody")


def _write_header(
    root: etree._Element, document: Document, version: Version, business_header: BusinessHeader | None, lost: Lost
) -> None:
    needs_header = version == "1.2" and business_header is None
    if document.vocabularies and needs_header:
        lost("EPCISMasterData", len(document.vocabularies), "need a business header in 1.2, and none was given")
    if business_header is None and (needs_header or not document.vocabularies):
        return
    header = etree.SubElement(root, "EPCISHeader")
    if business_header is not None:
        _write_business_header(header, business_header, root.get("creationDate") or "")
    if document.vocabularies:
        held = etree.SubElement(etree.SubElement(header, "extension"), "EPCISMasterData")
        write_vocabularies(held, document.vocabularies, document.context, lost)


def _write_business_header(parent: etree._Element, given: BusinessHeader, created: str) -> None:
    def put(holder: etree._Element, name: str, text: str | None = None) -> etree._Element:
        element = etree.SubElement(holder, f"{{{SBDH}}}{name}")
        element.text = text
        return element

    header = etree.SubElement(parent, f"{{{SBDH}}}StandardBusinessDocumentHeader", nsmap={"sbdh": SBDH})
    put(header, "HeaderVersion", "1.0")
    for role, party in (("Sender", given.sender), ("Receiver", given.receiver)):
        put(put(header, role), "Identifier", party)
    document = put(header, "DocumentIdentification")
    put(document, "Standard", "EPCglobal")
    put(document, "TypeVersion", "1.0")
    put(document, "InstanceIdentifier", given.document)
    put(document, "Type", "Events")
    put(document, "CreationDateAndTime", created)
