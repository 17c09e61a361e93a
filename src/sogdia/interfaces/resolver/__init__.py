"""GS1 Digital Links answered for anyone with a phone: the resolver, the story of an item, scans, signs of copies.

`entrance` has the routes of the keys, `resolving` finds the links of a thing and the classes above it, `book` holds
what owners say of their things in master data that everyone may read, `owners` whose a thing is. `indexed` asks the
trace index, and `together` finds at once what is asked for at once. `story` gathers what is public of an item and
`page` writes it as HTML. `scans` notes who scanned what, coarsely; `clones` tells signs of copies, as pure rules, from
what `observed` gathers, and `clone_routes` gives the owner the queue. `tags` makes and checks the keyed tags in codes.
"""
