"""GS1 EPCIS 2.0 over HTTP, under `/epcis`: capture, queries and subscriptions, as the standard's REST binding has them.

`entrance` is the one route; it reads the path as it was sent, because identifiers in it hold slashes. Every resource is
a small module that takes a `Call` and gives an answer. What must outlive a crash (capture jobs with their signed
transactions, API keys, named queries, subscriptions) is noted in `DIR/epcis.sqlite` before the caller hears of it.

Nothing here decides: events go onto the record as `trace.capture` and are read from the trace index of the mirror.
"""
