"""A real MariaDB from Debian's `mariadb-server`, on a socket in a temporary folder; a fresh database for each test."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.servers.need import missing, server_folder

_numbers = count(1)


@dataclass(frozen=True)
class MariadbServer:
    """`socket` is the path of its socket."""

    socket: Path

    def client(self, sql: str, database: str = "") -> str:
        """What the vendor's client prints, tab-separated, without headers. Raises CalledProcessError with its error text."""
        command = ["mariadb", "--no-defaults", "-N", "-B", f"--socket={self.socket}", "-u", "root", *([database] if database else [])]
        return subprocess.run(command, input=sql, check=True, capture_output=True, text=True).stdout

    def url(self, database: str) -> str:
        return f"mysql://root@/{database}?unix_socket={quote(str(self.socket))}"


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariadbServer]:
    with server_folder("mdb") as folder:
        yield from _running(folder)


def _running(folder: Path) -> Iterator[MariadbServer]:
    daemon = shutil.which("mariadbd", path=f"{os.environ['PATH']}:/usr/sbin")
    install = shutil.which("mariadb-install-db")
    if daemon is None or install is None:
        missing("MariaDB is not there; get it with: apt-get install mariadb-server")
    # As root the server needs a user to be named; a long path would not fit into a socket's name.
    user = ["--user=root"] if os.getuid() == 0 else []
    data, socket = folder / "data", folder / "s"
    subprocess.run([install, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal", *user],
                   check=True, capture_output=True)  # fmt: skip
    options = [
        f"--datadir={data}",
        f"--socket={socket}",
        "--skip-networking",
        f"--pid-file={folder / 'pid'}",
        "--innodb-flush-log-at-trx-commit=0",
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([daemon, "--no-defaults", *options, *user], stdout=log, stderr=log)
        try:
            _wait(socket, process, folder / "log")
            yield MariadbServer(socket)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(socket: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    server = MariadbServer(socket)
    for _ in range(300):
        if process.poll() is not None:
            break
        if socket.exists():
            try:
                server.client("SELECT 1")
                return
            except subprocess.CalledProcessError:
                pass
        time.sleep(0.1)
    pytest.fail(f"MariaDB did not start: {log.read_text()[-2000:]}")


@pytest.fixture
def mariadb_database(mariadb_server: MariadbServer) -> Iterator[str]:
    """The name of a fresh database."""
    name = f"test_{next(_numbers)}"
    mariadb_server.client(f"CREATE DATABASE {name}")
    yield name
    mariadb_server.client(f"DROP DATABASE {name}")
