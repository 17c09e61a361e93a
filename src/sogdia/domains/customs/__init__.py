"""The border: retail import and export lists, the three-way match, customs' answers, the yearly quota, release.

A broker (or the seller itself) declares a list that names an order and its waybill. An import list (9610, 1210) passes
only when order, payment, waybill and list agree: `rules/match.py` names every disagreement at once, by field and by
party, and compares personal values as commitments (rules R1-R10, CEB 202205). An export list (9610) is matched against
order and waybill. Nothing declares unmatched.

Customs answers by code; which code may follow which, for which message, is the table in `rules/receipts.py`. Accepting
an import list reserves the buyer's yearly quota under a pseudonym that only customs can compute; release (800) consumes
it and writes the tax bill; rejection (100 or an error code) gives it back, and so does return abroad (700). A rejected
list stays as it is: its order is declared again by a list with a new number. An order stands in one list at a time.
A list whose order was cancelled since, wholly or in part, is not released; it is rejected and what is left declared.

Who signs what: the broker declares, delegated by the seller; customs answers and publishes limits.

The single limit, the yearly limit and the modes are rulebook rows of the book `customs.cn.*`.
"""
