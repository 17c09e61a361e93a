"""Receipts as customs would send them, from its standing on the record: 304, 506, 604 and 312, 412, 512, 514, 622."""

from collections.abc import Callable, Mapping
from typing import Final

from sogdia.domains.customs.state import ExportList, ImportList, Standing
from sogdia.interfaces.documents.sheet import Around, Drafted, Sheet
from sogdia.interfaces.documents.values import guid, time17
from sogdia.standards.ceb import Record

EXPORT_RECEIPTS: Final = {"order": 304, "waybill": 506, "export_list": 604}
IMPORT_RECEIPTS: Final = {"order": 312, "payment": 412, "waybill": 512, "delivery": 514, "import_list": 622}
"""The receipt on each subject. Export payments and deliveries have no message that customs still asks for."""


def receipt(around: Around, standing: Standing, imported: bool, seller: str = "") -> Drafted | None:
    """The receipt of customs' latest answer on one message; None for a subject that has no receipt on this road.

    `seller` is the order's, which a receipt on an order names.
    """
    number = (IMPORT_RECEIPTS if imported else EXPORT_RECEIPTS).get(standing.subject)
    if number is None:
        return None
    sheet = Sheet(around, number)
    key = (standing.subject, standing.party, standing.number)
    head: Record = {
        "guid": guid(around.network, number, *key, str(standing.code), str(standing.answered_at_ms)),
        **KEYS[number](sheet, standing, seller),
        "returnStatus": str(standing.code),
        "returnTime": time17(standing.answered_at_ms),
        "returnInfo": standing.note,
    }
    return sheet.drafted(head)


def _order(sheet: Sheet, standing: Standing, seller: str) -> Record:
    platform = (
        sheet.export_platform(standing.party)["ebpCode"]
        if sheet.number == EXPORT_RECEIPTS["order"] and standing.party in sheet.around.parties
        else sheet.code(standing.party, "ebpCode")
    )
    return {"ebpCode": platform, "ebcCode": sheet.code(seller, "ebcCode"), "orderNo": standing.number}


def _payment(sheet: Sheet, standing: Standing, seller: str) -> Record:
    return {"payCode": sheet.code(standing.party, "payCode"), "payTransactionId": standing.number}


def _waybill(sheet: Sheet, standing: Standing, seller: str) -> Record:
    return {"logisticsCode": sheet.code(standing.party, "logisticsCode"), "logisticsNo": standing.number}


def _delivery(sheet: Sheet, standing: Standing, seller: str) -> Record:
    return {**_waybill(sheet, standing, seller), "logisticsStatus": "S"}


def _import_list(sheet: Sheet, standing: Standing, seller: str) -> Record:
    if not standing.pre_no:
        sheet.miss("number_not_given", "preNo")
    return _list(sheet, standing)


def _export_list(sheet: Sheet, standing: Standing, seller: str) -> Record:
    if not standing.invt_no:
        sheet.miss("number_not_given", "invtNo")
    declared = sheet.around.declared
    if not isinstance(declared, ExportList):
        sheet.miss("not_on_record", "export list", order="?", holder=sheet.called(standing.party))
        return {}
    return {"statisticsFlag": declared.statistics, **_list(sheet, standing)}


def _list(sheet: Sheet, standing: Standing) -> Record:
    return {
        **_parties(sheet, sheet.around.declared),
        "copNo": standing.number,
        "preNo": standing.pre_no,
        "invtNo": standing.invt_no,
    }


def _parties(sheet: Sheet, declared: ImportList | ExportList | None) -> Record:
    if declared is None:
        return {}
    exported = isinstance(declared, ExportList)
    platform = sheet.export_platform(declared.platform) if exported else sheet.party(declared.platform, "ebp")
    return {
        "customsCode": declared.district,
        "ebpCode": platform.get("ebpCode", ""),
        "ebcCode": sheet.code(declared.seller, "ebcCode"),
        "agentCode": sheet.code(declared.broker, "agentCode"),
    }


KEYS: Final[Mapping[int, Callable[[Sheet, Standing, str], Record]]] = {
    304: _order,
    312: _order,
    412: _payment,
    506: _waybill,
    512: _waybill,
    514: _delivery,
    604: _export_list,
    622: _import_list,
}
"""How each receipt says which message it answers."""
