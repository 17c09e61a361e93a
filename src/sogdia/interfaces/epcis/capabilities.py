"""The headers by which a client learns what is spoken here."""

from typing import Final

from sogdia.interfaces.epcis.forms import CBV_MIN, CBV_VERSION, EPCIS_MIN, EPCIS_VERSION
from sogdia.interfaces.epcis.settings import Settings
from sogdia.interfaces.http.openapi import VERSION

SPOKEN: Final = {"gs1-epcis-version": EPCIS_VERSION, "gs1-cbv-version": CBV_VERSION}
"""With every answer."""


def capabilities(resource: str, settings: Settings) -> dict[str, str]:
    """What OPTIONS says of a resource, without the methods."""
    found = {
        **SPOKEN,
        "gs1-epcis-min": EPCIS_MIN,
        "gs1-epcis-max": EPCIS_VERSION,
        "gs1-cbv-min": CBV_MIN,
        "gs1-cbv-max": CBV_VERSION,
        "gs1-epc-format": "Always_GS1_Digital_Link",
        "gs1-cbv-xml-format": "No_Preference",
        "gs1-vendor-version": f"Sogdia {VERSION}",
    }
    return {**found, **limits(settings)} if resource == "capture" else found


def limits(settings: Settings) -> dict[str, str]:
    """How much may be captured at a time, and what happens to errors unless said otherwise."""
    return {
        "gs1-epcis-capture-limit": str(settings.document_events),
        "gs1-epcis-capture-file-size-limit": str(settings.document_bytes),
        "gs1-capture-error-behaviour": "rollback",
    }
