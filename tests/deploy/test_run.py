"""Plans on live databases: what is applied, what is refused with nothing changed, and what is left alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from schemagen.catalog.objects import Catalog
from schemagen.deploy.run import apply_live, make_live_plan
from schemagen.dialects.base import Dialect, Driver, Session, dialect_named, driver_named
from schemagen.errors import SchemagenError
from schemagen.options import PlanOptions
from schemagen.plan.plan import Plan
from schemagen.plan.scope import normal
from schemagen.sql import Sql
from schemagen.url import parse_url
from tests.plan.notation import catalog_of


@dataclass
class Database:
    """One open database, driven in the notation of the cases."""

    dialect: Dialect
    driver: Driver
    session: Session

    async def plan(self, text: str, *allow: str) -> Plan:
        return await make_live_plan(catalog_of(text), self.dialect, self.driver, self.session, PlanOptions(allow=allow))

    async def apply(self, text: str, *allow: str) -> Plan:
        return await apply_live(catalog_of(text), self.dialect, self.driver, self.session, PlanOptions(allow=allow))

    async def inspect(self) -> Catalog:
        return normal(await self.driver.inspect(self.session))

    async def run(self, sql: str) -> None:
        await self.session.execute(Sql(sql))

    async def rows(self, sql: str) -> list[tuple[object, ...]]:
        return await self.session.fetch(Sql(sql))


@pytest.fixture(params=["duckdb", "postgresql"])
async def database(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    url: str = request.getfixturevalue(f"{request.param}_url")
    name, parameters = parse_url(url)
    driver = driver_named(name)
    session = await driver.connect(parameters)
    try:
        yield Database(dialect_named(name), driver, session)
    finally:
        await session.close()


NOTE = """
table note
  id bigint key
  text text null comment what
  n int default 1
  unique id, n
  check n >= 0
