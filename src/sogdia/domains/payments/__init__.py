"""What a payment institution attests: that an order was paid, by whom (as a commitment), how much, and what went back.

The institution signs its own part and nothing else; it may arrive before or after the order (customs accepts 311, 411
and 511 in any order). So nothing is compared here: whether amount, order and payer agree with what the platform said
is decided in one place, the three-way match of customs.

A payment number is accepted once per institution, and an order is paid by one payment. Refunds of a payment never
exceed it.

Who signs what: the payment institution attests and refunds.

Customs asks `payment_of_order`; the money in and out of a trade is read from these records.
"""
