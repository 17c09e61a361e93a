"""GS1's own schemas, which judge what is read and written; they are not ours to carry in the repository."""

import importlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
FOLDER = Path(os.environ.get("SOGDIA_GS1_DATA", ROOT.parent / "shared" / "data" / "gs1"))

needs_gs1_files = pytest.mark.skipif(
    not (FOLDER / "EPCIS-JSON-Schema.json").exists(),
    reason="GS1's EPCIS schemas are not here, so nobody judged: set SOGDIA_GS1_DATA to their folder",
)


def gs1_schema() -> dict[str, Any]:
    """GS1's JSON Schema as of 2.0.1: the published draft lacks persistentDisposition on three kinds of events."""
    schema: dict[str, Any] = json.loads((FOLDER / "EPCIS-JSON-Schema.json").read_bytes())
    for kind in ("AggregationEvent", "TransactionEvent", "AssociationEvent"):
        event = schema["definitions"][kind]["allOf"][1]
        event["properties"]["persistentDisposition"] = {"$ref": "#/definitions/persistentDisposition"}
        event["propertyNames"]["anyOf"][1]["enum"].append("persistentDisposition")
    return schema


def gs1_verdict() -> Callable[[Any], bool]:
    """Whether GS1's schema takes a plain JSON value, formats asserted; skips where no library for it is installed."""
    for name in ("jsonschema_rs", "jsonschema"):
        try:
            library = importlib.import_module(name)
        except ImportError:
            continue
        if name == "jsonschema_rs":
            return library.Draft7Validator(gs1_schema()).is_valid
        checker = library.Draft7Validator.FORMAT_CHECKER
        if {"uri", "date-time"} <= checker.checkers.keys():
            return library.Draft7Validator(gs1_schema(), format_checker=checker).is_valid
    pytest.skip("neither jsonschema-rs nor jsonschema[format] is installed, so GS1's schema did not judge")
