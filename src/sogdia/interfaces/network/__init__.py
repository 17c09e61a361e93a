"""A network of organisations on CometBFT: their folders, the processes of each, and where they stand.

`laying` makes the folders, `running` keeps the processes of one organisation or of several up, `status` reads where
they stand. Each organisation has one folder and two processes: the node and, beside it, CometBFT. Nothing here knows
what is traded: the founding messages and the node's command are the caller's.
"""
