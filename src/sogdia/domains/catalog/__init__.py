"""What is for sale: products with their customs classification, origin, unit and weight, and where they may not go.

A seller lists a product under its own SKU and signs it. The HS code may be the seller's statement or a suggestion that
the seller has accepted; which one it is stays on record. A GTIN must carry the right check digit (GS1 General
Specifications, section 7.9).

Bans are rulebook rows that an authority publishes: a destination, the beginning of an HS code, and the rule's name and
source. A listing for a market that forbids the product is refused with that rule named, and so is an order that ships
it there, even when the ban came after the listing.

Who signs what: the seller lists and withdraws; customs publishes bans.

Orders ask here for the product of a line (`product_on_sale`) and whether its destination is open
(`require_allowed`).
"""
