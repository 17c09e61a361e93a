"""Style sheets, scripts and pictures, from disk into memory once; their address changes with their content.

One digest over all of them stands in the path, so that scripts find each other by relative names. Third-party files
come by npm into `vendor/node_modules` at set-up; where they are absent, `has_asset` says so and pages go without.
"""

from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
from litestar import Response, get

from sogdia.interfaces.console.room import ROOT
from sogdia.interfaces.http.problems import AnyRequest, Problem

_HERE: Final = Path(__file__).parent
_KINDS: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
VENDOR: Final = {
    "vendor/d3-array.js": "d3-array/dist/d3-array.min.js",
    "vendor/d3-geo.js": "d3-geo/dist/d3-geo.min.js",
    "vendor/topojson-client.js": "topojson-client/dist/topojson-client.min.js",
    "vendor/land-110m.json": "world-atlas/land-110m.json",
}
"""Name under which a third-party file is served, and where npm puts it."""
_LASTING: Final = "public, max-age=31536000, immutable"


class Asset(msgspec.Struct, frozen=True):
    """A file as it is sent."""

    body: bytes
    kind: str
    tag: str


class Shelf(msgspec.Struct, frozen=True):
    """All files by name, and the digest over them."""

    files: dict[str, Asset]
    digest: str


@cache
def shelf() -> Shelf:
    """What there is; read once."""
    files = {}
    for name, path in sorted(_paths()):
        body = path.read_bytes()
        files[name] = Asset(body, _KINDS[path.suffix], f'"{sha256(body).hexdigest()[:32]}"')
    whole = sha256("".join(f"{name} {one.tag}\n" for name, one in files.items()).encode())
    return Shelf(files, whole.hexdigest()[:16])


def asset(name: str) -> str:
    """The address of a file; KeyError when there is none of this name."""
    kept = shelf()
    kept.files[name]
    return f"{ROOT}/assets/{kept.digest}/{name}"


def has_asset(name: str) -> bool:
    """Whether there is such a file: third-party ones may be absent."""
    return name in shelf().files


@get(ROOT + "/assets/{digest:str}/{name:path}")
async def sent(request: AnyRequest) -> Response[bytes]:
    """A file; for good under the digest of today, else to be asked for again."""
    kept = shelf()
    found = kept.files.get(str(request.path_params["name"]).lstrip("/"))
    if found is None:
        raise Problem(404, "no_route", method="GET", path=request.url.path[:200])
    is_current = request.path_params["digest"] == kept.digest
    headers = {
        "cache-control": _LASTING if is_current else "no-cache",
        "etag": found.tag,
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
    }
    if found.kind == _KINDS[".svg"]:
        headers["content-security-policy"] = "default-src 'none'"
    if request.headers.get("if-none-match") == found.tag:
        return Response(b"", status_code=304, headers=headers)
    return Response(found.body, media_type=found.kind, headers=headers)


def _paths() -> Iterator[tuple[str, Path]]:
    own = _HERE / "assets"
    for path in own.rglob("*"):
        if path.is_file() and path.suffix in _KINDS:
            yield path.relative_to(own).as_posix(), path
    for name, place in VENDOR.items():
        path = _HERE / "vendor" / "node_modules" / place
        if path.is_file():
            yield name, path
