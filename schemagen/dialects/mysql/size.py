"""InnoDB's limits: bytes of a row in its page and of all its varchars, and of a key and a definition; what gives way."""

from __future__ import annotations

from dataclasses import replace

from schemagen.catalog import types as sql
from schemagen.catalog.expressions import Expr, expression_sql
from schemagen.catalog.objects import Check, Column, ForeignKey, Table
from schemagen.dialects.mysql.quote import text
from schemagen.errors import SchemagenError

# A row must be smaller than half a page of 16 KiB; 18 bytes of it are its header, transaction and roll pointer, 6 a row id where no key is.
PAGE_BYTES = 8126
ROW_BYTES = 65535
# MariaDB keeps a table's definition in a file of 65,535 bytes; some are left for what it writes more than we count.
DEFINITION_BYTES = 65_000
KEY_CHARACTERS = 768
KEY_TEXT = 255
POINTER_BYTES = 21
VARCHAR_MAX = 16383
VARBINARY_MAX = 65532
_DECIMAL_REST = (0, 1, 1, 2, 2, 3, 3, 4, 4)


def _variable(length: int) -> tuple[int, int]:
    """Bytes in the page and in the row of a string of at most that many bytes; up to 255 it cannot leave the page."""
    return (length + 1 if length <= 255 else POINTER_BYTES + 1), length + (1 if length <= 255 else 2)


def _fixed(length: int) -> tuple[int, int]:
    return length, length


