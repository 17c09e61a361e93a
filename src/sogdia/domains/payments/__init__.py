"""What a payment institution attests: that an order was paid, by whom (as a commitment), how much, and what went back.

The institution signs its own part and nothing else; it may arrive before or after the order (customs accepts 311, 411
and 511 in any order). So nothing is compared here: whether amount, order and payer agree with what the platform said
is decided in one place, the three-way match of customs.

A payment number is accepted once per institution, and an institution attests one payment for an order. Any
institution may attest for any order; only the one that the platform names in the order counts, so that a false payment
stands in nobody's way. Refunds of a payment never exceed it and are not dated before it.

Who signs what: the payment institution attests and refunds.

Customs asks `payment_of_order` of the institution that the order names; the money in and out of a trade is read from
these records.
"""
