"""The quick start of pysqlsync with only its imports changed: tables, insert, synchronize after a change, upsert, upsert of tuples."""

from __future__ import annotations

from datetime import UTC, datetime
from types import ModuleType
from uuid import UUID

import pytest

from schemagen import ConnectionParameters, EnumMode, GeneratorOptions, get_dialect
from schemagen.url import parse_url
from tests.quickstart import canvas, canvas_next

# Naive, as the quick start's are: UTC is meant.
MOMENT = datetime(2024, 1, 31, 12, 30, 15, 123456)


def user(number: int, name: str, module: ModuleType = canvas, **others: object) -> object:
    return module.UserTable(
        id=number,
        created_at=MOMENT,
        updated_at=MOMENT,
        deleted_at=MOMENT,
        workflow_state=module.WorkflowState.active,
        uuid=UUID(int=number),
        name=name,
        short_name=name[:3],
        homepage_url=None,
        **others,
    )


@pytest.mark.parametrize("mode", [EnumMode.RELATION, EnumMode.CHECK, EnumMode.TYPE])
@pytest.mark.parametrize("namespace", ["canvas", None])
@pytest.mark.parametrize("dialect", ["postgresql", "duckdb"])
async def test_quick_start_runs_as_it_stands(request: pytest.FixtureRequest, dialect: str, namespace: str | None, mode: EnumMode) -> None:
    _, parameters = parse_url(request.getfixturevalue(f"{dialect}_url"))
    assert isinstance(parameters, ConnectionParameters)
    engine = get_dialect(dialect)
    options = GeneratorOptions(enum_mode=mode, namespaces={canvas: namespace, canvas_next: namespace})

    async with engine.create_connection(parameters, options) as conn:
        await conn.create_objects([canvas.UserTable])
        await conn.insert_data(canvas.UserTable, [user(1, "Ödön 🎓"), user(2, "tab\there, 'quoted' \\ back\nline")])

    async with engine.create_connection(parameters, options) as conn:
        explorer = engine.create_explorer(conn)
        plan = await explorer.synchronize(module=canvas_next)
        assert not plan.is_empty
        assert (await explorer.plan(module=canvas_next)).is_empty

    changed = user(2, "changed", canvas_next, locale="hu")
    async with engine.create_connection(parameters, options) as conn:
        await conn.upsert_data(canvas_next.UserTable, [changed, user(3, "third", canvas_next, locale=None)])

    field_names = ["id", "uuid", "name", "updated_at", "created_at", "workflow_state", "short_name"]
    field_types = [int, UUID, str, datetime, datetime, str, str]
    rows = [
        (3, UUID(int=33), "third again", MOMENT.replace(year=2025), MOMENT, "suspended", "thi"),
        (4, UUID(int=4), "fourth", MOMENT, MOMENT, "inactive", "fou"),
    ]
    async with engine.create_connection(parameters, options) as conn:
        table = conn.get_table(canvas_next.UserTable)
        await conn.upsert_rows(table, field_names=field_names, field_types=field_types, records=rows)
        stored = {record["id"]: record async for record in conn.dump(canvas_next.UserTable)}

    assert sorted(stored) == [1, 2, 3, 4]
    assert stored[1]["name"] == "Ödön 🎓"
    assert stored[1]["created_at"] == "2024-01-31T12:30:15.123456Z"
    assert stored[2] == {
        "id": 2,
        "created_at": "2024-01-31T12:30:15.123456Z",
        "updated_at": "2024-01-31T12:30:15.123456Z",
        "deleted_at": "2024-01-31T12:30:15.123456Z",
        "workflow_state": "active",
        "uuid": str(UUID(int=2)),
        "name": "changed",
        "short_name": "cha",
        "homepage_url": None,
        "locale": "hu",
    }
    assert stored[3]["name"] == "third again"
    assert stored[3]["deleted_at"] == "2024-01-31T12:30:15.123456Z", "upsert_rows touches only its fields"
    assert stored[3]["workflow_state"] == "suspended"
    assert stored[4]["homepage_url"] is None


@pytest.mark.parametrize("dialect", ["postgresql", "duckdb"])
async def test_zone_of_the_machine_changes_nothing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, dialect: str) -> None:
    import time

    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    try:
        _, parameters = parse_url(request.getfixturevalue(f"{dialect}_url"))
        async with get_dialect(dialect).create_connection(parameters, GeneratorOptions()) as conn:
            await conn.create_objects([canvas.UserTable])
            await conn.insert_data(canvas.UserTable, [user(1, "naive")])
            stored = [record async for record in conn.dump(canvas.UserTable)]
    finally:
        monkeypatch.undo()
        time.tzset()
    assert stored[0]["created_at"] == MOMENT.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
