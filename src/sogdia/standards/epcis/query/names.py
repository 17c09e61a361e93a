"""Names made comparable: those of extensions by their namespaces, those of things and places by their canonical URIs.

An extension's name is written out as `{namespace}name`. JSON writes namespaces with a closing `#`, `/` or `:`, XML and
the names of query parameters (`namespace#name`) without; one such character at the end is left away.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from sogdia.standards.epcis.contexts import BUILT_IN
from sogdia.standards.epcis.query.refusals import QueryRefused
from sogdia.standards.epcis.vocabulary import bare
from sogdia.standards.gs1.errors import BadIdentifier
from sogdia.standards.gs1.identifiers import canonical, identity

PREFIX: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_END: Final = re.compile(r"[#/:][^#/:]*\Z")
_MDA_WEB: Final = "https://ref.gs1.org/cbv/mda"
_MDA: Final = "urn:epcglobal:cbv:mda"


def written_out(name: str, context: Mapping[str, str]) -> str:
    """`{namespace}name` of an extension's name in an event: a CURIE, a whole URI, or a bare name, which has none."""
    prefix, colon, local = name.partition(":")
    if not colon:
        return f"{{}}{name}"
    namespace = context.get(prefix) or BUILT_IN.get(prefix)
    if namespace is not None and not local.startswith("//"):
        return _joined(namespace, local)
    return split_uri(name)


def split_uri(uri: str) -> str:
    """`{namespace}name` of a whole URI, divided at its last `#`, `/` or `:`."""
    found = _END.search(uri)
    return f"{{}}{uri}" if found is None else _joined(uri[: found.start()], uri[found.start() + 1 :])


def _joined(namespace: str, local: str) -> str:
    return f"{{{namespace[:-1] if namespace[-1:] in '#/:' else namespace}}}{local}"


def asked_name(parameter: str, name: str, context: Mapping[str, str]) -> str:
    """`{namespace}name` of an extension's name in a query: `prefix:name`, `namespace#name`, or `#name` without one.

    Raises QueryRefused where a prefix stands for nothing.
    """
    namespace, mark, local = name.rpartition("#")
    if mark:
        return _joined(namespace, _local(parameter, local))
    prefix, colon, local = name.partition(":")
    if not colon:
        raise QueryRefused(parameter, "", "this parameter is not known", "see the parameters of EPCIS 2.0, 8.2.7.1")
    if prefix in context or prefix in BUILT_IN:
        return _joined(context.get(prefix) or BUILT_IN[prefix], _local(parameter, local))
    if local.startswith("//") or prefix.lower() == "urn":
        return split_uri(name)
    remedy = f"give it in GS1-Extensions or @context ({prefix}=<namespace>), or write <namespace>#<name>"
    raise QueryRefused(parameter, "", f"the prefix {prefix} stands for no namespace", remedy)


def _local(parameter: str, local: str) -> str:
    if not local or any(char in local for char in "#/: "):
        raise QueryRefused(parameter, "", "it names no field", "write <prefix>:<name> or <namespace>#<name>")
    return local


def expanded(text: str, context: Mapping[str, str]) -> str:
    """A URI for a CURIE whose prefix the context knows; other text as it stands."""
    prefix, colon, local = text.partition(":")
    namespace = context.get(prefix) if colon else None
    return text if namespace is None else namespace + local


def thing(text: str) -> str:
    """The one name of a thing, place or document, by which it is compared; `BadIdentifier` for a malformed one.

    A serial with its lot in the path is the same thing as without.
    """
    return identity(canonical(text))


def thing_or_text(text: str) -> str:
    """The one name of a thing, or the text as it stands where it is no well-formed identifier."""
    try:
        return thing(text)
    except BadIdentifier:
        return text


def attribute_name(text: str) -> str:
    """The one spelling of an attribute of master data: `urn:epcglobal:cbv:mda#site` for all the CBV's ways to write it.

    Those are `cbvmda:site`, the URN with `:` or `#`, and the web URI; other names stand as they are.
    """
    for head in (_MDA, _MDA_WEB, "cbvmda"):
        if text.startswith(head) and text[len(head) : len(head) + 1] in ("#", ":", "/", "-"):
            return f"{_MDA}#{text[len(head) + 1 :]}"
    return text


def extensions_of(header: str) -> dict[str, str]:
    """The namespaces of a GS1-Extensions header, `prefix=namespace` with commas between; raises QueryRefused."""
    found: dict[str, str] = {}
    for part in header.split(","):
        if part.strip():
            prefix, mark, namespace = part.strip().partition("=")
            if not mark:
                raise QueryRefused("GS1-Extensions", part.strip(), "it has no =", "write <prefix>=<namespace>")
            _put(found, "GS1-Extensions", prefix.strip(), namespace.strip())
    return found


def context_of(value: Any) -> dict[str, str]:
    """The namespaces of a query's `@context`: a URL, an object, or a list of both. URLs are never fetched."""
    found: dict[str, str] = {}
    for part in value if isinstance(value, list) else [value]:
        if isinstance(part, str):
            continue
        if not isinstance(part, dict):
            raise QueryRefused("@context", part, "it is no context", 'write {"<prefix>": "<namespace>"}')
        for prefix, namespace in part.items():
            if not prefix.startswith("@"):
                _put(found, "@context", prefix, namespace)
    return found


def _put(found: dict[str, str], parameter: str, prefix: str, namespace: object) -> None:
    if not PREFIX.fullmatch(prefix) or not isinstance(namespace, str) or ":" not in namespace:
        raise QueryRefused(parameter, f"{prefix}={namespace}", "it is no namespace", "write <prefix>=<namespace URI>")
    if BUILT_IN.get(prefix, namespace) != namespace:
        raise QueryRefused(
            parameter, f"{prefix}={namespace}", f"{prefix} is the standard's own prefix", "choose another prefix"
        )
    if found.setdefault(prefix, namespace) != namespace:
        raise QueryRefused(parameter, prefix, "it stands for two namespaces", "give each prefix one namespace")


def element_name(text: str) -> str:
    """The one name of an element of master data, and of the value of a field that it describes.

    A bare word of CBV for business steps and dispositions, otherwise the one name of a thing.
    """
    word = bare("disposition", bare("bizStep", text))
    return word if word != text else thing_or_text(text)
