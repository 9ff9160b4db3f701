"""One PostgreSQL connection: opened, set up, asked statement by statement; transactions, locks and single rows."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, cast

from schemagen.catalog.batch import Row
from schemagen.catalog.objects import ServerInfo, Table
from schemagen.dialects.base import Session
from schemagen.dialects.common import table_ident
from schemagen.dialects.postgresql.ddl import settings
from schemagen.dialects.postgresql.failures import LockTimeoutError, connect_failure, statement_failure
from schemagen.dialects.postgresql.link import Attempt, WatchedLoop, attempts, located
from schemagen.dialects.postgresql.quote import text as quoted
from schemagen.dialects.postgresql.types import type_sql
from schemagen.dialects.postgresql.values import MOMENTS, to_driver
from schemagen.errors import SchemagenError, missing_extra, printable
from schemagen.sql import Sql, ident, join, lit, raw
from schemagen.url import ConnectionParameters, Secret, display_url

if TYPE_CHECKING:
    import asyncpg

CONNECT_S = 5.0
LOCK_WAIT_S = 10.0
_LOCK_POLL_S = 0.2
OLDEST = 14

# Limits on the server's side, so that a session whose client is gone ends and lets go of its locks.
LIMITS: tuple[Sql, ...] = (
    Sql("SET lock_timeout = '20s'"),
    Sql("SET idle_in_transaction_session_timeout = '60s'"),
    Sql("SET tcp_keepalives_idle = 30"),
    Sql("SET tcp_keepalives_interval = 10"),
    Sql("SET tcp_keepalives_count = 3"),
    Sql("SET tcp_user_timeout = '60s'"),
    # Rows without a key are read in the order in which they are stored.
    Sql("SET synchronize_seqscans = off"),
    Sql("SET temp_buffers = '64MB'"),
    # A split's rows are joined in memory, not by way of files.
    Sql("SET work_mem = '64MB'"),
    Sql("SET application_name = 'schemagen'"),
)


class PostgresqlSession:
    """An open connection of asyncpg. `own`: the schema that namespace "" stands for."""

    def __init__(self, connection: asyncpg.Connection, parameters: ConnectionParameters, server: ServerInfo) -> None:
        self.connection = connection
        self.parameters = parameters
        self.server = server
        self.own = server.setting("namespace")
        # What the staging tables of this connection hold: name -> columns; and of those, which the last batches brought.
        self.stages: dict[str, tuple[Any, ...]] = {}
        self.staged: dict[str, tuple[str, ...]] = {}
        self._depth = 0
        self._is_closing = False

    async def execute(self, sql: Sql) -> int:
        return (await self.run(sql))[1]

    async def fetch(self, sql: Sql) -> list[tuple[Any, ...]]:
        return (await self.run(sql))[0]

    async def run(self, sql: Sql, *values: Any, place: str = "postgresql") -> tuple[list[tuple[Any, ...]], int]:
        """One statement (a prepared one cannot be two), its rows, and how many rows it touched."""
        async with self.watched(place):
            statement = await self.connection.prepare(quoted(sql))
            rows = await statement.fetch(*values)
            return [tuple(row) for row in rows], _touched(statement.get_statusmsg())

    @asynccontextmanager
    async def watched(self, place: str) -> AsyncIterator[None]:
        """Failures of the server, the driver and the link come out as SchemagenError; of a lock, with who holds it."""
        clock = asyncio.get_running_loop().time
        begun = clock()
        try:
            with failures(place):
                yield
        except LockTimeoutError as error:
            holders = await self._holders(clock() - begun)
            raise SchemagenError("REFUSED", place, f"{error.problem.sentence}; {holders}") from error

    async def _holders(self, waited_s: float) -> str:
        """Who has held locks for longer than we waited; asked on a connection of its own, because this one's transaction failed."""
        other = await connect(self.parameters)
        try:
            return _holder_text(await other.fetch(Sql(_HOLDERS, lit(self.connection.get_server_pid()), lit(waited_s))))
        finally:
            await other.close()

    @asynccontextmanager
    async def transaction(self, begin: str = "BEGIN") -> AsyncIterator[None]:
        """A transaction, or a savepoint inside one. `begin` is how an outermost one starts."""
        name = raw(f"schemagen_{self._depth}")
        nested = self._depth > 0
        await self._say(Sql("SAVEPOINT {}", name) if nested else Sql(begin))
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            await self._undo(name if nested else None)
            raise
        self._depth -= 1
        status = await self._say(Sql("RELEASE SAVEPOINT {}", name) if nested else Sql("COMMIT"))
        if status == "ROLLBACK":
            raise SchemagenError("SERVER", "postgresql", "the transaction had failed before, so COMMIT rolled it back")

    @asynccontextmanager
    async def rolled_back(self) -> AsyncIterator[None]:
        """A transaction of which nothing stays. It may write, in a read-only session too."""
        try:
            async with self.transaction("BEGIN READ WRITE"):
                yield
                raise _Undone
        except _Undone:
            return

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[None]:
        """One view of the catalogue, all names that the server prints qualified; inside an open transaction, in that one."""
        async with self.transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"):
            [(path,)] = await self.fetch(Sql("SELECT pg_catalog.current_setting('search_path')"))
            await self.fetch(Sql("SELECT pg_catalog.set_config('search_path', '', true)"))
            # Where the server knows it: a table that became a view since runs nothing of its owner's.
            await self.fetch(_NO_FOREIGN_VIEWS)
            yield
            await self.fetch(Sql("SELECT pg_catalog.set_config('search_path', {}, true)", lit(path)))

    async def _say(self, sql: Sql) -> str:
        async with self.watched("postgresql"):
            return cast(str, await self.connection.execute(quoted(sql)))

    async def _undo(self, savepoint: Sql | None) -> None:
        """Rolls back; on a dead link the server has done so itself, and the error that is on its way is the one to see."""
        # Staging tables made since are gone, or as they were before.
        self.stages.clear()
        if self._is_closing or self.connection.is_closed():
            return
        try:
            await self._say(Sql("ROLLBACK") if savepoint is None else Sql("ROLLBACK TO SAVEPOINT {0}; RELEASE SAVEPOINT {0}", savepoint))
        except SchemagenError:
            self.connection.terminate()

    @asynccontextmanager
    async def lock(self, scope: str) -> AsyncIterator[None]:
        """An advisory lock on a connection of its own, so that no transaction or pooler of this one lets it go early."""
        key = int.from_bytes(hashlib.sha256(f"schemagen {scope}".encode()).digest()[:8], signed=True)
        other = await connect(self.parameters)
        try:
            for _ in range(int(LOCK_WAIT_S / _LOCK_POLL_S)):
                if (await other.fetch(Sql("SELECT pg_catalog.pg_try_advisory_lock({})", lit(key))))[0][0]:
                    break
                await asyncio.sleep(_LOCK_POLL_S)
            else:
                holder = _holder_text(await other.fetch(Sql(_LOCK_HOLDER, lit((key >> 32) & 0xFFFFFFFF), lit(key & 0xFFFFFFFF))))
                raise SchemagenError("REFUSED", scope, f"another schemagen has been changing this for over {LOCK_WAIT_S:.0f} s; {holder}")
            yield
        finally:
            await other.close()

    async def claim(self, table: Table, row: Row) -> bool:
        names = tuple(row)
        conflict = Sql(" ({})", join(", ", [ident(name) for name in table.key])) if table.key else Sql("")
        sql = Sql(
            "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT{} DO NOTHING",
            table_ident(table.id),
            join(", ", [ident(name) for name in names]),
            join(", ", _places(table, names)),
            conflict,
        )
        return (await self.run(sql, *_values(table, row), place=str(table.id)))[1] == 1

    async def amend(self, table: Table, key: Row, values: Row) -> int:
        changes = join(", ", _equations(table, tuple(values)))
        same = join(" AND ", _equations(table, tuple(key), len(values)))
        sql = Sql("UPDATE {} SET {} WHERE {}", table_ident(table.id), changes, same)
        return (await self.run(sql, *_values(table, values), *_values(table, key), place=str(table.id)))[1]

    async def remove(self, table: Table, key: Row) -> int:
        sql = Sql("DELETE FROM {} WHERE {}", table_ident(table.id), join(" AND ", _equations(table, tuple(key))))
        return (await self.run(sql, *_values(table, key), place=str(table.id)))[1]

    @asynccontextmanager
    async def exact_moments(self) -> AsyncIterator[None]:
        """Inside, the first and the last of Python's dates and datetimes are written as themselves, not as infinity."""
        async with self.watched("postgresql"):
            for name, encode, decode in MOMENTS:
                await self.connection.set_type_codec(name, schema="pg_catalog", encoder=encode, decoder=decode, format="tuple")
        yield
        async with self.watched("postgresql"):
            for name, _, _ in MOMENTS:
                await self.connection.reset_type_codec(name, schema="pg_catalog")

    async def after_plan(self) -> None:
        """asyncpg keeps what it knows about types; a plan may have changed them."""
        await self.connection.reload_schema_state()

    async def close(self) -> None:
        """The server rolls back what is still open: a read that was left in the middle."""
        if self.connection.is_closed():
            return
        self._is_closing = True
        try:
            with failures("postgresql"):
                await self.connection.close(timeout=CONNECT_S)
        except SchemagenError:
            self.connection.terminate()


