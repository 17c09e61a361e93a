"""Sealed: personal and confidential values stay with named parties; the ledger sees only that two of them are equal.

`commitments` turns a value into 64 hexadecimal digits under the secret that the parties of one trade share. Equal
values give equal commitments within the trade, so a declared buyer can be matched with the paying one without reading
either; across trades nothing can be compared, and without the secret a guess cannot be tested. Pure; the only part of
this package that domains may use.
`envelope` carries the values and the secret to named parties (AES-256-GCM, key wrapped by HPKE), outside the ledger.
`vault` keeps envelopes and secrets at rest and erases them: the ledger keeps its commitments, which then mean nothing.
Both draw randomness, so no rule may call them.
"""
