"""Who is this DID: the answer of a universal resolver, and that of a resolver of the Xinghuo network."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from litestar import Response, get

from sogdia.core.receipt import decode_outcome
from sogdia.core.state import Committed
from sogdia.domains.identity.state import KEYS, PARTIES
from sogdia.engines.kept import BeforeBase
from sogdia.interfaces.http.description import Parameter, about
from sogdia.interfaces.http.desk import JSON, aside, desk_of, json_bytes, one_parameter, part
from sogdia.interfaces.http.problems import AnyRequest, Problem
from sogdia.standards.did import bif
from sogdia.standards.did.resolution import Resolution, bif_answer, resolve

if TYPE_CHECKING:
    from sogdia.app import Node

_FORMS = ("w3c", "bif")


@get(
    "/did/{did:str}",
    opt=about(
        Parameter("did", "a did:bid on record here, or a did:key", place="path"),
        Parameter("form", "w3c (as the universal resolver) or bif (Xinghuo network)", required=False),
        codes={
            404: "not on record",
            410: "it has no key in force; in the bif form, it came on record before this node's history begins",
            501: "a method that is not resolved here",
        },
    ),
)
async def did_document(request: AnyRequest) -> Response[bytes]:
    """The DID document of a party with its keys in force; anyone may ask.

    A node that joined by a snapshot does not know when a party from before came on record: `created` is left out then,
    and the bif form, which must hold it, is a problem that says where to ask.
    """
    node, did, form = desk_of(request).node, part(request, "did"), one_parameter(request, "form", "w3c")
    if form not in _FORMS:
        raise Problem(400, "parameter_bad", parameter="form", expected=", ".join(_FORMS))
    if form == "bif":
        found = await aside(document, node, did)
        if found is not None and not found.created:
            raise BeforeBase(node.engine.base.height)
        return Response(json_bytes(bif_answer(found)), status_code=200 if found else 404, media_type=JSON)
    resolved: Resolution = await aside(resolve, did, lambda wanted: document(node, wanted))
    return Response(json_bytes(resolved), status_code=resolved.http_status, media_type=JSON)


def document(node: "Node", did: str) -> bif.Document | None:
    """The party's document in the form of the Xinghuo network, unsigned, or None when it is not on record.

    `created` is empty when the party came on record before the node's history begins.
    """
    state = Committed(node.store, cached=0)
    if "\0" in did:
        return None
    party = PARTIES.get(state, did)
    if party is None:
        return None
    held = [key for key in KEYS.starting(state, did + "#") if key.purpose == "sign" and not key.retired_height]
    public = {key.id: bytes.fromhex(key.public) for key in held}
    return bif.new_document(did, public, _created(node, did), bytes.fromhex(party.agreement))


def _created(node: "Node", did: str) -> str:
    if node.engine.stood_at_base(PARTIES.path(did)):
        return ""  # what wrote it since is not what made it
    height = node.history(PARTIES.name, did)[0][0]
    time_ms = decode_outcome(node.engine.outcome_at(height)).seal.time_ms
    return datetime.fromtimestamp(time_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
