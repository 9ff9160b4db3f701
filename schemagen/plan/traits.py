"""The types of a server's facts: what it can alter in place, and which type changes keep values. The rows stand in each dialect."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from schemagen.catalog.objects import Table
from schemagen.catalog.types import SqlType


class Safety(enum.Enum):
    """What a type change does to values: none touched, rewritten exactly, to be probed, lost, or impossible."""

    METADATA = "metadata"
    REWRITE_EXACT = "rewrite exactly"
    REWRITE_CHECKED = "rewrite, checked"
    LOSSY = "lossy"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Conversion:
    """How a column goes from one type to another. `probe` is the probe's kind that must answer 0 before (see plan.Probe)."""

    safety: Safety
    probe: str | None = None
    reason: str = ""


def _any_table(table: Table, kinds: frozenset[str]) -> str:
    """No table is special."""
    return ""


@dataclass(frozen=True, slots=True)
class Traits:
    """Facts of one server, by flavour and version. A str is the reason why it cannot; "" where it can.

    `transactional_ddl`: DDL rolls back. `named_constraints`: it keeps their names. `comments`: it keeps comments.
    `in_place(kind)`: "" where a change of that class name (AddColumn...) is one native statement, else the reason for a rebuild.
    `in_place` holds for a plain table; `blocked_by_reference` and `blocked_by_index` name changes that a table needs a rebuild for
    when another table references it, or when it has an index, key or unique constraint.
    `rebuild_referenced`: "" where a table that others reference can be rebuilt.
    `namespaces`: it has SQL schemas (else `a.b` is stored as `a__b`).
    `only_rebuild(table, kinds)`: why this table as it stands admits changes of these class names by a rebuild only.
    `forward_references`: a foreign key may name a table that is made later.
    `type_names_apart`: a type may be called as a table or view is.
    `lock_table`: the statement, with a place for the table, that keeps others from it until the transaction ends.
    """

    flavor: str
    transactional_ddl: bool
    named_constraints: bool
    namespaces: bool
    enum_types: str
    struct_types: str
    arrays: str
    comments: bool
    in_place: Callable[[str], str]
    convert: Callable[[SqlType, SqlType], Conversion]
    blocked_by_reference: frozenset[str] = frozenset()
    blocked_by_index: frozenset[str] = frozenset()
    rebuild: str = ""
    rebuild_referenced: str = ""
    one_alter: bool = False
    fk_in_create: bool = False
    forward_references: bool = False
    only_rebuild: Callable[[Table, frozenset[str]], str] = _any_table
    lock_table: str = ""
    enum_value_commits: bool = False
    identifier_limit: int | None = None
    identifier_unit: Literal["bytes", "characters"] = "characters"
    folds_case: bool = False
    type_names_apart: bool = False
    max_columns: int | None = None
