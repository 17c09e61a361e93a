"""The main job, rehearsed on one machine: real orders cross a border, every part signed by the party whose part it is.

`cast` makes the parties and their keys and founds the network; `orders` makes realistic orders with the mistakes that
real files have; `run` starts the node and the customs authority as processes of their own, brings the file onto the
record, waits for the border and writes the report, the evidence and the customs documents.
"""
