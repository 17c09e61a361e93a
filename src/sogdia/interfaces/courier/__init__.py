"""The courier: carries sealed envelopes between the nodes of a network, and their erasure.

Every node executes every order, so every courier knows which envelope an order names. It asks the member that serves
the order's platform, then the others, and keeps what is addressed to parties that its own organisation serves. What it
wants stands in a queue on disk until it is here, is not for this node, or its time is over. When a platform has an
erasure put on record, each courier destroys what its node holds and signs a receipt of that; the courier of the
platform's node collects the receipts of the others.
"""
