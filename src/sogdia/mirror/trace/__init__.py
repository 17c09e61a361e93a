"""The trace index: what the events of EPCIS on record say of things, made for history, trace and recall.

It is derived from the records of `trace` alone, in the SQL transaction that writes them (`mirror.derived`), and dropped
and made again with the mirror. `index` fills it; `histories`, `tracing`, `recall` and `querying` read it.

Things, places and parties are whole numbers. An event that counts leaves one row of its own (`entries`), a row for each
thing that it names (`postings`) and the edges between things, in both directions: what a transformation used and made,
lot to serial, and containment and association as intervals of time. An interval begins with the event that put
something in and ends with the first one after it that takes it out, whichever came on record first; so a late event or
a declared error changes the ends of the pairs that it names and nothing else.

Events of a job stand here when the job is complete, in the order in which they came to count. An event that an error
declaration names keeps its row and its postings, and loses its edges.
"""
