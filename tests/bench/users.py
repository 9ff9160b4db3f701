"""The quick start's users: a JSON Schema, and as many records as asked for, always the same ones."""

from __future__ import annotations

import json
import random
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.conftest import ROOT

SCHEMA = ROOT / "schemas" / "users" / "user.json"
STATES = ("active", "inactive", "deleted")


def write_users(path: Path, count: int) -> None:
    """`count` records as JSON lines; a fixed seed, so that every run has the same bytes."""
    source = random.Random(20240501)
    start = datetime(2020, 1, 1, tzinfo=UTC)
    with path.open("w", encoding="utf-8") as stream:
        for number in range(1, count + 1):
            created = start + timedelta(seconds=source.randrange(10**8))
            updated = created + timedelta(seconds=source.randrange(10**7), milliseconds=source.randrange(1000))
            deleted = updated if source.random() < 0.1 else None
            name = f"User Ünal {source.randrange(10**6)} Ödön"
            record = {
                "id": number,
                "created_at": _text(created),
                "updated_at": _text(updated),
                "deleted_at": _text(deleted) if deleted else None,
                "workflow_state": source.choice(STATES),
                "uuid": str(uuid.UUID(int=source.getrandbits(128), version=4)),
                "name": name,
                "short_name": name[:9],
                "homepage_url": f"https://example.org/~{number}" if source.random() < 0.5 else None,
            }
            stream.write(json.dumps(record, ensure_ascii=False) + "\n")


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
