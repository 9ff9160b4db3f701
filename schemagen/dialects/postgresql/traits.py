"""What PostgreSQL can do: the rows of facts that the planner asks for."""

from __future__ import annotations

from schemagen.catalog.objects import ServerInfo
from schemagen.dialects.postgresql.conversions import convert
from schemagen.plan.traits import Traits

ASSUMED_SERVER = ServerInfo("postgresql", (16,))
IDENTIFIER_BYTES = 63
MAX_COLUMNS = 1600


def _in_place(kind: str) -> str:
    """Every change is native: PostgreSQL never needs a table to be rebuilt by hand."""
    return ""


def traits(server: ServerInfo) -> Traits:
    """The same from PostgreSQL 14 to 18: what they differ in, schemagen does not use."""
    return Traits(
        flavor="postgresql",
        transactional_ddl=True,
        named_constraints=True,
        namespaces=True,
        enum_types="",
        struct_types="",
        arrays="",
        comments=True,
        in_place=_in_place,
        convert=convert,
        # A value added to an enum can be used only after commit (55P04).
        enum_value_commits=True,
        fk_in_create=True,
        lock_table="LOCK TABLE {} IN ACCESS EXCLUSIVE MODE",
        identifier_limit=IDENTIFIER_BYTES,
        identifier_unit="bytes",
        max_columns=MAX_COLUMNS,
    )
