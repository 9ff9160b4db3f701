"""MySQL's dialect on a real MariaDB: what it writes the server takes, and reports back as `lower` says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from schemagen.catalog.objects import Catalog
from schemagen.dialects.mysql.dialect import DIALECT
from tests.dialects.cases import cast_name, cast_probe, cast_tables, read, types_of
from tests.dialects.scripts import catalog_of, creation, insertion, numbered_keys, plan_between, script, statements
from tests.plan.catalogs import World, catalogs
from tests.servers.mariadb import MariadbServer

WORLD = World(enums=False, structs=False)


def server_text(server: MariadbServer, database: str) -> str:
    """SHOW CREATE TABLE of every table, the lines of each sorted."""
    names = server.client("SELECT table_name FROM information_schema.tables WHERE table_schema = database()", database).splitlines()
    shown = server.client("".join(f"SHOW CREATE TABLE `{name}`;\n" for name in sorted(names)), database)
    return "\n".join(
        "\n".join(sorted(line.strip().rstrip(",") for line in text.replace("\\n", "\n").splitlines())) for text in shown.splitlines()
    )


def run(server: MariadbServer, database: str, lines: list[str]) -> None:
    server.client(f"DROP DATABASE IF EXISTS {database}; CREATE DATABASE {database}")
    server.client(script(lines, DIALECT), database)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(catalogs(WORLD).map(numbered_keys), catalogs(WORLD).map(numbered_keys))
def test_plan_between_two_catalogs_gives_what_the_second_gives_from_nothing(
    mariadb_server: MariadbServer, before: Catalog, after: Catalog
) -> None:
    run(mariadb_server, "planned", creation(before, DIALECT) + statements(plan_between(before, after, DIALECT), DIALECT))
    run(mariadb_server, "made", creation(after, DIALECT))
    assert server_text(mariadb_server, "planned") == server_text(mariadb_server, "made")


@pytest.mark.parametrize("case", [case for case in read("casts.json") if case["dialect"] == "mysql"], ids=cast_name)
def test_probe_counts_what_a_type_change_would_not_keep_and_the_rest_is_kept(
    mariadb_server: MariadbServer, mariadb_database: str, case: dict[str, Any]
) -> None:
    before, after = cast_tables(case)
    values = [value for value, _ in case["kept"]] + case["lost"]
    plan = plan_between(catalog_of(before), catalog_of(after), DIALECT)
    (step,) = plan.steps
    found = DIALECT.traits(DIALECT.assumed_server).convert(*types_of(plan))
    assert found.probe == case["probe"]
    mariadb_server.client(script(creation(catalog_of(before), DIALECT) + insertion("c", values, DIALECT), DIALECT), mariadb_database)
    if case["probe"]:
        count = script([DIALECT.text(DIALECT.query(cast_probe(case, plan)))], DIALECT)
        assert mariadb_server.client(count, mariadb_database) == f"{len(case['lost'])}\n"
    lost = f"DELETE FROM t WHERE id > {len(case['kept'])}"
    shown = "SELECT json_arrayagg(CAST(c AS CHAR CHARACTER SET utf8mb4) ORDER BY id) FROM t"
    kept = mariadb_server.client(script([lost, *statements(plan, DIALECT), shown], DIALECT), mariadb_database)
    assert json.loads(kept.replace("\\\\", "\\")) == [text for _, text in case["kept"]]
    assert step.change is not None