class _Undone(Exception):
    """Ends a transaction of which nothing stays."""


def _places(table: Table, names: tuple[str, ...], start: int = 0) -> list[Sql]:
    """A typed parameter for each column."""
    return [Sql("{}::{}", raw(f"${number}"), type_sql(table.column(name).type)) for number, name in enumerate(names, start + 1)]


def _equations(table: Table, names: tuple[str, ...], start: int = 0) -> list[Sql]:
    return [Sql("{} = {}", ident(name), place) for name, place in zip(names, _places(table, names, start), strict=True)]


def _values(table: Table, row: Row) -> list[Any]:
    found = []
    for name, value in row.items():
        kind = table.column(name).type
        convert = None if value is None else to_driver(kind, kind)
        found.append(value if convert is None else convert(value))
    return found


def key_condition(table: Table, key: Row) -> tuple[Sql, list[Any]]:
    """Columns equal to values, as a condition and its parameters."""
    return join(" AND ", _equations(table, tuple(key))), _values(table, key)


def _touched(status: str) -> int:
    """Rows that a statement changed, from `INSERT 0 5` and its like; 0 for what changes none."""
    word, _, rest = status.partition(" ")
    return int(rest.split()[-1]) if word in ("INSERT", "UPDATE", "DELETE", "MERGE", "COPY") and rest else 0


