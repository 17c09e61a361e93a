"""A customs authority that answers: a process of its own, with customs' own key, beside the node.

It reads the queue over HTTP, opens what was sealed to it, decides, and signs its answers as the receipt matrix allows.
It stands where the true gateway will stand, and knows nothing that the gateway would not know.
"""
