"""The same job by pysqlsync 1.0.1, run in its own virtual environment: JSON lines parsed, converted, inserted. Prints the seconds."""

from __future__ import annotations

import asyncio
import enum
import json
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pysqlsync.base import ConnectionParameters, GeneratorOptions
from pysqlsync.factory import get_dialect
from pysqlsync.formation.py_to_sql import EnumMode
from pysqlsync.model.key_types import PrimaryKey
from strong_typing.auxiliary import MaxLength


class WorkflowState(enum.Enum):
    active = "active"
    inactive = "inactive"
    deleted = "deleted"


@dataclass(slots=True)
class UserTable:
    id: PrimaryKey[int]
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    workflow_state: WorkflowState
    uuid: UUID
    name: str
    short_name: Annotated[str, MaxLength(255)]
    homepage_url: str | None


NAMES = ("id", "created_at", "updated_at", "deleted_at", "workflow_state", "uuid", "name", "short_name", "homepage_url")
TYPES = (int, datetime, datetime, datetime, str, UUID, str, str, str)


def moment(text: str | None) -> datetime | None:
    # Its timestamps are without zone, in UTC.
    return datetime.fromisoformat(text.rstrip("Z")) if text is not None else None


def rows(path: str):
    with open(path, encoding="utf-8") as stream:
        for line in stream:
            item = json.loads(line)
            yield (
                item["id"],
                moment(item["created_at"]),
                moment(item["updated_at"]),
                moment(item["deleted_at"]),
                item["workflow_state"],
                UUID(item["uuid"]),
                item["name"],
                item["short_name"],
                item["homepage_url"],
            )


async def main(socket: str, database: str, path: str) -> None:
    engine = get_dialect("postgresql")
    parameters = ConnectionParameters(host=socket, port=5432, username="postgres", password=None, database=database)
    options = GeneratorOptions(enum_mode=EnumMode.CHECK, namespaces={sys.modules[__name__]: None})
    async with engine.create_connection(parameters, options) as connection:
        await connection.create_objects([UserTable])
        table = connection.get_table(UserTable)
        started = time.perf_counter()
        await connection.insert_rows(table, rows(path), field_names=NAMES, field_types=TYPES)
        print(json.dumps({"seconds": time.perf_counter() - started}))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
