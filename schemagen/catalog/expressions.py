"""Expressions of defaults and checks: four kinds that schemagen makes, and Native, the server's own text."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from schemagen.sql import Lit, Scalar, Sql, ident, join, raw


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant; JSON values are their text with the column's type JSON."""

    value: Scalar


@dataclass(frozen=True, slots=True)
class InList:
    """`column IN (values)`, the domain of an enumeration."""

    column: str
    values: tuple[str | int | bool, ...]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """`column >= value`."""

    column: str
    value: int | Decimal


@dataclass(frozen=True, slots=True)
class JsonValid:
    """The column holds JSON text or NULL, on servers whose JSON type is text.

    `refuses_null`: the bare function, which is 0 for NULL on SQLite before 3.45: of columns that admit none, and of tables that the first
    version made.
    """

    column: str
    refuses_null: bool = False


@dataclass(frozen=True, slots=True)
class Native:
    """The server's own text, as `canonical` or `inspect` gave it. `refs`: the columns it names."""

    text: str
    refs: tuple[str, ...] = ()


Expr = Literal | InList | AtLeast | JsonValid | Native


def expression_sql(expr: Expr) -> Sql:
    """The expression as SQL that every server reads (JsonValid: a function of that name)."""
    match expr:
        case Literal(value):
            return Sql("{}", Lit(value))
        case InList(column, values):
            return Sql("{} IN ({})", ident(column), join(", ", [Lit(value) for value in values]))
        case AtLeast(column, value):
            return Sql("{} >= {}", ident(column), Lit(value))
        case JsonValid(column, refuses_null):
            return Sql("json_valid({})" if refuses_null else "{0} IS NULL OR json_valid({0})", ident(column))
        case Native(text):
            return raw(text)


def columns_of(expr: Expr) -> tuple[str, ...]:
    """The columns that an expression names."""
    match expr:
        case Literal():
            return ()
        case InList(column) | AtLeast(column) | JsonValid(column):
            return (column,)
        case Native(_, refs):
            return refs
