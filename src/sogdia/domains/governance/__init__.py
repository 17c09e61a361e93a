"""Who belongs to the network and by what terms it runs; every change of either is a case on record.

A network is founded with members, parameters and versions of rules. From then on an organisation applies, members look
at its credentials, and more than two thirds of the active members let it in. The same share suspends, reinstates and
removes, seats validators, sets parameters and quotas, sets the height from which revised rules hold, grants roles, and
lets the network stand still. A case has a deadline; when it passes, nothing changes. A halt ends by itself.

What a vote decides happens in the transaction of the last vote that it needed. Members act here in person, not through
agents, and a registrar's suspension does not silence them: only their own vote does.

Who signs what: an organisation signs its application with the first key that it brings along. Members review, vote,
propose, withdraw, change the consensus key of their own seat and the address of their node. Any party names the member
that hosts it. Nobody signs what the engine saw of a validator that misbehaved: that comes with the block.

The machine asks `terms`, the engine asks `validator_updates`, and keys are found by `find_key`.
"""
