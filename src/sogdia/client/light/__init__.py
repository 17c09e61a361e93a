"""The light client: whether the validators of a CometBFT network signed a header, from a trusted header and no more.

It promises that a header it accepts was signed by more than two thirds of a set of validators, and that this set
follows from the trusted header: either it is the very set that the trusted header names for the next height, or more
than a third of that set signed too. So as long as no third of a trusted set lies, nothing is accepted that the network
did not decide. CometBFT 0.38 (block protocol 11), Ed25519 keys alone.

`blocks` holds the data and their hashes, `wire` the bytes that are hashed and signed, `chain` the verification,
`bridge` which blocks are needed, `rpc` how CometBFT tells them, `trusted` the file that a person begins with. Pure: no
network, no clock, no file.
"""
