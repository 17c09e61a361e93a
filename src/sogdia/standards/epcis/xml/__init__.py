"""EPCIS as XML: 1.2 and 2.0 to the model, and the model to either.

`read` gives what `documents.read_document` gives for JSON, and tells what it put right where it was asked to. `write`
makes a document that is valid by the XSD, and names what the version that was asked for cannot say.
"""

from sogdia.standards.epcis.repairing.told import Repair, Tolerance
from sogdia.standards.epcis.xml.changes import Loss
from sogdia.standards.epcis.xml.envelope import BusinessHeader
from sogdia.standards.epcis.xml.layouts import Version
from sogdia.standards.epcis.xml.reading import Reading, XmlReader, read
from sogdia.standards.epcis.xml.stream import Limits
from sogdia.standards.epcis.xml.writing import Written, write

__all__ = [
    "BusinessHeader",
    "Limits",
    "Loss",
    "Reading",
    "Repair",
    "Tolerance",
    "Version",
    "Written",
    "XmlReader",
    "read",
    "write",
]
