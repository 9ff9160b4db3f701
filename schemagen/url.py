"""Database URLs: parsed once into ConnectionParameters, whose secrets no repr, error or log shows."""

from __future__ import annotations

import enum
import os
import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from schemagen.errors import SchemagenError

DialectName = Literal["ansi", "postgresql", "mysql", "duckdb", "sqlite"]
SCHEMES: dict[str, DialectName] = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
    "duckdb": "duckdb",
    "sqlite": "sqlite",
}
# What may be shown of a text that is no database URL: nothing in which a password could stand.
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_FILE = re.compile(r"[^:@?#=&;\s]+")
_FILE_SUFFIXES: dict[str, DialectName] = {".duckdb": "duckdb", ".ddb": "duckdb", ".sqlite": "sqlite", ".sqlite3": "sqlite"}
_PASSWORD_VARIABLES = {"postgresql": ("SCHEMAGEN_PASSWORD", "PGPASSWORD"), "mysql": ("SCHEMAGEN_PASSWORD", "MYSQL_PWD")}


class ConnectionSSLMode(enum.Enum):
    """How a connection is protected, with libpq's words."""

    disable = "disable"
    prefer = "prefer"
    allow = "allow"
    require = "require"
    verify_ca = "verify-ca"
    verify_full = "verify-full"


class Secret(str):
    """Text that `repr` and formatting never show; `reveal()` gives it to a driver."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "***"

    def reveal(self) -> str:
        return "".join(self)


@dataclass(frozen=True, slots=True)
class ConnectionParameters:
    """Where a database is. `host` may be a socket's folder; DuckDB and SQLite take `database` as the path. All optional."""

    host: str | None = None
    port: int | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    database: str | None = None
    ssl: ConnectionSSLMode | None = None
    unix_socket: str | None = None

    def __post_init__(self) -> None:
        if self.password is not None and not isinstance(self.password, Secret):
            object.__setattr__(self, "password", Secret(self.password))

    @property
    def is_local(self) -> bool:
        """True for sockets and loopback hosts, which need no TLS."""
        host = self.host
        return host is None or self.unix_socket is not None or host.startswith(("/", "@")) or host in ("localhost", "127.0.0.1", "::1")


def parse_url(url: str) -> tuple[DialectName, ConnectionParameters]:
    """The dialect and parameters of a database URL; percent-escapes are decoded everywhere.

    Raises SchemagenError USAGE for an unknown scheme, port or query parameter; the message never holds the password.
    """
    scheme, separator, _ = url.partition("://")
    dialect = SCHEMES.get(scheme)
    if not separator or dialect is None:
        raise _unknown(url)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise SchemagenError("USAGE", scheme + "://", "the host or port of the database URL cannot be read") from error
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    path = unquote(parts.path)
    if dialect in ("duckdb", "sqlite"):
        if parts.hostname:
            raise SchemagenError("USAGE", f"{scheme}://", f"a file takes three slashes (or four, absolute): {scheme}:///NAME")
        _no_more(scheme, query)
        return dialect, ConnectionParameters(database=path[1:] or ":memory:")
    host = query.pop("host", None) or (unquote(parts.hostname) if parts.hostname else None)
    ssl = query.pop("ssl", query.pop("sslmode", None))
    socket = query.pop("unix_socket", None)
    _no_more(scheme, query)
    password = unquote(parts.password) if parts.password is not None else None
    if password is None:
        password = next((os.environ[name] for name in _PASSWORD_VARIABLES[dialect] if name in os.environ), None)
    return dialect, ConnectionParameters(
        host=host,
        port=port,
        username=unquote(parts.username) if parts.username else None,
        password=password,
        database=path[1:] or None,
        ssl=_ssl_mode(ssl),
        unix_socket=socket,
    )


def _unknown(url: str) -> SchemagenError:
    """The error for a text without a known scheme, with what was meant where it looks like the name of a file."""
    scheme, separator, _ = url.partition("://")
    kind, colon, name = url.partition(":")
    if kind not in ("duckdb", "sqlite") or not colon:
        kind, name = _FILE_SUFFIXES.get(os.path.splitext(url)[1].lower(), "duckdb"), url
    if _FILE.fullmatch(name) and name not in SCHEMES:
        is_file = colon or "." in name or "/" in name
        hint = f"did you mean {kind}:///{quote(name)}?" if is_file else f"it begins with one of {', '.join(SCHEMES)} and ://"
        return SchemagenError("USAGE", url, f"is no database URL; {hint}")
    shown = f"{scheme}://" if separator and _SCHEME.fullmatch(scheme) else "a database URL"
    return SchemagenError("USAGE", shown, f"is not a known kind of database URL; known: {', '.join(SCHEMES)} followed by ://")


def display_url(dialect: str, parameters: ConnectionParameters) -> str:
    """The URL as people may see it: without password."""
    if dialect in ("duckdb", "sqlite"):
        return f"{dialect}:///{parameters.database or ':memory:'}"
    user = f"{parameters.username}@" if parameters.username else ""
    port = f":{parameters.port}" if parameters.port else ""
    host = parameters.host or ""
    if host.startswith("/"):
        return f"{dialect}://{user}/{parameters.database or ''}?host={host}"
    return f"{dialect}://{user}{host}{port}/{parameters.database or ''}"


def _ssl_mode(text: str | None) -> ConnectionSSLMode | None:
    if text is None:
        return None
    try:
        return ConnectionSSLMode(text.replace("_", "-"))
    except ValueError:
        known = ", ".join(mode.value for mode in ConnectionSSLMode)
        raise SchemagenError("USAGE", "ssl", f"no such mode; one of {known}") from None


def _no_more(scheme: str, query: dict[str, str]) -> None:
    if query:
        raise SchemagenError("USAGE", f"{scheme}://", f"unknown parameter {sorted(query)[0]!r}; known: host, unix_socket, ssl")