"""


async def test_what_is_missing_is_made_and_then_nothing_is_to_do(database: Database) -> None:
    assert not (await database.apply(NOTE)).is_empty
    assert (await database.plan(NOTE)).is_empty
    assert (await database.apply(NOTE)).is_empty


async def test_a_plan_changes_nothing(database: Database) -> None:
    await database.apply(NOTE)
    before = await database.inspect()
    await database.plan(NOTE.replace("text text null", "other text null"))
    assert await database.inspect() == before


async def test_a_plan_for_a_file_that_is_not_there_makes_none(tmp_path: Path) -> None:
    name, parameters = parse_url(f"duckdb:///{tmp_path / 'none.duckdb'}")
    driver = driver_named(name)
    session = await driver.connect(parameters, read_only=True)
    try:
        plan = await make_live_plan(catalog_of(NOTE), dialect_named(name), driver, session, PlanOptions())
    finally:
        await session.close()
    assert not plan.is_empty
    assert not list(tmp_path.iterdir())


async def test_a_drop_is_refused_with_its_token_and_nothing_is_changed(database: Database) -> None:
    await database.apply(NOTE)
    before = await database.inspect()
    with pytest.raises(SchemagenError, match=r"^REFUSED: note\.text: .*\(--allow DROP_COLUMN:note\.text\); nothing was changed$"):
        await database.apply(NOTE.replace("  text text null comment what\n", "  more text null\n"))
    assert await database.inspect() == before


async def test_a_drop_that_is_allowed_keeps_the_other_columns(database: Database) -> None:
    await database.apply(NOTE)
    await database.run("INSERT INTO note VALUES (7, 'a', 3)")
    await database.apply(NOTE.replace("  text text null comment what\n", ""), "DROP_COLUMN:note.text")
    assert await database.rows("SELECT id, n FROM note") == [(7, 3)]


async def test_tables_that_the_target_does_not_name_are_left_alone(database: Database) -> None:
    await database.run("CREATE TABLE theirs (a integer)")
    await database.apply(NOTE)
    assert {table.id.name for table in (await database.inspect()).tables} == {"note", "theirs"}


async def test_nulls_in_a_column_to_be_required_are_counted(database: Database) -> None:
    await database.apply(NOTE)
    await database.run("INSERT INTO note VALUES (1, NULL, 1), (2, NULL, 1), (3, 'x', 1)")
    wanted = NOTE.replace("text text null", "text text")
    with pytest.raises(SchemagenError, match=r"rows in the way: 2 \(give .* first; counted by: SELECT .* IS NULL\); nothing was changed$"):
        await database.apply(wanted, "NOT_NULL_WITH_NULLS:note.text")
    await database.run("DELETE FROM note WHERE text IS NULL")
    await database.apply(wanted)
    assert (await database.plan(wanted)).is_empty


async def test_a_required_column_comes_to_an_empty_table_only(database: Database) -> None:
    await database.apply(NOTE)
    wanted = NOTE.replace("  unique", "  more text\n  unique")
    await database.run("INSERT INTO note (id) VALUES (1)")
    with pytest.raises(SchemagenError, match=r"--set sql-defaults=true.*; rows in the way: 1 \(without one.*\); nothing was changed$"):
        await database.apply(wanted, "ADD_REQUIRED_COLUMN_NON_EMPTY:note.more")
    await database.run("DELETE FROM note")
    await database.apply(wanted)
    assert (await database.plan(wanted)).is_empty


async def test_a_number_is_never_rounded_in_silence(database: Database) -> None:
    before, after = (f"table money\n  id bigint key\n  amount numeric({digits}) null" for digits in ("10,4", "10,2"))
    await database.apply(before)
    await database.run("INSERT INTO money VALUES (1, 1.25)")
    await database.apply(after)
    await database.apply(before)
    await database.run("INSERT INTO money VALUES (2, 1.2345)")
    with pytest.raises(SchemagenError, match=r"--allow NARROW:money\.amount"):
        await database.apply(after)
    await database.apply(after, "NARROW:money.amount")
    assert [str(amount) for (amount,) in await database.rows("SELECT amount FROM money ORDER BY id")] == ["1.25", "1.23"]


async def test_a_text_too_long_is_never_cut(database: Database) -> None:
    await database.apply("table note\n  id bigint key\n  n text null")
    await database.run("INSERT INTO note VALUES (1, 'twelve')")
    with pytest.raises(SchemagenError, match=r"rows in the way: 1 \(repair those rows first; counted by: SELECT .*\); nothing"):
        await database.apply("table note\n  id bigint key\n  n int null", "NARROW:note.n")
    assert await database.rows("SELECT n FROM note") == [("twelve",)]


async def test_orphans_are_counted_before_a_foreign_key_is_made(database: Database) -> None:
    before = "table parent\n  id bigint key\ntable child\n  id bigint key\n  parent bigint null"
    await database.apply(before)
    await database.run("INSERT INTO parent VALUES (1)")
    await database.run("INSERT INTO child VALUES (1, 1), (2, 2), (3, NULL)")
    after = before + "\n  foreign parent -> parent(id)"
    with pytest.raises(SchemagenError, match=r"rows in the way: 1 \(repair those rows first; counted by: SELECT .*\); nothing"):
        await database.apply(after, "FK_ORPHANS:child.parent")
    await database.run("DELETE FROM child WHERE id = 2")
    await database.apply(after)
    assert (await database.plan(after)).is_empty


async def test_a_new_enum_value_can_be_used_in_the_same_plan(database: Database) -> None:
    await database.apply("enum mood: sad, ok\ntable note\n  id bigint key\n  mood mood default 'ok'")
    await database.run("INSERT INTO note (id) VALUES (1)")
    after = "enum mood: sad, so_so, ok\ntable note\n  id bigint key\n  mood mood default 'so_so'"
    await database.apply(after)
    await database.run("INSERT INTO note (id) VALUES (2)")
    assert sorted(await database.rows("SELECT id, CAST(mood AS varchar) FROM note")) == [(1, "ok"), (2, "so_so")]
    assert (await database.plan(after)).is_empty


async def test_an_enum_value_in_use_is_not_removed(database: Database) -> None:
    await database.apply("enum mood: sad, ok\ntable note\n  id bigint key\n  mood mood null")
    await database.run("INSERT INTO note VALUES (1, 'sad')")
    after = "enum mood: ok\ntable note\n  id bigint key\n  mood mood null"
    with pytest.raises(SchemagenError, match=r"rows in the way: 1 \(repair those rows first; counted by: SELECT .*\); nothing"):
        await database.apply(after, "DROP_ENUM_VALUE:note.mood")
    await database.run("UPDATE note SET mood = 'ok'")
    await database.apply(after)
    assert (await database.plan(after)).is_empty


async def test_a_type_that_only_the_table_used_is_named_before_it_goes(database: Database) -> None:
    await database.apply("enum mood: sad, ok\ntable note\n  id bigint key\n  mood mood null")
    after = "table note\n  id bigint key\n  mood text null\n  check mood in sad, ok"
    with pytest.raises(SchemagenError, match="--allow DROP_ENUM:mood"):
        await database.apply(after)
    await database.apply(after, "DROP_ENUM:mood")
    assert not (await database.inspect()).enums


async def test_rows_of_a_lookup_table_follow_the_target(database: Database) -> None:
    table = "table kind\n  value text key\n  row {}\n  row {}\ntable note\n  id bigint key\n  kind text\n  foreign kind -> kind(value)"
    await database.apply(table.format("a", "b"))
    await database.run("INSERT INTO note VALUES (1, 'b')")
    with pytest.raises(SchemagenError, match=r"values 'b' of kind are removed; rows in the way: 1 \(repair those rows first"):
        await database.apply(table.format("a", "c"), "DROP_ENUM_VALUE:note.kind")
    await database.apply(table.format("b", "c"))
    assert sorted(await database.rows("SELECT value FROM kind")) == [("b",), ("c",)]
    assert (await database.plan(table.format("b", "c"))).is_empty


async def test_a_view_on_the_table_is_respected(database: Database) -> None:
    await database.apply(NOTE)
    await database.run("CREATE VIEW report AS SELECT text FROM note")
    with pytest.raises(SchemagenError, match="the view report depends on it"):
        await database.apply(NOTE.replace("  text text null comment what\n", ""), "DROP_COLUMN:*")


async def test_an_empty_column_may_be_dropped_where_the_option_says_so(database: Database) -> None:
    await database.apply(NOTE)
    after = catalog_of(NOTE.replace("  text text null comment what\n", ""))
    options = PlanOptions(allow_empty_drops=True)
    await database.run("INSERT INTO note VALUES (1, 'x', 1)")
    with pytest.raises(SchemagenError, match=r"--allow DROP_COLUMN:note\.text"):
        await apply_live(after, database.dialect, database.driver, database.session, options)
    await database.run("UPDATE note SET text = NULL")
    await apply_live(after, database.dialect, database.driver, database.session, options)


async def test_whole_namespaces_lose_what_the_target_lacks(database: Database) -> None:
    await database.apply(NOTE)
    target = catalog_of("table other\n  id bigint key")
    arguments = (target, database.dialect, database.driver, database.session)
    with pytest.raises(SchemagenError, match="--allow DROP_TABLE:note"):
        await apply_live(*arguments, PlanOptions(), drop_unknown=True)
    await apply_live(*arguments, PlanOptions(allow=("DROP_TABLE:note",)), drop_unknown=True)
    assert [table.id.name for table in (await database.inspect()).tables] == ["other"]


async def test_a_large_table_is_not_rewritten_without_being_asked(postgresql_url: str) -> None:
    name, parameters = parse_url(postgresql_url)
    driver = driver_named(name)
    session = await driver.connect(parameters)
    try:
        database = Database(dialect_named(name), driver, session)
        await database.apply("table note\n  id bigint key\n  n int")
        await database.run("INSERT INTO note SELECT i, i FROM generate_series(1, 20) AS i")
        after = catalog_of("table note\n  id bigint key\n  n bigint")
        arguments = (after, database.dialect, driver, session)
        with pytest.raises(SchemagenError, match="--allow REWRITE_LARGE:note"):
            await apply_live(*arguments, PlanOptions(large_rows=10))
        await apply_live(*arguments, PlanOptions(large_rows=20))
    finally:
        await session.close()


DAYS = """
enum mood: sad, {}ok
enum other: sad, so_so
table day
  id bigint key
  mood mood null
