"""The query language of EPCIS 2.0: parameters to plain conditions, an event to the values that they ask about.

`parameters` reads what a client asked for into a `Query` (`conditions`). `paths` says which values an event holds under
which path. Whoever evaluates, the trace index in SQL or the naive evaluator of the tests, needs these two and nothing
else. `tokens` makes the tokens of pages, `schedule` the hours of subscriptions.

Source: EPCIS 2.0, section 8.2.7.1, by its published query schema and REST binding.
"""
