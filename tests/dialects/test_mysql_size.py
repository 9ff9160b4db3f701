"""InnoDB's limits, as `lower` computes them and as a real MariaDB judges them."""

from __future__ import annotations

from subprocess import CalledProcessError

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemagen.catalog.expressions import InList, Literal
from schemagen.catalog.objects import Check, Column, Constraint, ForeignKey, Index, PrimaryKey, Table, Unique
from schemagen.catalog.types import Binary, Date, Integer, Json, Numeric, ObjectId, SqlType, Text, Timestamp, Uuid
from schemagen.dialects.mysql.dialect import DIALECT
from schemagen.dialects.mysql.size import PAGE_BYTES, column_bytes
from schemagen.errors import SchemagenError
from schemagen.plan.changes import CreateTable
from schemagen.plan.plan import Step
from tests.dialects.scripts import catalog_of, creation, script
from tests.servers.mariadb import MariadbServer

# Kinds that no longtext can replace, so that the limit is theirs.
RIGID: tuple[SqlType, ...] = (
    Text(),
    Json(binary=False), Integer(64), Integer(32), Numeric(30, 10), Timestamp(zoned=False), Date(), Binary(16, fixed=True), Binary(63),
)  # fmt: skip
ID = Column("id", Integer(64), nullable=False)
KEY = PrimaryKey(("id",), "pk_t")


def lower(*tables: Table) -> tuple[Table, ...]:
    return DIALECT.lower(catalog_of(*tables), DIALECT.assumed_server).tables


def wide(kinds: list[SqlType], *, keyed: bool = True) -> Table:
    columns = tuple(Column(f"c{number}", kind, nullable=number % 2 == 0) for number, kind in enumerate(kinds))
    return Table(ObjectId("table", "", "t"), (ID, *columns) if keyed else columns, (KEY,) if keyed else ())


