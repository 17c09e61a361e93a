"""GS1 EPCIS 2.0 with CBV 2.0: documents in JSON-LD and XML, XML of 1.2, queries, and the hash of an event.

Everything goes through one model (`model.py`): readers make it, writers take it, the trace index and the query language
speak of it. Facts are from the standard's published schemas (JSON Schema 2.0.1, XSD 2.0 and 1.2).
"""