@contextmanager
def failures(place: str) -> Iterator[None]:
    """What asyncpg and the link raise inside, raised as SchemagenError."""
    import asyncpg

    try:
        yield
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError) as error:
        raise statement_failure(error, place) from error


_HOLDERS = """
SELECT a.pid, a.application_name, a.state, extract(epoch FROM clock_timestamp() - a.xact_start)::int
FROM pg_catalog.pg_stat_activity AS a
WHERE a.datname = current_database() AND a.pid NOT IN (pg_backend_pid(), {})
    AND a.xact_start < clock_timestamp() - make_interval(secs => {})
    AND EXISTS (SELECT 1 FROM pg_catalog.pg_locks AS l WHERE l.pid = a.pid AND l.granted AND l.locktype = 'relation')
ORDER BY a.xact_start LIMIT 1"""
_LOCK_HOLDER = """
SELECT a.pid, a.application_name, a.state, extract(epoch FROM clock_timestamp() - a.backend_start)::int
FROM pg_catalog.pg_locks AS l JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.classid = {}::bigint::oid AND l.objid = {}::bigint::oid AND l.objsubid = 1
    AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())"""
_NO_FOREIGN_VIEWS = Sql("""
SELECT pg_catalog.set_config(name, 'view, foreign-table', true)
FROM pg_catalog.pg_settings WHERE name = 'restrict_nonsystem_relation_kind'""")