def is_taken(table: Table) -> bool:
    """True where `lower` takes the table. Raises every error but ROW_TOO_LARGE."""
    try:
        lower(table)
    except SchemagenError as error:
        if error.kind != "ROW_TOO_LARGE":
            raise
        return False
    return True


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(RIGID), min_size=1, max_size=3), st.integers(-40, 40), st.booleans(), st.data())
def test_server_takes_a_row_exactly_where_lower_does(
    mariadb_server: MariadbServer, kinds: list[SqlType], beside: int, keyed: bool, data: st.DataObject
) -> None:
    last = kinds[-1]
    first = [kind for kind in kinds[:-1] for _ in range(data.draw(st.integers(1, 40)))]
    room = PAGE_BYTES - 30 - sum(column_bytes(kind)[0] for kind in first) + beside
    count = min(max(room // (column_bytes(last)[0]), 1), 1015 - len(first))
    table = wide(first + [last] * count, keyed=keyed)
    mariadb_server.client("DROP DATABASE IF EXISTS sized; CREATE DATABASE sized")
    if is_taken(table):
        mariadb_server.client(script(creation(catalog_of(table), DIALECT), DIALECT), "sized")
    else:
        lines = [DIALECT.text(sql) for sql in DIALECT.render(Step(CreateTable(table)))]
        with pytest.raises(CalledProcessError):
            mariadb_server.client(script(lines, DIALECT), "sized")


@pytest.mark.parametrize("keyed", [True, False])
def test_row_of_as_many_bytes_as_a_page_holds_is_taken_and_one_more_is_not(
    mariadb_server: MariadbServer, mariadb_database: str, keyed: bool
) -> None:
    """A table without a key has a row id of its own, of six bytes."""
    room = PAGE_BYTES - 1 - (18 + column_bytes(ID.type)[0] if keyed else 24)
    for beside in (0, 1):
        kinds: list[SqlType] = [Binary(16, fixed=True)] * ((room + beside) // 16) + [Integer(8)] * ((room + beside) % 16)
        columns = tuple(Column(f"c{number}", kind, nullable=False) for number, kind in enumerate(kinds))
        table = Table(ObjectId("table", "", f"t{beside}"), (ID, *columns) if keyed else columns, (KEY,) if keyed else ())
        assert is_taken(table) is (beside == 0)
        lines = script([DIALECT.text(sql) for sql in DIALECT.render(Step(CreateTable(table)))], DIALECT)
        if beside:
            with pytest.raises(CalledProcessError):
                mariadb_server.client(lines, mariadb_database)
        else:
            mariadb_server.client(lines, mariadb_database)


@pytest.mark.parametrize(("length", "count"), [(63, 33), (63, 200), (255, 65), (255, 300), (5000, 4), (10, 380)])
def test_varchars_give_way_to_longtext_until_the_row_fits(
    mariadb_server: MariadbServer, mariadb_database: str, length: int, count: int
) -> None:
    table = wide([Text(length)] * count)
    (lowered,) = lower(table)
    kinds = {column.type for column in lowered.columns[1:]}
    assert kinds == {Text(length), Text()} or kinds == {Text()}
    mariadb_server.client(script(creation(catalog_of(table), DIALECT), DIALECT), mariadb_database)


@pytest.mark.parametrize(("kind", "count"), [(Text(), 400), (Text(63), 800)])
def test_row_that_cannot_fit_is_refused_by_name(kind: SqlType, count: int) -> None:
    with pytest.raises(
        SchemagenError, match=r"ROW_TOO_LARGE: t: a row of its \d+ columns takes \d+ bytes .*; store nested objects as JSON"
    ):
        lower(wide([kind] * count))


def test_too_many_columns_are_refused_by_name() -> None:
    with pytest.raises(SchemagenError, match=r"TOO_MANY_COLUMNS: t: has 1018 columns; InnoDB admits 1017"):
        lower(wide([Date()] * 1017))


KEYS: list[tuple[list[SqlType], list[int]]] = [
    ([Text()], [255]), ([Text(768)], [768]), ([Text(1000)], [768]), ([Text()] * 3, [255] * 3),
    ([Text()] * 4, [192] * 4),
    ([Text(500), Text(500)], [384, 384]), ([Text(700), Text(68)], [700, 68]),
    ([Text(), Uuid(), Text(800)], [255, 16, 382]), ([Text(20)], [20]),
]  # fmt: skip


@pytest.mark.parametrize(("kinds", "lengths"), KEYS)
@pytest.mark.parametrize("make", [PrimaryKey, Unique, lambda columns, name: Index(name, columns)], ids=["key", "unique", "index"])
def test_text_of_a_key_has_a_length_that_an_index_holds(
    mariadb_server: MariadbServer, mariadb_database: str, kinds: list[SqlType], lengths: list[int], make: type[PrimaryKey]
) -> None:
    names = tuple(f"c{number}" for number in range(len(kinds)))
    item: Constraint | Index = make(names, "k")
    columns = tuple(Column(name, kind, nullable=False) for name, kind in zip(names, kinds, strict=True))
    table = (
        Table(ObjectId("table", "", "t"), columns, (), (item,))
        if isinstance(item, Index)
        else Table(ObjectId("table", "", "t"), columns, (item,))
    )
    (lowered,) = lower(table)
    assert [getattr(column.type, "length", None) for column in lowered.columns] == lengths
    mariadb_server.client(script(creation(catalog_of(table), DIALECT), DIALECT), mariadb_database)


def test_foreign_key_and_its_target_are_both_of_a_length_that_an_index_holds(mariadb_server: MariadbServer, mariadb_database: str) -> None:
    parent = Table(ObjectId("table", "", "p"), (ID, Column("code", Text(), nullable=False)), (KEY, Unique(("code",), "uq_p")))
    child = Table(ObjectId("table", "", "c"), (ID, Column("code", Text())), (KEY, ForeignKey(("code",), parent.id, ("code",), "fk_c")))
    (low_child, low_parent) = lower(child, parent)
    assert low_child.column("code").type == low_parent.column("code").type == Text(255)
    assert low_child.indexes == (Index("fk_c", ("code",)),)
    mariadb_server.client(script(creation(catalog_of(child, parent), DIALECT), DIALECT), mariadb_database)


@pytest.mark.parametrize(("count", "length", "check"), [(380, 170, False), (200, 300, True), (300, 1000, False), (100, 1024, True)])
def test_comments_are_cut_until_the_definition_fits(
    mariadb_server: MariadbServer, mariadb_database: str, count: int, length: int, check: bool
) -> None:
    columns = tuple(Column(f"column {number}", Json(), comment=f"é{number}" + "x" * length) for number in range(count))
    texts = tuple(Column(f"t{number}", Text(4), default=Literal("it's")) for number in range(20))
    checks = tuple(Check(InList(column.name, ("a", "it's")), f"ch_{column.name}") for column in texts if check)
    table = Table(ObjectId("table", "", "t"), (ID, *columns, *(texts if check else ())), (KEY, *checks), comment="y" * 3000)
    (lowered,) = lower(table)
    assert lower(lowered) == (lowered,)
    lengths = {len(column.comment or "") for column in lowered.columns[1 : count + 1]}
    assert max(lengths) >= 100
    assert len(lengths) <= 4
    mariadb_server.client(script(creation(catalog_of(table), DIALECT), DIALECT), mariadb_database)


def test_definition_that_is_too_large_without_comments_is_refused_by_name() -> None:
    columns = tuple(Column("n" * 50 + str(number), Integer(64)) for number in range(900))
    checks = tuple(Check(InList(column.name, (1, 2, 3)), f"ch_{number}") for number, column in enumerate(columns))
    with pytest.raises(SchemagenError, match="ROW_TOO_LARGE: t: the definition of its 901 columns is larger"):
        lower(Table(ObjectId("table", "", "t"), (ID, *columns), (KEY, *checks)))
