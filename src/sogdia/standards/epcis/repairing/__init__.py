"""Other people's sloppy events: what can be put right without guessing is, and told; the rest is set aside, whole.

`sifting.Sifter` goes through a file of JSON, of lines of JSON or of XML event by event; `sifting.sift` does so for a
file that fits into memory. What can be put right is in `values` (texts), `keys` (identifiers of GS1), `plain` (words
and numbers), `fields` and `names` (the parts of an event), `opening` (documents of JSON), and in the readers of XML,
which ask here. The capture interface of the standard knows nothing of this: it refuses what is not right.
"""
