"""One event of each kind in which every field of the standard stands, as JSON; documents around them."""

from typing import Any

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
OWN = {
    "ex:note": "crème <brûlée> & 茶",
    "ex:count": 12,
    "ex:share": 0.125,
    "ex:fresh": True,
    "ex:none": None,
    "ex:analysis": {"ex:fat": 3.5, "ex:by": ["A", "B"], "ex:of": [{"ex:part": "rind"}, {"ex:part": "paste"}]},
    "cbvmda:lotNumber": "L1",
}
ITEM, CASE = "https://id.gs1.org/01/09506000134352/21/6789", "urn:epc:id:sscc:9506000.1234567890"
AMOUNT = {"epcClass": "urn:epc:class:lgtin:9506000.013435.L1", "quantity": 200.5, "uom": "KGM"}
DEVICE = {
    "time": "2026-05-28T12:00:00.5Z",
    "deviceID": "urn:epc:id:giai:9506000.111",
    "deviceMetadata": "https://id.gs1.org/8004/9506000111",
    "rawData": "https://example.org/8004/401234599999",
    "dataProcessingMethod": "https://example.com/gdti/4012345000054987",
    "bizRules": "https://example.com/gdti/4012345000054988",
}
SENSOR = {
    "sensorMetadata": {
        **DEVICE,
        "startTime": "2026-05-28T11:00:00Z",
        "endTime": "2026-05-28T12:00:00Z",
        "ex:roof": "N",
    },
    "sensorReport": [
        {
            **DEVICE,
            "type": "Temperature",
            "exception": "ALARM_CONDITION",
            "microorganism": "https://www.ncbi.nlm.nih.gov/taxonomy/1126011",
            "chemicalSubstance": "https://identifiers.org/inchikey:CZMRCDWAGMRECN-UGDNZRGBSA-N",
            "coordinateReferenceSystem": "https://www.opengis.net/def/crs/OGC/0/CRS84",
            "value": 26.01,
            "component": "x",
            "stringValue": "warm",
            "booleanValue": False,
            "hexBinaryValue": "f0f0",
            "uriValue": "https://id.gs1.org/8004/4000001111",
            "minValue": -26,
            "maxValue": 26.2,
            "meanValue": 13.2,
            "sDev": 0.1,
            "percRank": 50,
            "percValue": 12.7,
            "uom": "CEL",
            "ex:grade": "A",
        },
        {"type": "https://words.example.com/glow"},
    ],
    "ex:calm": "yes",
}
SHARED = {
    "eventID": "urn:uuid:7b6a3c0e-5d1f-4f2b-9b7e-2d9a6c1f0a55",
    "eventTime": "2026-05-28T20:33:31.116-06:00",
    "recordTime": "2026-05-28T20:33:32Z",
    "eventTimeZoneOffset": "-06:00",
    "errorDeclaration": {
        "declarationTime": "2026-05-29T20:33:31Z",
        "reason": "incorrect_data",
        "correctiveEventIDs": ["urn:uuid:404d95fc-9457-4a51-bd6a-0bba133845a8", "urn:example:other"],
        "ex:by": "night shift",
    },
    "certificationInfo": "https://accreditation.example.org/certificate/7",
    "bizStep": "inspecting",
    "disposition": "https://words.example.com/fine",
    "persistentDisposition": {"set": ["completeness_verified"], "unset": ["completeness_inferred", "urn:example:dim"]},
    "readPoint": {"id": "urn:epc:id:sgln:9506000.13860.7", "ex:gate": "north"},
    "bizLocation": {"id": "https://id.gs1.org/414/9506000138602", "ex:floor": 2},
    "bizTransactionList": [
        {"type": "po", "bizTransaction": "urn:epcglobal:cbv:bt:9506000138602:12"},
        {"bizTransaction": "urn:example:untyped"},
    ],
    "sourceList": [{"type": "owning_party", "source": "urn:epc:id:pgln:9506000.13860"}],
    "destinationList": [
        {"type": "https://words.example.com/dock", "destination": "https://id.gs1.org/414/9506000138602"}
    ],
    "sensorElementList": [SENSOR, {"sensorReport": [{"type": "Mass", "value": 1, "uom": "KGM"}]}],
    **OWN,
}
CHILDREN = {"parentID": CASE, "childEPCs": [ITEM], "childQuantityList": [AMOUNT], "action": "ADD"}
WHOLE: dict[str, dict[str, Any]] = {
    "ObjectEvent": {**SHARED, "action": "ADD", "epcList": [ITEM, CASE], "quantityList": [AMOUNT], "ilmd": OWN},
    "AggregationEvent": {**SHARED, **CHILDREN},
    "AssociationEvent": {**SHARED, **CHILDREN},
    "TransactionEvent": {**SHARED, "action": "OBSERVE", "parentID": CASE, "epcList": [ITEM], "quantityList": [AMOUNT]},
    "TransformationEvent": {
        **SHARED,
        "inputEPCList": [ITEM],
        "inputQuantityList": [AMOUNT],
        "outputEPCList": [CASE],
        "outputQuantityList": [{"epcClass": "urn:epc:idpat:sgtin:9506000.013435.*"}],
        "transformationID": "urn:epc:id:gdti:9506000.13860.9",
        "ilmd": OWN,
    },
}
"""Fields by type of event. `type` and `@context` come with `whole`."""


def whole(kind: str, **changed: Any) -> dict[str, Any]:
    """An event with every field that its kind has; a field changed to `...` is left out."""
    head = {"@context": [CONTEXT, {"ex": "https://ns.example.com/epcis/"}], "type": kind}
    return {name: value for name, value in {**head, **WHOLE[kind], **changed}.items() if value is not ...}
