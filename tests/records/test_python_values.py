"""Python values as rows: objects, tuples and keys; what does not fit is named by its row and field."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest
from strong_typing.auxiliary import MaxLength, Precision, int16

from schemagen.catalog.batch import Batch
from schemagen.catalog.layout import Layout
from schemagen.catalog.placement import make_layout
from schemagen.dialects.base import dialect_named
from schemagen.errors import SchemagenError
from schemagen.model.annotations import DEFAULT, PrimaryKey
from schemagen.model.reflect import reflect
from schemagen.options import GeneratorOptions
from schemagen.records.python_values import key_rows, object_rows, tuple_rows, values_of
from tests.records.make import entity_of


class State(enum.Enum):
    active = "active"
    deleted = "deleted"


@dataclass
class Inner:
    a: int
    when: datetime | None


@dataclass
class User:
    id: PrimaryKey[int]
    at: datetime
    state: State
    uuid: UUID
    name: Annotated[str, MaxLength(5)]
    money: Annotated[Decimal, Precision(5, 2)]
    small: int16
    tags: list[str]
    inner: Inner
    url: str | None


def layout() -> Layout:
    import sys

    model = reflect(sys.modules[__name__])
    dialect = dialect_named("postgresql")
    entity = next(item for item in model.entities if item.name == "User")
    return make_layout(model, entity, "", GeneratorOptions(), lambda catalog: dialect.lower(catalog, dialect.assumed_server))


def user(**changes: Any) -> User:
    values: dict[str, Any] = {
        "id": 1, "at": datetime(2024, 5, 1, 12), "state": State.active, "uuid": UUID(int=5), "name": "é😀", "money": Decimal("1.5"),
        "small": 7, "tags": ["a"], "inner": Inner(1, datetime(2024, 5, 1, tzinfo=UTC)), "url": None,
    }  # fmt: skip
    return User(**{**values, **changes})


def batch_of(*users: User, first: int = 0) -> Batch:
    found = layout()
    return object_rows(found).batch([values_of(found, item) for item in users], first)


def test_object_gives_one_row() -> None:
    columns = {column.name: list(column.values) for column in batch_of(user()).columns}
    assert columns == {
        "id": [1], "at": [datetime(2024, 5, 1, 12, tzinfo=UTC)], "state": ["active"], "uuid": [UUID(int=5)], "name": ["é😀"],
        "money": [Decimal("1.50")], "small": [7], "tags": [["a"]], "inner": ['{"a":1,"when":"2024-05-01T00:00:00Z"}'], "url": [None],
    }  # fmt: skip
    assert batch_of(user()).arrow().num_rows == 1


def test_naive_time_is_utc_and_an_offset_is_turned_into_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    try:
        shifted = datetime(2024, 5, 1, 12, tzinfo=timezone(timedelta(hours=2)))
        column = batch_of(user(), user(at=shifted)).columns[1]
        assert list(column.values) == [datetime(2024, 5, 1, 12, tzinfo=UTC), datetime(2024, 5, 1, 10, tzinfo=UTC)]
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("id", 1 << 63, "expected an integer from"),
        ("id", True, "expected int, got bool"),
        ("id", "1", "expected int, got str"),
        ("id", None, "the column needs a value"),
        ("at", "2024-05-01", "expected datetime, got str"),
        ("name", "123456", "at most 5 characters"),
        ("name", "a\0", "U+0000"),
        ("name", "\ud800", "surrogate"),
        ("money", Decimal("1.505"), "NUMERIC_SCALE"),
        ("money", Decimal("NaN"), "no number"),
        ("small", 40000, "from -32768 to 32767"),
        ("tags", "abc", "expected list, got str"),
        ("tags", [1], "expected str, got int"),
        ("inner", object(), "expected a JSON value"),
        ("url", 7, "expected str, got int"),
    ],
)
def test_value_that_does_not_fit_is_named_by_row_and_field(field: str, value: Any, sentence: str) -> None:
    with pytest.raises(SchemagenError, match=rf"^UNFIT: row 13, field {field}: ") as error:
        batch_of(user(), user(), user(**{field: value}), first=10)
    assert sentence in str(error.value)


def test_default_stands_for_a_whole_column() -> None:
    assert "url" not in batch_of(user(url=DEFAULT), user(url=DEFAULT)).names
    with pytest.raises(SchemagenError, match="row 2, field url: DEFAULT stands for the whole column"):
        batch_of(user(url=DEFAULT), user(url="x"))


def test_tuples_are_named_by_fields_and_checked_by_their_types() -> None:
    rows = tuple_rows(layout(), ["name", "id"], [str, int])
    assert [list(column.values) for column in rows.batch([("a", 1), ("b", 2)], 0).columns] == [["a", "b"], [1, 2]]
    with pytest.raises(SchemagenError, match="row 2: expected 2 values, got 1"):
        rows.batch([("a", 1), ("b",)], 0)
    with pytest.raises(SchemagenError, match="row 1, field id: expected int, got str"):
        rows.batch([("a", "1")], 0)
    with pytest.raises(SchemagenError, match="nope: is no column of"):
        tuple_rows(layout(), ["nope"])
    with pytest.raises(SchemagenError, match="expected 1, one for each name, got 2"):
        tuple_rows(layout(), ["id"], [int, str])


def test_keys_are_tuples_in_the_order_of_the_key() -> None:
    (column,) = key_rows(layout()).batch([(1,), (2,)], 0).columns
    assert (column.name, list(column.values)) == ("id", [1, 2])
    _, _, keyless = entity_of({"title": "t", "type": "object", "properties": {"a": {}}})
    with pytest.raises(SchemagenError, match="NO_KEY"):
        key_rows(keyless)


def test_object_of_a_schema_keeps_extra_and_says_what_is_absent() -> None:
    @dataclass
    class Thing:
        a: str | None
        n: int | None
        extra_: dict[str, Any] | None = None

    schema = {"title": "t", "type": "object", "properties": {"a": {"type": ["string", "null"]}, "n": {"type": "integer"}}}
    _, _, found = entity_of(schema)
    rows = [values_of(found, item) for item in (Thing("x", 1), Thing(None, None, {"b": [Decimal("1.50")]}))]
    columns = {column.name: list(column.values) for column in object_rows(found).batch(rows, 0).columns}
    assert columns == {"a": ["x", None], "n": [1, None], "_extra": [None, '{"b":[1.50]}'], "_absent": [None, '["a"]']}
