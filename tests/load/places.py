"""Open databases for tests of the loader, on every live server; DuckDB in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from schemagen.dialects.base import dialect_named, driver_named
from schemagen.url import parse_url
from tests.load.place import Place
from tests.servers.live import ENTRIES


@pytest.fixture(params=ENTRIES)
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    """An empty database of each kind."""
    name = request.param
    url = "duckdb://" if name == "duckdb" else ENTRIES[name](request).url
    async with opened(name, url) as found:
        yield found


@pytest.fixture
async def memory() -> AsyncIterator[Place]:
    """An empty DuckDB in memory, for what does not depend on the server."""
    async with opened("duckdb", "duckdb://") as found:
        yield found


def opened(name: str, url: str) -> Place:
    _, parameters = parse_url(url)
    return Place(name, dialect_named(name), driver_named(name), parameters)
