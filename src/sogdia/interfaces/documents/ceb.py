"""One function per message of China Customs: from records (and persons) to a `Drafted` document.

    export   303 export_order      505 export_waybill    603 export_list
    import   311 import_order      411 import_payment    511 import_waybill    513 import_delivery
             621 import_list       816 tax_bill
    receipts 304 506 604 312 412 512 514 622: receipt

Each takes the `Around` of its trade first. None of them reads, writes or signs anything.
"""

from sogdia.interfaces.documents.ceb_export import export_list, export_order, export_waybill
from sogdia.interfaces.documents.ceb_import import (
    import_delivery,
    import_list,
    import_order,
    import_payment,
    import_waybill,
    tax_bill,
)
from sogdia.interfaces.documents.ceb_receipts import EXPORT_RECEIPTS, IMPORT_RECEIPTS, receipt

__all__ = [
    "EXPORT_RECEIPTS",
    "IMPORT_RECEIPTS",
    "export_list",
    "export_order",
    "export_waybill",
    "import_delivery",
    "import_list",
    "import_order",
    "import_payment",
    "import_waybill",
    "receipt",
    "tax_bill",
]
