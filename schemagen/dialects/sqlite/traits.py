"""Facts of SQLite: what it alters in place; the rest is a rebuild."""

from __future__ import annotations

import sqlite3

from schemagen.catalog.objects import ServerInfo
from schemagen.dialects.conversions import standard_conversion
from schemagen.plan.traits import Traits

INSTALLED = ServerInfo("sqlite", sqlite3.sqlite_version_info)

ENUM_TYPES = "SQLite has no enum types; use --enum check or relation"
STRUCT_TYPES = "SQLite has no composite types; use --struct json"
ARRAYS = "SQLite has no array types; lists are stored as JSON"
NAMESPACES = "SQLite has no SQL schemas; the namespace becomes part of each table's name"
REBUILD = "SQLite alters no column and no constraint in place"

MAX_COLUMNS = 2000
# DROP COLUMN is native, but refused where the column is in a key, an index or a check, as every boolean and JSON column is.
_IN_PLACE = frozenset({"CreateTable", "DropTable", "AddColumn", "CreateIndex", "DropIndex", "AddRows", "AlterRows", "RemoveRows"})


def in_place(kind: str) -> str:
    """ADD COLUMN stands for a nullable column or one with a default."""
    return "" if kind in _IN_PLACE else REBUILD


def traits(server: ServerInfo) -> Traits:
    """The facts of SQLite; they hold for every version that has STRICT tables (3.37)."""
    return Traits(
        flavor=server.flavor,
        transactional_ddl=True,
        named_constraints=True,
        namespaces=False,
        enum_types=ENUM_TYPES,
        struct_types=STRUCT_TYPES,
        arrays=ARRAYS,
        comments=False,
        in_place=in_place,
        convert=standard_conversion,
        rebuild="",
        rebuild_referenced="",
        fk_in_create=True,
        forward_references=True,
        folds_case=True,
        max_columns=MAX_COLUMNS,
    )
