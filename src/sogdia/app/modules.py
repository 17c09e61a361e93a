"""THE list of modules, in order, and the machine that is made of them."""

from typing import Any

from sogdia.core.machine import Machine
from sogdia.core.module import Module
from sogdia.core.query import Queries
from sogdia.core.refusal import Refused
from sogdia.core.state import Table
from sogdia.core.store import Store
from sogdia.domains.catalog import queries as catalog_queries
from sogdia.domains.catalog import rules as catalog
from sogdia.domains.customs import queries as customs_queries
from sogdia.domains.customs import rules as customs
from sogdia.domains.governance import queries as governance_queries
from sogdia.domains.governance import rules as governance
from sogdia.domains.governance.state import find_key, terms
from sogdia.domains.identity import queries as identity_queries
from sogdia.domains.identity import rules as identity
from sogdia.domains.logistics import queries as logistics_queries
from sogdia.domains.logistics import rules as logistics
from sogdia.domains.orders import queries as orders_queries
from sogdia.domains.orders import rules as orders
from sogdia.domains.payments import queries as payments_queries
from sogdia.domains.payments import rules as payments
from sogdia.domains.tax import queries as tax_queries
from sogdia.domains.tax import rules as tax
from sogdia.domains.trace import queries as trace_queries
from sogdia.domains.trace import rules as trace
from sogdia.primitives import cases, lots, rulebooks

MODULES: tuple[Module, ...] = (
    identity.module,
    governance.module,
    catalog.module,
    orders.module,
    trace.module,
    payments.module,
    logistics.module,
    tax.module,
    customs.module,
)
QUERIES: tuple[Queries, ...] = (
    identity_queries.queries,
    governance_queries.queries,
    catalog_queries.queries,
    orders_queries.queries,
    trace_queries.queries,
    payments_queries.queries,
    logistics_queries.queries,
    tax_queries.queries,
    customs_queries.queries,
)
PRIMITIVE_REFUSALS = (*Refused, *rulebooks.Refused, *lots.Refused, *cases.Refused)
TABLES: dict[str, Table[Any]] = {table.name: table for module in MODULES for table in module.tables}
FIELDS: dict[str, tuple[str, ...]] = {name: table.record.__struct_fields__ for name, table in TABLES.items()}


def machine(network: str, store: Store) -> Machine:
    """The machine of a network over a store, with every module."""
    return Machine(network, MODULES, find_key, store, terms=terms)
