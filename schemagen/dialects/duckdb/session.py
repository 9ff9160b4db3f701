"""One DuckDB connection on a thread of its own: opened safely, closed to files and the network, cancelled by interrupt."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from schemagen.catalog.batch import Row
from schemagen.catalog.objects import ServerInfo, Table
from schemagen.dialects.duckdb import rows
from schemagen.dialects.duckdb.newfile import make_file, remove_leftovers
from schemagen.dialects.duckdb.quote import quote_ident, quote_literal
from schemagen.errors import SchemagenError, missing_extra, printable
from schemagen.sql import Sql, ident, lit
from schemagen.url import ConnectionParameters

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

T = TypeVar("T")
# The database is attached under a name of ours: a file shop.duckdb that has a schema shop would make shop.t ambiguous.
DATABASE = "_schemagen"
MEMORY = ":memory:"
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "arrow_lossless_conversion": "true",  # a uuid is 16 bytes, not text
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",  # a missing table is an error, not a Python variable of that name
}
_LOCKS = (
    Sql("SET GLOBAL TimeZone = 'UTC'"),
    Sql("SET GLOBAL enable_external_access = false"),
    Sql("SET GLOBAL lock_configuration = true"),
)


class DuckdbSession:
    """One open database. All work on it runs on one thread, one piece after the other."""

    def __init__(self, connection: DuckDBPyConnection, thread: ThreadPoolExecutor, server: ServerInfo) -> None:
        self.server = server
        self.in_transaction = False
        self._reads: list[Callable[[], None]] = []
        self._is_closed = False
        self._connection = connection
        self._thread = thread

    async def run(self, work: Callable[[DuckDBPyConnection], T]) -> T:
        """What `work` gives, run on the connection's thread. When cancelled, its query is interrupted and waited for.

        Raises SchemagenError SERVER for an error of DuckDB that `work` lets through, USAGE where the session is closed.
        """
        if self._is_closed:
            raise SchemagenError("USAGE", "connection", "is closed")
        done = self._thread.submit(_guarded, work, self._connection)
        try:
            return await asyncio.wrap_future(done)
        except asyncio.CancelledError:
            while not done.done():
                # Again and again: an interrupt between two statements of `work` is lost.
                self._connection.interrupt()
                await asyncio.sleep(0.01)
            raise

    async def execute(self, sql: Sql) -> int:
        return await self.run(lambda connection: execute(connection, sql))

    async def fetch(self, sql: Sql) -> list[tuple[Any, ...]]:
        return await self.run(lambda connection: fetch(connection, sql))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Raises SchemagenError UNSUPPORTED inside another one: DuckDB has no savepoints."""
        if self.in_transaction:
            raise SchemagenError("UNSUPPORTED", "transaction", "DuckDB has no savepoints: a transaction cannot hold another")
        await self.execute(Sql("BEGIN TRANSACTION"))
        self.in_transaction = True
        try:
            yield
            await self.execute(Sql("COMMIT"))
        except BaseException:
            with suppress(SchemagenError):  # A COMMIT that failed has rolled back already.
                await self.execute(Sql("ROLLBACK"))
            raise
        finally:
            self.in_transaction = False

    @asynccontextmanager
    async def lock(self, scope: str) -> AsyncIterator[None]:
        """Nothing to do: the open file keeps every other process out, and `connect` says so."""
        yield

    async def claim(self, table: Table, row: Row) -> bool:
        return await self.run(lambda connection: rows.insert_new(connection, table, row)) == 1

    async def amend(self, table: Table, key: Row, values: Row) -> int:
        return await self.run(lambda connection: rows.update(connection, table, key, values))

    async def remove(self, table: Table, key: Row) -> int:
        return await self.run(lambda connection: rows.delete(connection, table, key))

    async def after_plan(self) -> None:
        """The log holds no change of structure after this, whose replay could fail."""
        await self.execute(Sql("CHECKPOINT"))

    async def close(self) -> None:
        """Ends what is still read, too: the file is free only when each connection to it and each open result is closed."""
        if self._is_closed:
            return
        ends, self._reads = self._reads, []
        try:
            await self.run(lambda connection: [end() for end in [*ends, connection.close]])
        finally:
            self._is_closed = True
            self._thread.shutdown()

    def begin_read(self, end: Callable[[], None]) -> None:
        """`end` frees what a read holds; where `end_read` is not reached it is called when the session closes."""
        self._reads.append(end)

    async def end_read(self, end: Callable[[], None]) -> None:
        if end in self._reads:
            self._reads.remove(end)
            await self.run(lambda _: end())


def sql_text(sql: Sql) -> str:
    return sql.fill(quote_ident, quote_literal)


