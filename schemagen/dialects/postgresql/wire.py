"""Batches as binary COPY: which columns pgpq can send as they are, and the bytes of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from schemagen.catalog.batch import Batch, BatchColumn, arrow_type
from schemagen.catalog.types import (
    ArrayType,
    Binary,
    Boolean,
    Date,
    EnumRef,
    InlineEnum,
    Integer,
    Interval,
    Json,
    Numeric,
    Real,
    SqlType,
    Text,
    Time,
    Timestamp,
    Uuid,
)

if TYPE_CHECKING:
    import pyarrow as pa

# An array carries the type of its items, and of these pgpq writes another than the column's: uuid, timestamptz, varchar(n), jsonb.
_ITEMS = (Boolean, Integer, Real, Numeric, Date, Binary, EnumRef)


def can_send(meant: SqlType, stored: SqlType) -> bool:
    """True where an Arrow array of `meant`, after a cast that loses nothing, is what a column of `stored` reads.

    Binary COPY carries no types: a wrong pair is read as something else, or refused (22P03).
    """
    match meant, stored:
        case ArrayType(item), ArrayType(kind):
            sent = isinstance(kind, _ITEMS) or kind in (Text(), Timestamp(False), Time())
            return sent and can_send(item, kind)
        case Numeric(precision), Numeric():
            return precision is not None and precision <= 38
        case Integer(bits), Integer() | Numeric():
            return bits <= 64
        case Text() | EnumRef() | InlineEnum(), Text() | EnumRef():
            return True
        case Timestamp(zoned), Timestamp(zone):
            return zoned == zone
        case (Time(_, False), Time(_, False)) | (Json(), Json()) | (Real(), Real()):
            return True
        case ((Boolean() | Binary() | Date() | Interval() | Uuid()), _):
            return type(meant) is type(stored)
        case _:
            return False


def sent_type(meant: SqlType, stored: SqlType) -> pa.DataType:
    """The Arrow type whose binary form the column reads."""
    import pyarrow as pa

    match meant, stored:
        case ArrayType(item), ArrayType(kind):
            return pa.list_(sent_type(item, kind))
        case Numeric(), Numeric():
            return arrow_type(meant)
        case Integer(), Numeric():
            return pa.decimal128(20, 0)
        case _, Integer() | Real():
            return arrow_type(stored)
        case _:
            return arrow_type(meant)


class Encoder:
    """Makes binary COPY of batches of the same columns; `stored` are the types of the columns that take them."""

    def __init__(self, columns: Sequence[BatchColumn], stored: Sequence[SqlType]) -> None:
        import pyarrow as pa
        from pgpq import ArrowToPostgresBinaryEncoder

        self._types = [sent_type(column.type, kind) for column, kind in zip(columns, stored, strict=True)]
        self._schema = pa.schema([(column.name, kind) for column, kind in zip(columns, self._types, strict=True)])
        builders = {field.name: _builder(field, kind) for field, kind in zip(self._schema, stored, strict=True)}
        self._encoder: Any = ArrowToPostgresBinaryEncoder.new_with_encoders(self._schema, builders)

    def header(self) -> bytes:
        return bytes(self._encoder.write_header())

    def rows(self, batch: Batch) -> bytes:
        """Raises pyarrow's errors where a value does not fit its column."""
        import pyarrow as pa

        arrays = [_cast(column.array, kind) for column, kind in zip(batch.columns, self._types, strict=True)]
        return bytes(self._encoder.write_batch(pa.RecordBatch.from_arrays(arrays, schema=self._schema)))

    def end(self) -> bytes:
        return bytes(self._encoder.finish())


def _cast(array: pa.Array, kind: pa.DataType) -> pa.Array:
    return array if array.type == kind else array.cast(kind)


def _builder(field: pa.Field, stored: SqlType) -> Any:
    from pgpq import ArrowToPostgresBinaryEncoder
    from pgpq.encoders import StringEncoderBuilder
    from pgpq.schema import Jsonb

    if stored == Json():
        return StringEncoderBuilder.new_with_output(field, Jsonb())
    return ArrowToPostgresBinaryEncoder.infer_encoder(field)
