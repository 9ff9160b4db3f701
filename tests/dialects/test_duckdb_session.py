"""A DuckDB session reaches its own database and nothing else, leaves no trace when it only reads, and fails in one line."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import pytest

from schemagen.catalog.objects import Column, PrimaryKey, Table
from schemagen.catalog.types import Integer, ObjectId, Text
from schemagen.dialects.base import Session
from schemagen.dialects.duckdb.driver import DRIVER
from schemagen.errors import SchemagenError
from schemagen.sql import Sql, lit
from schemagen.url import ConnectionParameters


async def opened(path: Path | str, *, read_only: bool = False) -> Session:
    return await DRIVER.connect(ConnectionParameters(database=str(path)), read_only=read_only)


async def test_reading_a_missing_file_makes_none_and_shows_an_empty_catalog(tmp_path: Path) -> None:
    session = await opened(tmp_path / "none.duckdb", read_only=True)
    assert (await DRIVER.inspect(session)).tables == ()
    await session.close()
    assert list(tmp_path.iterdir()) == []


async def test_reading_changes_no_file(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    session = await opened(path)
    await session.execute(Sql("CREATE TABLE t (a INTEGER)"))
    await session.close()
    before = path.read_bytes()
    session = await opened(path, read_only=True)
    assert [table.id.name for table in (await DRIVER.inspect(session)).tables] == ["t"]
    with pytest.raises(SchemagenError, match=r"SERVER: .*read-only"):
        await session.execute(Sql("DROP TABLE t"))
    await session.close()
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


async def test_reading_sees_what_a_killed_process_committed_and_leaves_its_log(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    code = "import duckdb, os, signal; c = duckdb.connect(os.sys.argv[1]); c.execute('CREATE TABLE t (a JSON, CHECK (json_valid(a)))')"
    subprocess.run([sys.executable, "-c", f"{code}; os.kill(os.getpid(), signal.SIGKILL)", str(path)], check=False, timeout=60)
    files = {item.name: item.read_bytes() for item in tmp_path.iterdir()}
    assert sorted(files) == ["a.duckdb", "a.duckdb.wal"]
    session = await opened(path, read_only=True)
    assert [table.id.name for table in (await DRIVER.inspect(session)).tables] == ["t"]
    await session.close()
    assert {item.name: item.read_bytes() for item in tmp_path.iterdir()} == files


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is no DuckDB database"),
        (b"hello " * 3000, "the file is no DuckDB database"),
        (b"SQLite format 3\0" + b"\0" * 5000, "the file is no DuckDB database"),
    ],
)
async def test_a_file_of_another_kind_is_refused_in_one_line_and_kept(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "a.duckdb"
    path.write_bytes(content)
    for read_only in (True, False):
        with pytest.raises(SchemagenError) as caught:
            await opened(path, read_only=read_only)
        assert str(caught.value) == f"NO_CONNECTION: {path}: {sentence}"
    assert path.read_bytes() == content


@pytest.mark.parametrize("keep", [4096, 12288, 20000])
async def test_a_file_with_pages_missing_or_garbled_fails_in_one_line(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "a.duckdb"
    session = await opened(path)
    await session.execute(Sql("CREATE TABLE t AS SELECT range AS a, 'text ' || range AS b FROM range(10000)"))
    await session.close()
    content = path.read_bytes()
    path.write_bytes(content[:keep] + os.urandom(5000))

    async def read() -> None:
        session = await opened(path, read_only=True)
        try:
            await session.fetch(Sql("SELECT * FROM t"))
        finally:
            await session.close()

    with pytest.raises(SchemagenError, match=r"^(NO_CONNECTION|SERVER): ") as caught:
        await read()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("name", "sentence"), [("none/a.duckdb", "the folder"), (".", "Is a directory")])
async def test_a_place_for_no_file_is_refused_in_one_line(tmp_path: Path, name: str, sentence: str) -> None:
    with pytest.raises(SchemagenError, match=f"^NO_CONNECTION: .*{sentence}") as caught:
        await opened(tmp_path / name)
    assert "\n" not in str(caught.value)


async def test_a_file_that_another_process_holds_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        holder.stdout.readline()
        for read_only in (True, False):
            with pytest.raises(SchemagenError) as caught:
                await opened(path, read_only=read_only)
            sentence = "the database is open in another process or connection; DuckDB admits one at a time"
            assert str(caught.value) == f"NO_CONNECTION: {path}: {sentence}"
        holder.stdin.close()


@pytest.mark.parametrize(
    "name", ["rows", "/etc/passwd", "{folder}/secret.csv", "http://127.0.0.1:1/x.parquet", "secret.csv", "duckdb_tables()"]
)
async def test_a_table_that_is_not_there_is_an_error_and_no_file_or_variable(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    rows = [1]
    session = await opened(tmp_path / "a.duckdb")
    table = Table(ObjectId("table", "", name.format(folder=tmp_path)), (Column("a", Integer(64)),))
    with pytest.raises(SchemagenError, match="SERVER"):
        async for _ in DRIVER.read(session, table):
            pass
    await session.close()
    assert rows


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM read_csv('{0}')", "COPY (SELECT 1) TO '{0}.out'", "ATTACH '{0}.db'", "INSTALL httpfs", "LOAD '{0}'",
        "SET enable_external_access = true", "SET GLOBAL TimeZone = 'Asia/Kathmandu'", "SELECT 1; SELECT 2", "EXPORT DATABASE '{0}.d'",
    ],
)  # fmt: skip
async def test_a_session_reaches_no_file_and_keeps_its_settings(tmp_path: Path, text: str) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    session = await opened(":memory:")
    with pytest.raises(SchemagenError, match="SERVER"):
        await session.execute(Sql(text.replace("{0}", str(secret))))
    assert await session.fetch(Sql("SELECT 1")) == [(1,)]
    await session.close()
    assert list(tmp_path.iterdir()) == [secret]


async def test_times_are_read_in_utc_without_further_packages() -> None:
    session = await opened(":memory:")
    rows = await session.fetch(Sql("SELECT '2024-05-01 12:00:00+05:45'::TIMESTAMPTZ, 2::HUGEINT, NULL::HUGEINT, 'x'"))
    assert rows == [(dt.datetime(2024, 5, 1, 6, 15, tzinfo=dt.UTC), 2, None, "x")]
    await session.close()


async def test_a_transaction_rolls_back_on_an_error_and_admits_no_other() -> None:
    session = await opened(":memory:")
    await session.execute(Sql("CREATE TABLE t (a INTEGER PRIMARY KEY)"))

    async def fail() -> None:
        async with session.transaction():
            assert await session.execute(Sql("INSERT INTO t VALUES (1), (2)")) == 2
            await session.execute(Sql("INSERT INTO t VALUES (1)"))

    async def nest() -> None:
        async with session.transaction(), session.transaction():
            pass

    with pytest.raises(SchemagenError, match="SERVER: Constraint Error"):
        await fail()
    with pytest.raises(SchemagenError, match="UNSUPPORTED: transaction: DuckDB has no savepoints"):
        await nest()
    async with session.transaction():
        await session.execute(Sql("INSERT INTO t VALUES (3)"))
    assert await session.fetch(Sql("SELECT a FROM t")) == [(3,)]
    await session.close()


async def test_a_cancelled_query_is_interrupted_and_its_transaction_rolled_back() -> None:
    session = await opened(":memory:")
    await session.execute(Sql("CREATE TABLE t (a INTEGER)"))

    async def long() -> None:
        async with session.transaction():
            await session.execute(Sql("INSERT INTO t VALUES (1)"))
            await session.fetch(Sql("SELECT count(*) FROM range(10000000000) a, range(1000000) b WHERE a.range + b.range = -1"))

    task = asyncio.create_task(long())
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 10)
    assert await session.fetch(Sql("SELECT count(*) FROM t")) == [(0,)]
    await session.close()


async def test_reading_in_batches_lets_other_statements_run_between() -> None:
    session = await opened(":memory:")
    await session.execute(Sql("CREATE TABLE t AS SELECT 99999 - range AS a, 'x' AS b FROM range(100000)"))
    table = Table(ObjectId("table", "", "t"), (Column("b", Text()), Column("a", Integer(64))))
    for key in ((), ("a",)):
        ordered = Table(table.id, table.columns, (PrimaryKey(key),) if key else ())
        found: list[int] = []
        async for batch in DRIVER.read(session, ordered):
            found += [row[1] for row in batch.rows()]
            await session.execute(Sql("DELETE FROM t WHERE a = {}", lit(found[-1])))
        assert len(found) == len(set(found))
        assert found == (sorted(found) if key else sorted(found, reverse=True))
    await session.close()


async def test_a_log_is_empty_after_a_plan(tmp_path: Path) -> None:
    session = await opened(tmp_path / "a.duckdb")
    await session.execute(Sql("CREATE TABLE t (a INTEGER)"))
    assert (tmp_path / "a.duckdb.wal").stat().st_size > 0
    await session.after_plan()
    assert not (tmp_path / "a.duckdb.wal").exists() or (tmp_path / "a.duckdb.wal").stat().st_size == 0
    await session.close()


async def test_own_tables_are_made_once_and_nothing_else_is_taken_for_them() -> None:
    session = await opened(":memory:")
    own = Table(ObjectId("table", "", "_schemagen_ledger"), (Column("id", Text(), False), Column("n", Integer(64))), (PrimaryKey(("id",)),))
    await DRIVER.ensure(session, (own,))
    await DRIVER.ensure(session, (own,))
    assert (await DRIVER.inspect(session)).tables == ()
    for planted in ("CREATE VIEW _schemagen_ledger AS SELECT 'x' AS id, 1 AS n", "CREATE TABLE _schemagen_ledger (id VARCHAR, n BIGINT)"):
        await session.execute(Sql("DROP TABLE IF EXISTS _schemagen_ledger" if "TABLE" in planted else "DROP TABLE _schemagen_ledger"))
        await session.execute(Sql(planted))
        with pytest.raises(SchemagenError, match="REFUSED: _schemagen_ledger: is not the table"):
            await DRIVER.ensure(session, (own,))
        await session.execute(Sql("DROP VIEW _schemagen_ledger" if "VIEW" in planted else "DROP TABLE _schemagen_ledger"))
    await session.close()
