"""What happened to things: the events of GS1 EPCIS 2.0, each on record under the signature of the party that saw it.

Promises: an event stands once under its party and its event ID. Nobody changes or removes it; who erred declares so in
a second event with the same ID, as the standard has it, and both stand. A job of several transactions counts when its
last part is on record, and then as a whole; until then it can be withdrawn, and after a day it lapses. An event's text
is the text that was signed, byte for byte. Presence and absence of each event can be proved alone.

What an event says is the standard's matter and not consensus: the rules read its type, its ID and whether it declares
an error. `standards/epcis` reads the rest, and the trace index in the mirror makes histories of it. An event there
that the standard refuses is shown and counts for nothing.

Who signs what: the party that observed captures its events and withdraws its jobs; a party describes places and things
of its own choice (master data), and its description counts for its own events. Others act for it by delegation, so a
node can capture for an ERP. Who may read an event is said with it: its party, those it is shared with, or everyone.
"""
