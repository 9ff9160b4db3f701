"""What a test does when its server is not there: skipped with the sentence that says how to get it; under CI=true a failure."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest


def missing(sentence: str) -> NoReturn:
    """Skips the test, or fails it where CI=true."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"under CI every server is there: {sentence}", pytrace=False)
    pytest.skip(sentence)


@contextmanager
def server_folder(name: str) -> Iterator[Path]:
    """A folder for a server's data and socket, removed at the end.

    Not pytest's: several runs beside one another remove each other's oldest, and a socket's path may have 107 bytes only.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
