"""A sale: what was ordered, from whom, for how much, where it goes, and what of it was cancelled.

The platform of the sale signs the order; a seller with a shop of its own is its own platform. An order is found by
platform and order number, and the same number is accepted once. Its sums must hold: quantity times price is the line,
the lines are the goods value, goods and freight and tax less discount is what the buyer pays (CEB rule R1, R8). It
names the payment institution that the buyer pays through, so that nobody else's word can stand for the payment.

The buyer stands on record only as commitments made with the order's own secret; the plain values are sealed to the
parties that need them, and `sealed` names that envelope. The order lists the parties that may read it.

A cancellation takes quantities off named lines, never more than is left of them; who may read the order may read it.
What it means for money is the payment institution's to attest, and for goods already released it is a return.

An erasure is the platform's word that the sealed values go, on every node that holds them. Order and commitments stay.

Who signs what: the platform places, cancels and erases.

Payments, waybills and declarations name an order by platform and number; `order_on_record` finds it.
"""
