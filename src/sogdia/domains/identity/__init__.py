"""Who takes part, with which keys, in which roles, and who may act for whom.

A party is an organisation with a `did:bid` identifier. It owns its records; its keys only sign for it. Keys come and
go: a key id is never given to another key, and a retired key no longer signs, while what it signed stays provable.

Who signs what: a registrar registers a party, and the party's own first key signs the same transaction, so nobody can
be registered with a key that they do not hold. The party rotates its keys; its recovery key does so when the others
are lost. The party delegates named messages to an agent, such as a broker who declares for a seller, until a day. The
registrar grants and revokes roles, suspends and reinstates.

Every other domain asks here: `require(ledger, party, action)` holds when the party signed itself or through an agent
whose delegation covers the action, and is not suspended; `require_role` holds when it has the role.
"""