def _holder_text(rows: list[tuple[Any, ...]]) -> str:
    if not rows:
        return "its holder is gone by now"
    pid, name, state, seconds = rows[0]
    return f"held by process {pid} ({printable(name or 'unnamed')}, {state}) since {seconds} s"


async def connect(parameters: ConnectionParameters, *, read_only: bool = False) -> PostgresqlSession:
    """An open session, set up. Raises SchemagenError NO_CONNECTION, AUTH, UNSUPPORTED, MISSING_EXTRA within 5 s."""
    place = display_url("postgresql", parameters)
    connection = await _opened(parameters, place)
    try:
        with failures(place):
            return await _set_up(connection, parameters, place, read_only)
    except BaseException:
        connection.terminate()
        raise


async def _opened(parameters: ConnectionParameters, place: str) -> asyncpg.Connection:
    try:
        import asyncpg
    except ImportError:
        raise missing_extra("asyncpg", "postgresql") from None
    host, is_local = located(parameters)
    failure: Exception | None = None
    try:
        async with asyncio.timeout(CONNECT_S):
            for attempt in attempts(parameters.ssl, is_local):
                loop = WatchedLoop(attempt)
                try:
                    return await _attempt(host, parameters, attempt, loop)
                except (asyncpg.InvalidAuthorizationSpecificationError, ConnectionError) as error:
                    failure = failure or error
                finally:
                    if loop.refused:
                        raise SchemagenError("AUTH", place, "the server asked for the password in clear over a link that nobody verified")
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError) as error:
        raise connect_failure(error, place) from error
    assert failure is not None
    raise connect_failure(failure, place) from failure


async def _attempt(host: str | None, parameters: ConnectionParameters, attempt: Attempt, loop: WatchedLoop) -> asyncpg.Connection:
    import asyncpg

    password = parameters.password
    return await asyncpg.connect(
        host=host,
        port=parameters.port,
        user=parameters.username,
        password=password.reveal() if isinstance(password, Secret) else password,
        database=parameters.database,
        ssl=attempt or False,
        timeout=CONNECT_S,
        # Plans change tables under prepared statements; poolers lose them.
        statement_cache_size=0,
        loop=loop,
    )


async def _set_up(connection: asyncpg.Connection, parameters: ConnectionParameters, place: str, read_only: bool) -> PostgresqlSession:
    statements = [*settings(), *LIMITS, *([Sql("SET default_transaction_read_only = on")] if read_only else [])]
    await connection.execute("; ".join(quoted(sql) for sql in statements))
    row = await connection.fetchrow(_SERVER)
    version = tuple(connection.get_server_version()[:2])
    if version[0] < OLDEST:
        raise SchemagenError("UNSUPPORTED", place, f"PostgreSQL {version[0]} is too old: {OLDEST} is the oldest that works")
    if row["encoding"] != "UTF8" or row["strings"] != "on":
        raise SchemagenError("UNSUPPORTED", place, f"the database's encoding is {row['encoding']}; schemagen needs UTF8")
    if row["own"]:
        # A temporary table would shadow the real one, were pg_temp not named last.
        await connection.fetch("SELECT pg_catalog.set_config('search_path', pg_catalog.quote_ident($1) || ', pg_temp', false)", row["own"])
    server = ServerInfo("postgresql", version, (("namespace", row["own"] or ""), ("search_path", row["path"])))
    return PostgresqlSession(connection, parameters, server)


_SERVER = """
SELECT pg_catalog.current_schema() AS own,
    pg_catalog.current_setting('search_path') AS path,
    pg_catalog.current_setting('server_encoding') AS encoding,
    pg_catalog.current_setting('standard_conforming_strings') AS strings"""


def postgresql(session: Session) -> PostgresqlSession:
    """The session as this driver made it."""
    if not isinstance(session, PostgresqlSession):
        raise TypeError(f"not a session of PostgreSQL: {session!r}")
    return session