def execute(connection: DuckDBPyConnection, sql: Sql) -> int:
    """Runs one statement; the rows it touched. Raises SchemagenError SERVER where the text holds more than one."""
    text = sql_text(sql)
    statements = connection.extract_statements(text)
    if len(statements) != 1:
        raise SchemagenError("SERVER", "", f"one statement was expected, got {len(statements)}: {printable(text, 200)}")
    found = connection.execute(statements[0]).fetchall()
    return int(found[0][0]) if statements[0].type.name in ("INSERT", "UPDATE", "DELETE") and found else 0


def fetch(connection: DuckDBPyConnection, sql: Sql) -> list[tuple[Any, ...]]:
    """The rows of a query. Times with zone come by way of Arrow: DuckDB itself would ask for pytz."""
    relation = connection.sql(sql_text(sql))
    types = [str(kind) for kind in relation.types]
    if not any("WITH TIME ZONE" in kind for kind in types):
        return list(relation.fetchall())
    columns = [_python_values(array, kind) for array, kind in zip(relation.to_arrow_table().columns, types, strict=True)]
    return list(zip(*columns, strict=True))


def _python_values(array: Any, kind: str) -> list[Any]:
    values: list[Any] = array.to_pylist()
    if kind not in ("HUGEINT", "UHUGEINT"):
        return values
    return [None if value is None else int.from_bytes(value, "little", signed=kind == "HUGEINT") for value in values]


def reader(connection: DuckDBPyConnection, sql: Sql) -> DuckDBPyRelation:
    """A query whose rows are still to be read."""
    return connection.sql(sql_text(sql))


def _guarded(work: Callable[[DuckDBPyConnection], T], connection: DuckDBPyConnection) -> T:
    import duckdb

    try:
        return work(connection)
    except duckdb.Error as error:
        raise SchemagenError("SERVER", "", printable(first_line(error))) from error


def first_line(error: Exception) -> str:
    """DuckDB's message without the lines that show the statement."""
    return str(error).partition("\n\nLINE ")[0].strip()


async def connect(parameters: ConnectionParameters, *, read_only: bool = False) -> DuckdbSession:
    """Raises SchemagenError NO_CONNECTION in one line, MISSING_EXTRA."""
    try:
        importlib.import_module("duckdb")
    except ImportError as error:
        raise missing_extra("duckdb", "all") from error
    database = parameters.database or MEMORY
    thread = ThreadPoolExecutor(1, thread_name_prefix="duckdb")
    try:
        connection = await asyncio.wrap_future(thread.submit(_open, database, read_only))
    except BaseException:
        thread.shutdown(wait=False)
        raise
    return DuckdbSession(connection, thread, _server())


def _server() -> ServerInfo:
    import duckdb

    return ServerInfo("duckdb", tuple(int(part) for part in duckdb.__version__.split(".")[:3] if part.isdecimal()))


def _open(database: str, read_only: bool) -> DuckDBPyConnection:
    if database == MEMORY:
        return _attached(None, read_only=False)
    path = Path(database).absolute()
    if path.exists():
        if not read_only:
            remove_leftovers(path)
    elif read_only:
        return _attached(None, read_only=False)  # An empty catalog; no file is made.
    elif not path.parent.is_dir():
        raise SchemagenError("NO_CONNECTION", database, f"the folder {path.parent} does not exist")
    else:
        make_file(path, lambda spare: _attached(spare, read_only=False).close())
    return _attached(path, read_only=read_only)


def _attached(path: Path | None, *, read_only: bool) -> DuckDBPyConnection:
    """A connection to the file (None: to memory) that can reach no other file, no network and no Python variable.

    The file is attached to an empty database: one whose log calls a function of an extension opens this way only.
    """
    import duckdb

    connection = duckdb.connect(MEMORY, config=_CONFIG)
    try:
        mode = Sql("TYPE duckdb, READ_ONLY" if read_only else "TYPE duckdb")
        connection.execute(sql_text(Sql("ATTACH {} AS {} ({})", lit(MEMORY if path is None else str(path)), ident(DATABASE), mode)))
        connection.execute(sql_text(Sql("USE {}", ident(DATABASE))))
        for setting in _LOCKS:
            connection.execute(sql_text(setting))
    except (duckdb.Error, UnicodeError) as error:
        connection.close()
        raise SchemagenError("NO_CONNECTION", str(path), _reason(error)) from error
    return connection


def _reason(error: Exception) -> str:
    """Why a file does not open, in one line."""
    text = first_line(error)
    if "Conflicting lock is held" in text or "already attached" in text or "Unique file handle conflict" in text:
        return "the database is open in another process or connection; DuckDB admits one at a time"
    if "not a valid DuckDB database" in text:
        return "the file is no DuckDB database"
    return printable(text.partition("\n")[0].removeprefix("IO Error: "))


def memory() -> DuckDBPyConnection:
    """An empty database of the same library and settings, for throw-away copies."""
    return _attached(None, read_only=False)
