"""Where records come from: files and standard input, their formats, and what identifies a file whatever its path."""

from __future__ import annotations

import glob
import hashlib
import os
import stat
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, Protocol, cast

from schemagen.errors import SchemagenError

Format = Literal["json", "jsonl", "tsv", "csv"]

SUFFIXES: dict[str, Format] = {".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl", ".tsv": "tsv", ".csv": "csv"}
STDIN = "-"
_END_BYTES = 1 << 20


class Source(Protocol):
    """One input. Files are the first kind; an object store can be another."""

    @property
    def name(self) -> str: ...

    @property
    def format(self) -> Format: ...

    @property
    def size(self) -> int | None:
        """Bytes as stored; None where that cannot be known."""
        ...

    def etag(self) -> str:
        """Changes when the content does: size and time of the last change; "" where there is none."""
        ...

    def identity(self) -> str:
        """Hash over size, first and last MiB: the same bytes are the same file, by whatever path. "" where it can be read once only."""
        ...

    def open(self) -> BinaryIO: ...


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file by its path as the user typed it."""

    name: str
    format: Format

    @property
    def size(self) -> int | None:
        found = os.stat(self.name)
        return found.st_size if stat.S_ISREG(found.st_mode) else None

    def etag(self) -> str:
        found = os.stat(self.name)
        return f"{found.st_size}/{found.st_mtime_ns}/{found.st_ino}" if stat.S_ISREG(found.st_mode) else ""

    def identity(self) -> str:
        size = self.size
        if size is None:
            return ""
        digest = hashlib.sha256(str(size).encode())
        with self.open() as file:
            digest.update(file.read(_END_BYTES))
            file.seek(max(0, size - _END_BYTES))
            digest.update(file.read(_END_BYTES))
        return digest.hexdigest()

    def open(self) -> BinaryIO:
        return open_binary(self.name)


@dataclass(frozen=True, slots=True)
class StandardInput:
    """Standard input: read once, so exactly once within one run only."""

    format: Format
    name: str = "standard input"

    @property
    def size(self) -> int | None:
        return None

    def etag(self) -> str:
        return ""

    def identity(self) -> str:
        return ""

    def open(self) -> BinaryIO:
        return cast(BinaryIO, os.fdopen(os.dup(sys.stdin.fileno()), "rb"))


def open_binary(path: str) -> BinaryIO:
    """Raises SchemagenError NO_FILE."""
    try:
        return cast(BinaryIO, Path(path).open("rb"))
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: str, error: OSError) -> SchemagenError:
    return SchemagenError("NO_FILE", path, f"cannot be read: {(error.strerror or str(error)).lower()}")


def sources(files: Iterable[str], data_format: str | None = None) -> list[Source]:
    """The inputs that the arguments name, in their order; folders and globs sorted within.

    Raises SchemagenError NO_FILE, or USAGE where the format is neither given nor told by the name.
    """
    found: list[Source] = []
    for argument in files:
        if argument == STDIN:
            if data_format is None:
                raise SchemagenError("USAGE", "standard input", "has no name that tells its format; add --format json, jsonl, tsv or csv")
            found.append(StandardInput(_format(data_format, argument)))
        else:
            found += [FileSource(path, format_of(path, data_format)) for path in _paths(argument)]
    if sum(isinstance(item, StandardInput) for item in found) > 1:
        raise SchemagenError("USAGE", "-", "standard input can be read once only")
    return found


def _paths(argument: str) -> list[str]:
    if Path(argument).is_dir():
        inside = sorted(path for path in Path(argument).rglob("*") if path.is_file() and _has_data_suffix(path.name))
        paths = [str(path) for path in inside if not any(part.startswith(".") for part in path.relative_to(argument).parts)]
        if not paths:
            raise SchemagenError("NO_FILE", argument, f"is a folder without data files ({', '.join(SUFFIXES)}, each also .gz)")
        return paths
    if os.path.lexists(argument):
        return [argument]
    if glob.has_magic(argument):
        paths = sorted(path for path in glob.glob(argument, recursive=True) if Path(path).is_file())
        if paths:
            return paths
        raise SchemagenError("NO_FILE", argument, "no file matches")
    raise SchemagenError("NO_FILE", argument, "there is no such file")


def _has_data_suffix(name: str) -> bool:
    return _suffix(name) in SUFFIXES


def _suffix(name: str) -> str:
    lowered = name.lower().removesuffix(".gz")
    return os.path.splitext(lowered)[1]


def format_of(path: str, data_format: str | None = None) -> Format:
    """The format that is asked for, else the one that the name's ending tells. Raises SchemagenError USAGE."""
    if data_format is not None:
        return _format(data_format, path)
    found = SUFFIXES.get(_suffix(path))
    if found is None:
        raise SchemagenError("USAGE", path, f"the name does not tell the format; expected {', '.join(SUFFIXES)}, or add --format")
    return found


def _format(text: str, place: str) -> Format:
    if text not in ("json", "jsonl", "tsv", "csv"):
        raise SchemagenError("USAGE", place, f"expected format json, jsonl, tsv or csv, got {text!r}")
    return cast(Format, text)
