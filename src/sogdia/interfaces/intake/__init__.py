"""From a seller's file to signed parts of trades: what each party says about an order, and what is left to say.

`parts` turns a draft order into messages, one function per party. `trade` holds the plain values of one trade with its
secret. `pipeline` walks a file in groups: looks up what is on record, builds only what is missing, sends it in order.
So a file that was given before changes nothing, and a run that was cut off goes on where it stopped.
"""
