"""Queries of EPCIS over the trace index: `standards.epcis.query.conditions` answered in SQL, for one asker.

`pages` is what others use: pages, one event, what is new. Each condition becomes a `terms.Term`: a check of an event in
SQL, where there is an index the select of all events that can fulfil it, and for what SQL holds only nearly (numbers
are doubles there) a judgement of the event itself. `search` goes by the narrowest select, or else walks events in the
order of the answer and checks them in groups, so that no statement looks at more than so many.
"""
