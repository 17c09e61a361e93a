"""The HTTP interface: thin, bounded, and derived from the modules' messages, tables and queries.

`application.create_app` puts the routes together, `server.serve` listens. A route asks the `gate` who asks, takes what
it needs from the `desk`, and answers; what goes wrong is a `Problem`. Reading is limited to what the asker may see;
sending transactions needs no sign-in, because every transaction is signed.
"""
