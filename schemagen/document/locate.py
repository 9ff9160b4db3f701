"""Where the document of a URI lies: bundled meta-schemas, and files under the schema's own folder or a --ref-map folder, none else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from schemagen.document.text import MAX_BYTES, parse_json
from schemagen.document.yaml import parse_yaml
from schemagen.errors import SchemagenError
from schemagen.jsontext import JsonType

SUFFIXES = (".json", ".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that references may read: `uri` is the prefix that stands for it, `path` as it was typed, `real` without symbolic links."""

    uri: str
    path: str
    real: str


@dataclass(slots=True)
class Locator:
    """The mappings of one registry, in the order in which they are tried: --ref-map, longest first, then folders of documents."""

    maps: list[tuple[str, str]] = field(default_factory=list)
    folders: list[Folder] = field(default_factory=list)

    def add_folder(self, uri: str, path: str) -> None:
        """`path` stands for URIs that begin with `uri`."""
        folder = Folder(uri, path, os.path.realpath(path))
        if folder not in self.folders:
            self.folders.append(folder)

    def find(self, uri: str) -> str | None:
        """The file of a URI, as a path; None where there is none that may be read. Nothing outside the folders is looked at."""
        for prefix, target in sorted(self.maps, key=lambda item: len(item[0]), reverse=True):
            if not uri.startswith(prefix):
                continue
            rest = uri[len(prefix) :]
            if os.path.isfile(target):
                if not rest.strip("/"):
                    return target
            elif (found := _under(target, os.path.realpath(target), rest)) is not None:
                return found
        for folder in self.folders:
            if uri.startswith(folder.uri) and (found := _under(folder.path, folder.real, uri[len(folder.uri) :])) is not None:
                return found
        return None


def _under(folder: str, real: str, rest: str) -> str | None:
    """The file NAME, then NAME.json..., of a folder, where it really lies in it."""
    name = unquote(urlsplit(f"x:///{rest.lstrip('/')}").path).lstrip("/")
    if not name or "\0" in name:
        return None
    for candidate in _candidates(name):
        resolved = os.path.realpath(os.path.join(real, candidate))
        if resolved.startswith(os.path.join(real, "")) and os.path.isfile(resolved):
            return os.path.join(folder, candidate)
    return None


def _candidates(name: str) -> Iterator[str]:
    yield name
    yield from (name + suffix for suffix in SUFFIXES)


def check_maps(maps: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """The --ref-map options; NO_FILE where one leads to nothing."""
    for prefix, target in maps:
        if not os.path.exists(target):
            raise SchemagenError("NO_FILE", target, f"there is no such file or folder, which --ref-map names for {prefix}")
    return list(maps)


def read_file(path: str, source: str, max_depth: int) -> JsonType:
    """The value of a JSON or YAML file, by its suffix. Raises NO_FILE, SCHEMA_TOO_LARGE, BAD_DOCUMENT."""
    try:
        size = os.stat(path).st_size
        if size > MAX_BYTES:
            raise too_large(source, size)
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise SchemagenError("NO_FILE", source, _no_file(error)) from error
    if len(data) > MAX_BYTES:
        raise too_large(source, len(data))
    parse = parse_yaml if Path(path).suffix.lower() in (".yaml", ".yml") else parse_json
    return parse(data, source, max_depth)


def _no_file(error: OSError | ValueError) -> str:
    match error:
        case FileNotFoundError():
            return "there is no such file"
        case IsADirectoryError():
            return "is a folder; expected a file"
        case OSError():
            return f"cannot be read: {(error.strerror or str(error)).lower()}"
        case _:
            return "is no name of a file"


def too_large(source: str, size: int) -> SchemagenError:
    return SchemagenError("SCHEMA_TOO_LARGE", source, f"has {size:,} bytes, more than the {MAX_BYTES:,} that a schema may have")


def bundled(uri: str) -> JsonType | None:
    """A meta-schema that comes with the drafts; None for any other URI."""
    from jsonschema_specifications import REGISTRY

    known = REGISTRY.get(uri) or REGISTRY.get(uri + "#")
    return known.contents if known is not None else None
