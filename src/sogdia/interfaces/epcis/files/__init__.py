"""Files of events onto the record by a party's own key: read here, signed here, sent to any node.

`capture` goes through a file event by event, strictly or with repairs. What may go on record waits in a `spool`;
`notes` and `report` say what became of the rest. `standing` asks what is on record, `sending` brings what is missing.
"""
