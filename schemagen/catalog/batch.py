"""Batches of rows by column, how they are written, and what a write counted."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from schemagen.catalog import types as sql
from schemagen.catalog.objects import StructType
from schemagen.errors import Kind

if TYPE_CHECKING:
    import pyarrow as pa

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Row = Mapping[str, Any]
SEQ = "_seq"


class Mode(enum.Enum):
    """What a record does to the row of its key: replace, be refused where there is one, or remove it."""

    UPSERT = "upsert"
    INSERT = "insert"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of records. Always read == the sum of the others."""

    read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    superseded: int = 0
    deleted: int = 0
    rejected: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, item.name) + getattr(other, item.name) for item in fields(self)))

    @property
    def balanced(self) -> bool:
        return self.read == self.inserted + self.updated + self.unchanged + self.superseded + self.deleted + self.rejected


@dataclass(frozen=True, slots=True)
class RowReject:
    """A staged row that the target refused, by its record's number."""

    seq: int
    code: Kind
    message: str


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What a merge did. `counts.read` is the number of staged rows; rejects are counted in it."""

    counts: Counts
    rejects: tuple[RowReject, ...] = ()


@dataclass(frozen=True, eq=False)
class BatchColumn:
    """One column: Python values, or the Arrow array that a conversion already made; each is made from the other on demand.

    `values` hold, per SqlType: Boolean bool, Integer int, Real float, Numeric Decimal, Text, Json, Inet and enums str (Json: JSON text),
    Binary bytes, Date date, Time time, Timestamp datetime (aware where zoned, else naive), Interval timedelta, Uuid UUID,
    ArrayType list, StructRef dict by member name; None is NULL.
    `array` is of `arrow_type(type)`: Uuid 16 bytes, Numeric of over 38 digits or unbounded its text.
    """

    name: str
    type: sql.SqlType
    given: Sequence[Any] | None = None
    given_array: pa.Array | None = None
    structs: tuple[StructType, ...] = ()

    @cached_property
    def array(self) -> pa.Array:
        """The column as an Arrow array. Raises pyarrow's errors where a value is not of the type (`records/columns.py` checks first)."""
        import pyarrow as pa

        if self.given_array is not None:
            return self.given_array
        kind = arrow_type(self.type, self.structs)
        given = self.given or ()
        return pa.array(given if _is_plain(self.type) else [to_arrow_value(self.type, value) for value in given], type=kind)

    @cached_property
    def values(self) -> Sequence[Any]:
        """The column as Python values."""
        if self.given is not None:
            return self.given
        match self.type:
            case sql.Timestamp(zoned=True):
                # `to_pylist` looks the zone up for each value: five times as long.
                instants = self.array.cast("int64").to_pylist()
                return [None if value is None else _EPOCH + timedelta(microseconds=value) for value in instants]
            case kind if _is_plain(kind):
                return cast(Sequence[Any], self.array.to_pylist())
            case kind:
                return [from_arrow_value(kind, value) for value in self.array.to_pylist()]

    def __len__(self) -> int:
        return len(self.given) if self.given is not None else len(self.given_array) if self.given_array is not None else 0


@dataclass(frozen=True, eq=False)
class Batch:
    """Rows by column. `seq`: each row's record number in its split, ascending; None where rows come from no file."""

    columns: tuple[BatchColumn, ...]
    seq: Sequence[int] | None = None

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def arrow(self) -> pa.RecordBatch:
        """The columns, and `_seq` (int64) last where there is one."""
        import pyarrow as pa

        arrays = [column.array for column in self.columns]
        names = list(self.names)
        if self.seq is not None:
            arrays.append(pa.array(self.seq, type=pa.int64()))
            names.append(SEQ)
        return pa.RecordBatch.from_arrays(arrays, names=names)

    def rows(self) -> list[tuple[Any, ...]]:
        """Tuples of Python values, `_seq` last where there is one."""
        columns: list[Sequence[Any]] = [column.values for column in self.columns]
        if self.seq is not None:
            columns.append(self.seq)
        return list(zip(*columns, strict=True))


