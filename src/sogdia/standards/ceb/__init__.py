"""China Customs' messages for cross-border e-commerce (CEB, version 202205): read, judged, written, signed.

One table of facts (`facts.MESSAGES`) says what each message holds; everything here is derived from it. Pure: bytes on
one side, plain data on the other, no file, no network, no clock; guid and times are the caller's.

    >>> from sogdia.standards.ceb import build, example, parse, validate
    >>> order = example(311)                          # or a Document of your own
    >>> validate(order)
    []
    >>> parse(build(order)) == order
    True
    >>> order.nodes[0].head["currency"] = "840"
    >>> [(each.place, each.code, each.expected) for each in validate(order)]
    [('CEB311 node 1 currency', 'not_allowed', '142')]

Messages: import 311, 411, 511, 513, 621, 816; export 303, 505, 603; receipts 312, 412, 512, 514, 622, 304, 506, 604.
`sign` and `verify` add and check the XML signature; `meaning` reads a receipt's code. Every exception is a `CebError`.
"""

from sogdia.standards.ceb.build import build
from sogdia.standards.ceb.document import BaseSubscribe, BaseTransfer, Document, Extension, Node, Record, Value
from sogdia.standards.ceb.errors import BuildRefused, CebError, MissingExtra, SignRefused, XmlRefused
from sogdia.standards.ceb.examples import example
from sogdia.standards.ceb.facts import MESSAGES, answers
from sogdia.standards.ceb.fields import NAMESPACE, Field, Message
from sogdia.standards.ceb.parse import parse
from sogdia.standards.ceb.problems import Problem
from sogdia.standards.ceb.receipts import ERROR_NAMES, PERMITTED, STATUS_NAMES, Meaning, meaning, permits
from sogdia.standards.ceb.safe_xml import Limits
from sogdia.standards.ceb.sign import (
    ALGORITHMS,
    RSA_SHA1,
    RSA_SHA256,
    SM2_SM3,
    Algorithm,
    SignatureReport,
    sign,
    verify,
)
from sogdia.standards.ceb.sm2 import Sm2PrivateKey
from sogdia.standards.ceb.validate import validate

__all__ = [
    "ALGORITHMS",
    "ERROR_NAMES",
    "MESSAGES",
    "NAMESPACE",
    "PERMITTED",
    "RSA_SHA1",
    "RSA_SHA256",
    "SM2_SM3",
    "STATUS_NAMES",
    "Algorithm",
    "BaseSubscribe",
    "BaseTransfer",
    "BuildRefused",
    "CebError",
    "Document",
    "Extension",
    "Field",
    "Limits",
    "Meaning",
    "Message",
    "MissingExtra",
    "Node",
    "Problem",
    "Record",
    "SignRefused",
    "SignatureReport",
    "Sm2PrivateKey",
    "Value",
    "XmlRefused",
    "answers",
    "build",
    "example",
    "meaning",
    "parse",
    "permits",
    "sign",
    "validate",
    "verify",
]
