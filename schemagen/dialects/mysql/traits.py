"""Facts of MySQL and MariaDB: what one ALTER can do, and which type changes keep values."""

from __future__ import annotations

import re

from schemagen.catalog.objects import ServerInfo
from schemagen.catalog.types import Binary, Boolean, Json, Numeric, Real, SqlType, Text
from schemagen.dialects.conversions import CHANGED_BY_CAST, EXACT, NO_CAST, standard_conversion
from schemagen.plan.traits import Conversion, Safety, Traits

MARIADB = ServerInfo("mariadb", (10, 11), (("sql_mode", "STRICT_ALL_TABLES"),))

ENUM_TYPES = "MySQL and MariaDB have no named enum types; use --enum check, inline or relation"
STRUCT_TYPES = "MySQL and MariaDB have no composite types; use --struct json"
ARRAYS = "MySQL and MariaDB have no array types; lists are stored as JSON"
NAMESPACES = "MySQL and MariaDB have no SQL schemas; the namespace becomes part of each table's name"

IDENTIFIER_LIMIT = 64
MAX_COLUMNS = 1017
_NOT_HERE = {"CreateNamespace": NAMESPACES, "DropNamespace": NAMESPACES}
_TYPES = ("CreateEnum", "DropEnum", "AddEnumValue", "RecreateEnum")
_STRUCTS = ("CreateStruct", "DropStruct", "AlterStruct")
_NOT_HERE |= dict.fromkeys(_TYPES, ENUM_TYPES) | dict.fromkeys(_STRUCTS, STRUCT_TYPES)


def in_place(kind: str) -> str:
    """Every change of a table is one ALTER; what the server has no objects for is refused before."""
    return _NOT_HERE.get(kind, "")


def convert(before: SqlType, after: SqlType) -> Conversion:
    """The standard's rows, but for MySQL's own types."""
    match before, after:
        case Text(), Binary(fixed=True):
            return Conversion(Safety.REFUSE, reason=f"{NO_CAST} (a uuid is stored as 16 bytes)")
        case Boolean(), (Numeric() | Real()):
            return EXACT
        case ((Numeric() | Real()), Boolean()):
            return CHANGED_BY_CAST
        case Json(), Text():
            return Conversion(Safety.LOSSY, reason="JSON text stays JSON text, with quotes around its strings")
        case _:
            return standard_conversion(before, after)


def traits(server: ServerInfo) -> Traits:
    """The facts of this server."""
    return Traits(
        flavor=server.flavor,
        transactional_ddl=False,
        named_constraints=True,
        namespaces=False,
        enum_types=ENUM_TYPES,
        struct_types=STRUCT_TYPES,
        arrays=ARRAYS,
        comments=True,
        in_place=in_place,
        convert=convert,
        rebuild="",
        one_alter=True,
        identifier_limit=IDENTIFIER_LIMIT,
        identifier_unit="characters",
        folds_case=True,
        max_columns=MAX_COLUMNS,
    )


def collation(server: ServerInfo) -> str:
    """The collation that compares code points and pads nothing: elsewhere `a` equals `A`, or `a` equals `a `."""
    return "utf8mb4_nopad_bin" if server.flavor == "mariadb" else "utf8mb4_0900_bin"


def fold(name: str) -> str:
    """A name as the server compares it: characters that lower to several count as the first (`İ` is `i`)."""
    return "".join(c.lower()[:1] for c in name).casefold()


def file_length(name: str) -> int:
    """The length of a table's name, in units of which 64 fit: its file's name has 250 bytes, five for each that is no ASCII word."""
    encoded = sum(1 if re.match(r"[0-9A-Za-z_]", c) else 5 for c in name)
    return max(len(name), -(-encoded * IDENTIFIER_LIMIT // 250))
