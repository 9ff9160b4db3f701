"""The Engine of one dialect: opens connections and makes explorers. `get_dialect` gives it."""

from __future__ import annotations

from schemagen.dialects.base import Dialect, Driver, dialect_named, driver_named
from schemagen.engine.connection import Connection
from schemagen.engine.explorer import Explorer
from schemagen.options import GeneratorOptions
from schemagen.url import ConnectionParameters, parse_url


class Engine:
    """One kind of database. Holds nothing of an event loop, so that it may be kept and shared."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect

    @property
    def name(self) -> str:
        return self.dialect.name

    @property
    def driver(self) -> Driver:
        """Raises SchemagenError UNSUPPORTED where databases of this kind cannot be reached."""
        return driver_named(self.name)

    def create_connection(self, parameters: ConnectionParameters, options: GeneratorOptions | None = None) -> Connection:
        """A connection, opened by `async with`."""
        return Connection(self.dialect, self.driver, parameters, options or GeneratorOptions())

    def create_explorer(self, connection: Connection) -> Explorer:
        return Explorer(connection)


def get_dialect(name: str) -> Engine:
    """The Engine of a dialect: ansi, postgresql, mysql, duckdb or sqlite. Raises SchemagenError USAGE for another name."""
    return Engine(dialect_named(name))


def connect(url: str, options: GeneratorOptions | None = None, *, read_only: bool = False) -> Connection:
    """A connection to the database of a URL, opened by `async with`. Raises SchemagenError USAGE for a broken URL."""
    name, parameters = parse_url(url)
    engine = get_dialect(name)
    return Connection(engine.dialect, engine.driver, parameters, options or GeneratorOptions(), read_only=read_only)