def numbered(batch: Batch, name: str, start: int) -> Batch:
    """The batch with its records' numbers as the last column; rows from no file are numbered from `start`."""
    numbers = batch.seq if batch.seq is not None else range(start, start + len(batch))
    return replace(batch, columns=(*batch.columns, BatchColumn(name, sql.Integer(64), numbers)), seq=None)


def joined(batches: Sequence[Batch]) -> Batch:
    """The rows of batches of the same columns, of which each has record numbers or none has, as one batch."""
    import pyarrow as pa

    first = batches[0]
    if len(batches) == 1:
        return first
    columns = []
    for place, column in enumerate(first.columns):
        parts = [batch.columns[place] for batch in batches]
        if any(part.given is not None for part in parts):
            columns.append(replace(column, given=[value for part in parts for value in part.values], given_array=None))
        else:
            columns.append(replace(column, given_array=pa.concat_arrays([part.array for part in parts])))
    seq = None if first.seq is None else [number for batch in batches for number in batch.seq or ()]
    return Batch(tuple(columns), seq)


def arrow_type(kind: sql.SqlType, structs: Sequence[StructType] = ()) -> pa.DataType:
    """The Arrow type that carries a column's values from `load/` to a dialect's `bulk`."""
    import pyarrow as pa

    match kind:
        case sql.Boolean():
            return pa.bool_()
        case sql.Integer(bits, unsigned):
            name = f"{'u' if unsigned else ''}int{bits}"
            return pa.string() if bits > 64 else getattr(pa, name)()
        case sql.Real(bits):
            return pa.float32() if bits == 32 else pa.float64()
        case sql.Numeric(precision, scale):
            return pa.decimal128(precision, scale or 0) if precision is not None and precision <= 38 else pa.string()
        case sql.Binary(length, fixed):
            return pa.binary(length) if fixed and length else pa.binary()
        case sql.Date():
            return pa.date32()
        case sql.Time():
            return pa.time64("us")
        case sql.Timestamp(zoned, _):
            return pa.timestamp("us", tz="UTC" if zoned else None)
        case sql.Interval():
            return pa.duration("us")
        case sql.Uuid():
            return pa.binary(16)
        case sql.ArrayType(item):
            return pa.list_(arrow_type(item, structs))
        case sql.StructRef(id):
            struct = struct_of(id, structs)
            return pa.struct([(member.name, arrow_type(member.type, structs)) for member in struct.members])
        case sql.Text() | sql.Json() | sql.Inet() | sql.EnumRef() | sql.InlineEnum() | sql.Opaque():
            return pa.string()


def struct_of(id: sql.ObjectId, structs: Sequence[StructType]) -> StructType:
    return next(item for item in structs if item.id == id)


def _is_plain(kind: sql.SqlType) -> bool:
    """True where Arrow takes and gives the Python values as they are."""
    match kind:
        case sql.Uuid() | sql.ArrayType() | sql.StructRef():
            return False
        case sql.Integer(bits, _):
            return bits <= 64
        case sql.Numeric(precision, _):
            return precision is not None and precision <= 38
        case _:
            return True


def to_arrow_value(kind: sql.SqlType, value: Any) -> Any:
    """A Python value (see BatchColumn) as `pa.array` takes it."""
    if value is None:
        return None
    match kind:
        case sql.Uuid():
            return value.bytes
        case sql.Numeric(precision, _) if precision is None or precision > 38:
            return format(value, "f")
        case sql.Integer(bits, _) if bits > 64:
            return str(value)
        case sql.ArrayType(item):
            return [to_arrow_value(item, element) for element in value]
    return value


def from_arrow_value(kind: sql.SqlType, value: Any) -> Any:
    """The opposite of `to_arrow_value`, for what `to_pylist` gave."""
    if value is None:
        return None
    match kind:
        case sql.Uuid():
            return UUID(bytes=value)
        case sql.Numeric():
            return value if isinstance(value, Decimal) else Decimal(value)
        case sql.Integer(bits, _) if bits > 64:
            return int(value)
        case sql.ArrayType(item):
            return [from_arrow_value(item, element) for element in value]
    return value


@dataclass(frozen=True, slots=True)
class Report:
    """What a load did, for one entity; `seconds` from the first byte read to the last commit."""

    entity: str
    counts: Counts
    bytes: int = 0
    seconds: float = 0.0
    load_id: str = ""
    tables: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    skipped: str = ""
