"""The probes that every server reads, asked of real rows."""

from __future__ import annotations

import pytest

from schemagen.catalog.expressions import AtLeast, InList
from schemagen.catalog.types import ObjectId
from schemagen.dialects.mysql.dialect import DIALECT as MYSQL
from schemagen.dialects.sqlite.dialect import DIALECT as SQLITE
from schemagen.plan.plan import Probe
from tests.dialects.scripts import script
from tests.dialects.test_sqlite_server import database
from tests.servers.mariadb import MariadbServer

T, P = ObjectId("table", "", "t"), ObjectId("table", "", "p")
ROWS = [
    "CREATE TABLE p (x integer, y integer)",
    "CREATE TABLE t (a integer, b integer, v varchar(9))",
    "INSERT INTO p VALUES (1, 1), (2, NULL)",
    "INSERT INTO t VALUES (1, 1, 'a'), (1, 1, 'b'), (1, 1, NULL), (1, NULL, 'a'), (1, NULL, 'a'), (2, NULL, 'c'), (3, 3, NULL)",
]
COUNTS = [
    (Probe("ROWS", T), 7),
    (Probe("NULLS", T, ("b",)), 3),
    (Probe("NOT_EMPTY", T), 7),
    (Probe("NOT_EMPTY", T, ("v",)), 5),
    (Probe("DUPLICATES", T, ("a",)), 4),
    (Probe("DUPLICATES", T, ("a", "b")), 2),
    (Probe("DUPLICATES", P, ("x",)), 0),
    (Probe("ORPHANS", T, ("a",), P, ("x",)), 1),
    (Probe("ORPHANS", T, ("a", "b"), P, ("x", "y")), 1),
    (Probe("VIOLATIONS", T, expr=InList("v", ("a", "b"))), 1),
    (Probe("VIOLATIONS", T, expr=AtLeast("b", 2)), 3),
    (Probe("VALUES_USED", T, ("v",), values=("a", "it's")), 3),
]


@pytest.mark.parametrize(("probe", "count"), COUNTS)
def test_probe_counts_rows_that_stand_in_the_way(probe: Probe, count: int) -> None:
    assert database(ROWS).execute(SQLITE.text(SQLITE.query(probe))).fetchone() == (count,)


def test_probes_count_the_same_on_mariadb(mariadb_server: MariadbServer, mariadb_database: str) -> None:
    queries = [MYSQL.text(MYSQL.query(probe)) for probe, _ in COUNTS]
    assert mariadb_server.client(script(ROWS + queries, MYSQL), mariadb_database).split() == [str(count) for _, count in COUNTS]
