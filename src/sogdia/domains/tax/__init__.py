"""What China takes on a retail import: duty, consumption tax and value added tax, to the fen, from dated rows.

Rates, the share that is due inside the limits, and the limits themselves are rulebook rows with a source and a
certainty; the formulas are here (Caiguanshui 18/2016 and 49/2018): composite price CP = (V + D + q s) / (1 - c),
consumption tax CP c + q s, value added tax CP v, each times the share, each rounded per line half up to the fen. A day
after the last valid day of a row gets a refusal, never yesterday's rate.

Nothing is assessed by a message of its own: customs' release of an import list writes the bill (CEB816) in the same
transaction, so a released list without its tax cannot exist.

Who signs what: the tax authority publishes rates; bills follow from customs' answer.

Customs calls `assess` and `put_bill`.
"""
