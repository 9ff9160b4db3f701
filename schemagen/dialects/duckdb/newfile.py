"""A new DuckDB file is there whole or not at all: made under a temporary name, synced, then linked to its own."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from schemagen.errors import SchemagenError

_LEFTOVER = r"\.{}\.[0-9a-f]{{16}}\.schemagen(\.wal)?"


def make_file(path: Path, create: Callable[[Path], None]) -> None:
    """An empty database at `path`, unless another process is quicker; `create` makes one at the path it is given, and closes it.

    DuckDB's first writes into a new file, cut short, leave one that never opens again; a link is made at once or not.
    """
    spare = path.with_name(f".{path.name}.{secrets.token_hex(8)}.schemagen")
    try:
        create(spare)
        _sync(spare)
        os.link(spare, path)
        _sync(path.parent)
    except FileExistsError:
        pass
    except OSError as error:
        # Another process that was quicker may have taken our file for a leftover.
        if not path.exists():
            raise SchemagenError("NO_CONNECTION", str(path), f"the database file cannot be made: {error.strerror}") from error
    remove_leftovers(path)


def remove_leftovers(path: Path) -> None:
    """Removes what processes left that were killed while they made this file, which is there by now."""
    pattern = re.compile(_LEFTOVER.format(re.escape(path.name)))
    for item in path.parent.iterdir():
        if pattern.fullmatch(item.name):
            with suppress(FileNotFoundError):
                item.unlink()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
