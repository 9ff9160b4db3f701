"""Fixtures for all tests: real servers, started when first asked for."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

pytest_plugins = ["tests.servers.postgresql", "tests.servers.mariadb", "tests.servers.live", "tests.load.places"]

ROOT = Path(__file__).parent.parent


@pytest.fixture
def duckdb_url(tmp_path: Path) -> str:
    """The URL of a DuckDB file that is not there yet."""
    return f"duckdb:///{tmp_path / 'test.duckdb'}"


def pytest_configure(config: pytest.Config) -> None:
    # Every process that tests start sees the same Python and the same schemagen.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    os.environ.setdefault("XDG_RUNTIME_DIR", "/tmp")
