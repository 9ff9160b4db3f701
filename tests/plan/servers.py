"""Three kinds of servers, as facts: one that alters all in place, one that builds tables again, one that has one ALTER a table."""

from __future__ import annotations

from dataclasses import replace

from schemagen.catalog.objects import ServerInfo
from schemagen.catalog.types import Date, Integer, SqlType, Text, Timestamp
from schemagen.plan.traits import Conversion, Safety, Traits


def convert(before: SqlType, after: SqlType) -> Conversion:
    """A few rows of a matrix, one of each kind of safety."""
    match before, after:
        case Text(), Text(None):
            return Conversion(Safety.METADATA)
        case Text(), Text():
            return Conversion(Safety.REWRITE_CHECKED, "TOO_LONG")
        case Integer(old), Integer(new) if old < new:
            return Conversion(Safety.REWRITE_EXACT)
        case Text() | Integer(), Integer():
            return Conversion(Safety.REWRITE_CHECKED, "NOT_CASTABLE")
        case Timestamp(), Date():
            return Conversion(Safety.LOSSY, reason="the time of day is lost")
        case _, Text():
            return Conversion(Safety.REWRITE_EXACT)
        case _:
            return Conversion(Safety.REFUSE, reason="no value of the one is a value of the other")


NATIVE = Traits(
    flavor="native",
    transactional_ddl=True,
    named_constraints=True,
    namespaces=True,
    enum_types="",
    struct_types="",
    arrays="",
    comments=True,
    in_place=lambda kind: "",
    convert=convert,
    fk_in_create=True,
    enum_value_commits=True,
)
_REBUILT = ("AlterColumnType", "AddConstraint", "DropConstraint", "SetIdentity", "AddEnumValue", "RecreateEnum")
REBUILDS = replace(
    NATIVE,
    flavor="rebuilds",
    named_constraints=False,
    in_place=lambda kind: "the table is built again" if kind in _REBUILT else "",
    blocked_by_reference=frozenset({"DropColumn", "SetNotNull", "DropNotNull"}),
    blocked_by_index=frozenset({"DropColumn", "SetNotNull", "DropNotNull"}),
    rebuild_referenced="a table that others refer to cannot be built again",
    enum_value_commits=False,
)
ONE_ALTER = replace(NATIVE, flavor="one-alter", transactional_ddl=False, one_alter=True, fk_in_create=False)
SERVERS = {traits.flavor: traits for traits in (NATIVE, REBUILDS, ONE_ALTER)}


def server(flavor: str) -> ServerInfo:
    return ServerInfo(flavor, (1,))
