"""What a ledger is: values, messages, keys, transactions, refusals, state, log, modules and the machine.

No file, no clock, no randomness, no trade. The same bytes in the same order give the same state root on every node,
on every engine, on every day. Read in this order: `values`, `transaction`, `refusal`, `state`, `module`, `machine`;
then the proofs: `tree` (what is so), `log` (what was accepted), `note` (what the network signs of both).
"""
