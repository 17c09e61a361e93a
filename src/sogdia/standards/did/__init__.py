"""Decentralised identifiers: did:bid in its two views, did:key, did:web. Plain data in, bytes and plain data out.

`bif` is the document of the Xinghuo network, signed; `w3c` is the same document as DID Core 1.0 wants it, because the
first form is not conformant. `identifiers` and `multikey` read names and keys, `sm2` adds the Chinese curve, `jcs` is
the canonical JSON that gets signed, `resolution` gives answers in the shape of the universal resolver.
Nothing here fetches anything.
"""