def column_bytes(kind: sql.SqlType) -> tuple[int, int]:
    """Bytes of a lowered type in the page and in the row."""
    match kind:
        case sql.Text(None) | sql.Binary(None) | sql.Json() | sql.Opaque():
            return POINTER_BYTES, 12
        case sql.Text(int(length)):
            return _variable(length * 4)
        case sql.Binary(int(length), fixed):
            return _fixed(length) if fixed else _variable(length)
        case sql.Integer(bits):
            return _fixed(bits // 8)
        case sql.Boolean():
            return _fixed(1)
        case sql.Real(bits):
            return _fixed(bits // 8)
        case sql.Numeric(precision, scale):
            whole, part = (precision or 0) - (scale or 0), scale or 0
            return _fixed(sum(digits // 9 * 4 + _DECIMAL_REST[digits % 9] for digits in (whole, part)))
        case sql.Timestamp():
            return _fixed(8)
        case sql.Time():
            return _fixed(6)
        case sql.Date():
            return _fixed(3)
        case sql.InlineEnum(values):
            return _fixed(1 if len(values) < 256 else 2)
        case _:
            raise ValueError(f"no lowered type of MySQL: {kind}")


def _sizes(table: Table) -> tuple[int, int]:
    nulls = (sum(column.nullable for column in table.columns) + 7) // 8
    each = [column_bytes(column.type) for column in table.columns]
    header = 18 if table.key else 24
    return sum(page for page, _ in each) + nulls + header, sum(row for _, row in each) + nulls


def fit_row(table: Table) -> Table:
    """The table with as many varchars as necessary, largest first, made longtext; never one of a key.

    Raises SchemagenError ROW_TOO_LARGE where that is not enough.
    """
    keyed = indexed_columns(table)
    while True:
        page, row = _sizes(table)
        if page < PAGE_BYTES and row <= ROW_BYTES:
            return table
        gain = 0 if page >= PAGE_BYTES else 1
        movable = [column for column in table.columns if column.name not in keyed and _gain(column, gain) > 0]
        if not movable:
            raise SchemagenError("ROW_TOO_LARGE", str(table.id), _sentence(table, page))
        largest = max(movable, key=lambda column: (_gain(column, gain), column.name))
        table = replace(table, columns=tuple(replace(c, type=sql.Text()) if c.name == largest.name else c for c in table.columns))


def _gain(column: Column, which: int) -> int:
    """Bytes in the page (0) or in the row (1) that longtext in place of a varchar spares."""
    if not isinstance(column.type, sql.Text) or column.type.length is None:
        return 0
    return column_bytes(column.type)[which] - column_bytes(sql.Text())[which]


def _sentence(table: Table, page: int) -> str:
    what = f"a row of its {len(table.columns)} columns takes {page} bytes of a page; InnoDB admits {PAGE_BYTES - 1}"
    return f"{what}; store nested objects as JSON, or split the schema"


def _indexed(table: Table) -> list[tuple[str, ...]]:
    return [item.columns for item in table.constraints if not isinstance(item, Check)] + [item.columns for item in table.indexes]


def indexed_columns(table: Table) -> frozenset[str]:
    """Columns of keys, unique constraints, foreign keys and indexes."""
    return frozenset(name for columns in _indexed(table) for name in columns)


def fit_keys(table: Table, targets: frozenset[str]) -> Table:
    """The table with text of a length that an index can hold in all columns of keys, and in those that foreign keys lead to (`targets`)."""
    types = {column.name: column.type for column in table.columns}
    listed = _indexed(table)
    lengths = {name: _key_length(types[name]) for name in indexed_columns(table) | targets if name in types}
    caps = {name: min(lengths[name], KEY_CHARACTERS) for name in lengths}
    for columns in listed:
        texts = [name for name in columns if lengths.get(name, 0)]
        others = sum(column_bytes(types[name])[1] for name in columns if name in types and not lengths[name])
        room = KEY_CHARACTERS - -(-others // 4)
        if sum(lengths[name] for name in texts) > room:
            caps |= {name: min(caps[name], room // len(texts)) for name in texts}
    return replace(table, columns=tuple(replace(c, type=_keyed(c.type, caps.get(c.name, 0))) for c in table.columns))


def _key_length(kind: sql.SqlType) -> int:
    """Characters (of four bytes) that a text or binary column takes in a key; 0 for other types."""
    match kind:
        case sql.Text(length):
            return KEY_TEXT if length is None else length
        case sql.Binary(length, fixed) if not fixed:
            return KEY_TEXT if length is None else -(-length // 4)
        case _:
            return 0


def _keyed(kind: sql.SqlType, cap: int) -> sql.SqlType:
    match kind:
        case sql.Text(length) if cap:
            return replace(kind, length=min(KEY_TEXT if length is None else length, cap))
        case sql.Binary(length, fixed) if cap and not fixed:
            return replace(kind, length=min(KEY_TEXT if length is None else length, cap * 4))
        case _:
            return kind


def foreign_targets(tables: tuple[Table, ...], table: Table) -> frozenset[str]:
    """Columns of `table` that foreign keys of others lead to."""
    keys = [item for other in tables for item in other.constraints if isinstance(item, ForeignKey)]
    return frozenset(name for item in keys if item.target == table.id for name in item.target_columns)


def fit_comments(table: Table) -> Table:
    """The table with the comments of its columns cut to what its definition file can hold, all to one length.

    Raises SchemagenError ROW_TOO_LARGE where it is too large without any.
    """
    room = DEFINITION_BYTES - _definition_bytes(table)
    comments = [column.comment for column in table.columns if column.comment]
    if room < 0:
        sentence = (
            f"the definition of its {len(table.columns)} columns is larger than the {DEFINITION_BYTES} bytes that MariaDB keeps of one"
        )
        raise SchemagenError("ROW_TOO_LARGE", str(table.id), f"{sentence}; store nested objects as JSON, or split the schema")
    least, most = 0, max(map(len, comments), default=0)
    while least < most:
        middle = (least + most + 1) // 2
        fits = sum(len((cut_comment(text, middle) or "").encode()) for text in comments) <= room
        least, most = (middle, most) if fits else (least, middle - 1)
    return replace(table, columns=tuple(replace(c, comment=cut_comment(c.comment, least)) for c in table.columns))


def cut_comment(comment: str | None, limit: int) -> str | None:
    """A comment of at most so many characters, with an ellipsis where it was longer."""
    if not comment or limit == 0:
        return None
    return comment if len(comment) <= limit else comment[: limit - 1] + "…"


def _definition_bytes(table: Table) -> int:
    """Bytes of the definition but for comments: as measured, 18 a column, 6 an expression, names and texts; a default may be one."""
    total = 288
    for column in table.columns:
        name = len(column.name.encode())
        total += 18 + name
        if isinstance(column.type, sql.Json):
            total += 20 + 2 * name
        if column.default is not None:
            total += 6 + name + _length(column.default)
        if isinstance(column.type, sql.InlineEnum):
            total += sum(len(value.encode()) + 1 for value in column.type.values) + 2
    for item in table.constraints:
        if isinstance(item, Check):
            total += 6 + len((item.name or "").encode()) + _length(item.expr)
    return total


def _length(expr: Expr) -> int:
    return len(text(expression_sql(expr)).encode())
