"""The servers that tests start are there, and are what they say."""

from __future__ import annotations

from tests.servers.mariadb import MariadbServer
from tests.servers.postgresql import PostgresqlServer


def test_postgresql_runs_and_its_dump_is_of_its_version(postgresql_server: PostgresqlServer, postgresql_database: str) -> None:
    assert postgresql_server.psql("SELECT 1 + 1", postgresql_database) == "2\n"
    postgresql_server.psql("CREATE TABLE t (b int, a text)", postgresql_database)
    assert "CREATE TABLE public.t (\n    a text\n    b integer\n);" in postgresql_server.dump(postgresql_database)


def test_mariadb_runs(mariadb_server: MariadbServer, mariadb_database: str) -> None:
    assert mariadb_server.client("SELECT database()", mariadb_database) == f"{mariadb_database}\n"
