"""Carriage: the waybill that a carrier signs for an order's parcel, where the parcel is, and that it was delivered.

A waybill number is accepted once per carrier. The carrier states weight, packages, freight and, as commitments under
the order's secret, whom the parcel is for; it may do so before or after the order is on record. Nothing is compared
here: the match of consignee, telephone and address is decided by customs.

Status is a table of what may follow what, in the vocabulary of carriers (picked up, in transit, out for delivery,
delivered, returned); a report that is older than the latest one is kept in the history and does not turn the parcel
back. `delivered` is what customs calls status S of message CEB513.

Who signs what: the carrier signs waybill and status.

Customs asks `waybill_on_record`.
"""
