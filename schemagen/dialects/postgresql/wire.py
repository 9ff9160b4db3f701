"""Batches as binary COPY: which columns pgpq can send as they are, and the bytes of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from schemagen.catalog import types as sql
from schemagen.catalog.batch import Batch, BatchColumn, arrow_type

if TYPE_CHECKING:
    import pyarrow as pa

# An array carries the type of its items, and of these pgpq writes another than the column's: uuid, timestamptz, varchar(n), jsonb.
_ITEMS = (sql.Boolean, sql.Integer, sql.Real, sql.Numeric, sql.Date, sql.Binary, sql.EnumRef)


def can_send(meant: sql.SqlType, stored: sql.SqlType) -> bool:
    """True where an Arrow array of `meant`, after a cast that loses nothing, is what a column of `stored` reads.

    Binary COPY carries no types: a wrong pair is read as something else, or refused (22P03).
    """
    match meant, stored:
        case sql.ArrayType(item), sql.ArrayType(kind):
            sent = isinstance(kind, _ITEMS) or kind in (sql.Text(), sql.Timestamp(False), sql.Time())
            return sent and can_send(item, kind)
        case sql.Numeric(precision), sql.Numeric():
            return precision is not None and precision <= 38
        case sql.Integer(bits), sql.Integer() | sql.Numeric():
            return bits <= 64
        case sql.Text() | sql.EnumRef() | sql.InlineEnum(), sql.Text() | sql.EnumRef():
            return True
        case sql.Timestamp(zoned), sql.Timestamp(zone):
            return zoned == zone
        case (sql.Time(_, False), sql.Time(_, False)) | (sql.Json(), sql.Json()) | (sql.Real(), sql.Real()):
            return True
        case ((sql.Boolean() | sql.Binary() | sql.Date() | sql.Interval() | sql.Uuid()), _):
            return type(meant) is type(stored)
        case _:
            return False


def sent_type(meant: sql.SqlType, stored: sql.SqlType) -> pa.DataType:
    """The Arrow type whose binary form the column reads."""
    import pyarrow as pa

    match meant, stored:
        case sql.ArrayType(item), sql.ArrayType(kind):
            return pa.list_(sent_type(item, kind))
        case sql.Numeric(), sql.Numeric():
            return arrow_type(meant)
        case sql.Integer(), sql.Numeric():
            return pa.decimal128(20, 0)
        case _, sql.Integer() | sql.Real():
            return arrow_type(stored)
        case _:
            return arrow_type(meant)


class Encoder:
    """Makes binary COPY of batches of the same columns; `stored` are the types of the columns that take them."""

    def __init__(self, columns: Sequence[BatchColumn], stored: Sequence[sql.SqlType]) -> None:
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


def _builder(field: pa.Field, stored: sql.SqlType) -> Any:
    from pgpq import ArrowToPostgresBinaryEncoder
    from pgpq.encoders import StringEncoderBuilder
    from pgpq.schema import Jsonb

    if stored == sql.Json():
        return StringEncoderBuilder.new_with_output(field, Jsonb())
    return ArrowToPostgresBinaryEncoder.infer_encoder(field)
