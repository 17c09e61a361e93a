"""Where everything is wired: `modules` holds THE list of modules, `node` makes machine, engine and store a node."""

from sogdia.app.modules import FIELDS, MODULES, PRIMITIVE_REFUSALS, QUERIES, TABLES, machine
from sogdia.app.node import NetworkInfo, Node, NodeExists, NoNode, milliseconds, shown, write_guarded

__all__ = [
    "FIELDS",
    "MODULES",
    "PRIMITIVE_REFUSALS",
    "QUERIES",
    "TABLES",
    "NetworkInfo",
    "NoNode",
    "Node",
    "NodeExists",
    "machine",
    "milliseconds",
    "shown",
    "write_guarded",
]
