"""A plan between two versions of an example, with and without a database, makes of the old one what the new one would have been made."""

from __future__ import annotations

import subprocess
from pathlib import Path

import duckdb
import pytest

from tests.cli.run import schemagen
from tests.conftest import ROOT
from tests.oracles.duckdb_text import catalogue_text
from tests.servers.postgresql import PostgresqlServer

SCHEMAS = ROOT / "schemas"
EXAMPLES = {
    "shop": (
        ["shop/customer.json", "shop/order.json"],
        [("shop/customer.json", "shop/customers.jsonl"), ("shop/order.json", "shop/orders.jsonl")],
    ),
    "users": (["users/user.json"], [("users/user.json", "users/users.jsonl"), ("users/user.json", "users/users.tsv")]),
    "events": (["events/event.json"], [("events/event.json", "events/events.jsonl")]),
}


def versions(example: str) -> tuple[list[str], list[str]]:
    """The paths of the old and the new schemas."""
    names = EXAMPLES[example][0]
    return [str(SCHEMAS / name) for name in names], [str((SCHEMAS / name).parent / "next" / Path(name).name) for name in names]


def ok(*arguments: object, code: int = 0) -> str:
    done = schemagen(*arguments)
    assert done.returncode == code, done.stderr or done.stdout
    return done.stdout


def fill(example: str, url: str) -> None:
    for schema, data in EXAMPLES[example][1]:
        ok("load", SCHEMAS / schema, SCHEMAS / data, "--to", url, "--rejects", "/dev/null", code=1)


def offline(example: str, dialect: str) -> str:
    old, new = versions(example)
    before = [part for path in old for part in ("--from", path)]
    return ok("plan", *new, *before, "--dialect", dialect, "--format", "sql", "--allow", "*:*")


@pytest.mark.parametrize("example", ["shop", "users", pytest.param("events", marks=pytest.mark.long)])
def test_on_postgresql(example: str, postgresql_server: PostgresqlServer, postgresql_database: str, tmp_path: Path) -> None:
    server, base = postgresql_server, postgresql_database
    old, new = versions(example)
    names = {kind: f"{base}_{kind}" for kind in ("offline", "live", "new")}
    for name in names.values():
        server.psql(f"CREATE DATABASE {name}")
    try:
        for kind, schemas in (("offline", old), ("live", old), ("new", new)):
            run_script(server, names[kind], ok("ddl", *schemas, "--dialect", "postgresql"), tmp_path)
        for kind in ("offline", "live"):
            fill(example, server.url(names[kind]))
        rows = server.psql(counts(server, names["live"]), names["live"])
        run_script(server, names["offline"], offline(example, "postgresql"), tmp_path)
        ok("apply", *new, "--to", server.url(names["live"]), "--allow", "*:*")
        wanted = server.dump(names["new"])
        assert without_own(server.dump(names["offline"])) == wanted
        assert without_own(server.dump(names["live"])) == wanted
        assert "nothing to do" in ok("apply", *new, "--to", server.url(names["live"]))
        assert "nothing to do" in ok("plan", *new, "--to", server.url(names["offline"]), "--check")
        for kind in ("offline", "live"):
            assert server.psql(counts(server, names[kind]), names[kind]) == rows, "no row is lost"
    finally:
        for name in names.values():
            server.psql(f"DROP DATABASE {name} WITH (FORCE)")


def run_script(server: PostgresqlServer, database: str, text: str, folder: Path) -> None:
    script = folder / "script.sql"
    script.write_text(text)
    command = [server.bin / "psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-h", server.socket, "-U", "postgres", "-d", database, "-f", script]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def counts(server: PostgresqlServer, database: str) -> str:
    query = r"SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '\_schemagen%' ORDER BY 1"
    tables = server.psql(query, database).split()
    return " UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in tables)


def without_own(dump: str) -> str:
    """A dump's statements without those about schemagen's own tables (statements begin in the first column)."""
    kept: list[str] = []
    own = False
    for line in dump.splitlines():
        if not line.startswith((" ", ")")):
            own = "_schemagen_" in line
        if not own:
            kept.append(line)
    return "\n".join(kept)


@pytest.mark.parametrize("example", ["shop", "events", pytest.param("users", marks=pytest.mark.long)])
def test_on_duckdb(example: str, tmp_path: Path) -> None:
    old, new = versions(example)
    paths = {kind: tmp_path / f"{kind}.duckdb" for kind in ("offline", "live", "new")}
    for kind, schemas in (("offline", old), ("live", old), ("new", new)):
        with duckdb.connect(str(paths[kind])) as connection:
            connection.execute(ok("ddl", *schemas, "--dialect", "duckdb"))
    for kind in ("offline", "live"):
        fill(example, f"duckdb:///{paths[kind]}")
    rows = row_counts(paths["live"])
    with duckdb.connect(str(paths["offline"])) as connection:
        connection.execute(offline(example, "duckdb"))
    ok("apply", *new, "--to", f"duckdb:///{paths['live']}", "--allow", "*:*")
    wanted = catalogue_text(paths["new"])
    assert catalogue_text(paths["offline"]) == wanted
    assert catalogue_text(paths["live"]) == wanted
    assert "nothing to do" in ok("apply", *new, "--to", f"duckdb:///{paths['live']}")
    assert "nothing to do" in ok("plan", *new, "--to", f"duckdb:///{paths['offline']}", "--check")
    assert row_counts(paths["live"]) == row_counts(paths["offline"]) == rows


def row_counts(path: Path) -> dict[str, int]:
    with duckdb.connect(str(path), read_only=True) as connection:
        names = [row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchall()[0][0] for name in names if not name.startswith("_")}