table note
  id bigint key
  mood {} null
"""


@pytest.mark.parametrize("kind", ["text", "other"])
async def test_a_column_becomes_an_enum_that_gains_values_in_the_same_plan(database: Database, kind: str) -> None:
    await database.apply(DAYS.format("", kind))
    await database.run("INSERT INTO note VALUES (1, 'so_so')")
    after = DAYS.format("so_so, ", "mood")
    await database.apply(after)
    assert await database.rows("SELECT id, CAST(mood AS varchar) FROM note") == [(1, "so_so")]
    assert (await database.plan(after)).is_empty


LOOKUP = """
table kind
  value text key
  description text null
  row a, {}
  row b, second
table note
  id bigint key
  kind text
  foreign kind -> kind(value)
"""


@pytest.mark.parametrize("used", ["a", "b"])
async def test_a_row_of_a_lookup_table_whose_description_changes_stays(database: Database, used: str) -> None:
    await database.apply(LOOKUP.format("first"))
    await database.run(f"INSERT INTO note VALUES (1, '{used}')")
    await database.apply(LOOKUP.format("the first"))
    assert sorted(await database.rows("SELECT value, description FROM kind")) == [("a", "the first"), ("b", "second")]
    assert await database.rows("SELECT id, kind FROM note") == [(1, used)]
    assert (await database.plan(LOOKUP.format("the first"))).is_empty


async def test_rows_of_a_lookup_table_are_removed_altered_and_added_at_once(database: Database) -> None:
    await database.apply(LOOKUP.format("first"))
    await database.run("INSERT INTO note VALUES (1, 'a')")
    after = LOOKUP.format("the first").replace("row b, second", "row c, first")
    await database.apply(after, "DROP_ENUM_VALUE:*")
    assert sorted(await database.rows("SELECT value, description FROM kind")) == [("a", "the first"), ("c", "first")]
    assert (await database.plan(after)).is_empty


async def test_used_rows_of_a_lookup_table_come_to_have_descriptions(database: Database) -> None:
    plain = LOOKUP.replace("  description text null\n", "").replace(", {}", "").replace(", second", "")
    await database.apply(plain)
    await database.run("INSERT INTO note VALUES (1, 'a')")
    after = LOOKUP.format("first").replace("row b", "row c, third\n  row b")
    await database.apply(after)
    assert sorted(await database.rows("SELECT value, description FROM kind")) == [("a", "first"), ("b", "second"), ("c", "third")]
    assert (await database.plan(after)).is_empty


KEYS = "table note\n  id bigint key\n  a int null\n  b int null"


@pytest.mark.parametrize("line", ["unique a", "check b >= 5"])
async def test_rows_that_break_a_new_constraint_are_to_be_repaired_whatever_is_allowed(database: Database, line: str) -> None:
    await database.apply(KEYS)
    await database.run("INSERT INTO note VALUES (1, 7, 1), (2, 7, 9)")
    with pytest.raises(SchemagenError, match=r"rows in the way: 1 \(repair those rows first; counted by: SELECT .*\); nothing"):
        await database.apply(f"{KEYS}\n  {line}", "*:*")
    await database.run("DELETE FROM note WHERE id = 1")
    await database.apply(f"{KEYS}\n  {line}")


async def test_the_query_of_a_refusal_counts_the_rows_in_the_way(database: Database) -> None:
    await database.apply("table note\n  id bigint key\n  n text null")
    await database.run("INSERT INTO note VALUES (1, 'twelve'), (2, '12'), (3, 'x')")
    [refusal] = (await database.plan("table note\n  id bigint key\n  n int null")).refusals
    assert await database.rows(refusal.query.replace("{", "{{").replace("}", "}}")) == [(2,)]


@pytest.mark.parametrize("name", ["_absent", "_extra", "_absent_2"])
async def test_a_column_of_schemagens_own_goes_when_it_holds_nothing(database: Database, name: str) -> None:
    before, after = f"table note\n  id bigint key\n  {name} json null", "table note\n  id bigint key"
    await database.apply(before)
    await database.run("INSERT INTO note VALUES (1, '{{}}'), (2, NULL)")
    with pytest.raises(SchemagenError, match=rf"rows in the way: 1 \(--allow DROP_COLUMN:note\.{name}\)"):
        await database.apply(after)
    await database.run(f"UPDATE note SET {name} = NULL")
    await database.apply(after)
    assert (await database.plan(after)).is_empty


async def test_what_postgresql_keeps_for_a_view_or_a_foreign_key_is_not_offered_to_be_allowed(postgresql_url: str) -> None:
    name, parameters = parse_url(postgresql_url)
    driver = driver_named(name)
    session = await driver.connect(parameters)
    try:
        database = Database(dialect_named(name), driver, session)
        await database.apply(f"{NOTE}table other\n  id bigint key")
        await database.run("CREATE VIEW report AS SELECT id FROM note")
        arguments = (catalog_of("table line\n  id bigint key"), database.dialect, driver, session, PlanOptions(allow=("*:*",)))
        with pytest.raises(SchemagenError, match=r"the view report depends on it.* \(drop it first\); nothing was changed$"):
            await apply_live(*arguments, drop_unknown=True)
        await database.run("DROP VIEW report")
        await apply_live(*arguments, drop_unknown=True)
    finally:
        await session.close()
