"""Reading: a file, a folder, standard input, a text or a value becomes a Document."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from schemagen.document.locate import SUFFIXES, too_large
from schemagen.document.node import Document
from schemagen.document.registry import Registry
from schemagen.document.text import MAX_BYTES, decode, parse_json
from schemagen.document.uris import MEMORY, encoded, file_uri
from schemagen.document.yaml import parse_yaml
from schemagen.errors import SchemagenError
from schemagen.jsontext import JsonType
from schemagen.options import SchemaOptions

__all__ = ["document_from_text", "document_from_value", "parse_json", "read_document", "read_documents"]

STDIN = "stdin"


def read_document(path: str, options: SchemaOptions) -> Document:
    """The document of a file, or of standard input for `-`. Raises NO_FILE, BAD_DOCUMENT, SCHEMA_TOO_LARGE."""
    return read_documents([path], options)[0]


def read_documents(paths: Sequence[str], options: SchemaOptions) -> tuple[Document, ...]:
    """The documents of files and folders (their .json, .yaml and .yml files, sorted), in one registry, each once."""
    registry = Registry(options)
    found: dict[str, Document] = {}
    for path in paths:
        if path == "-":
            documents = [_read_stdin(registry)]
        else:
            documents = [registry.add_file(name) for name in (_schemas_in(path) if os.path.isdir(path) else [path])]
        found.update((document.uri, document) for document in documents)
    return tuple(found.values())


def _schemas_in(folder: str) -> list[str]:
    """Files of a folder itself: what lies in folders below is reached by reference."""
    try:
        listed = os.listdir(folder)
    except OSError as error:
        raise SchemagenError("NO_FILE", folder, f"cannot be read: {(error.strerror or str(error)).lower()}") from error
    names = sorted(name for name in listed if name.lower().endswith(SUFFIXES) and not name.startswith("."))
    if not names:
        raise SchemagenError("NO_FILE", folder, "the folder holds no .json, .yaml or .yml file")
    return [os.path.join(folder, name) for name in names]


def _read_stdin(registry: Registry) -> Document:
    data = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise too_large(STDIN, len(data))
    text = decode(data, STDIN)
    is_json = text.lstrip()[:1] in ("{", "[", "")
    return registry.add(_parse(text, STDIN, registry, yaml=not is_json), STDIN, MEMORY + STDIN)


def _parse(text: str, source: str, registry: Registry, *, yaml: bool) -> JsonType:
    return (parse_yaml if yaml else parse_json)(text, source, registry.max_depth)


def document_from_text(text: str, source: str, options: SchemaOptions, *, yaml: bool = False, folder: Path | None = None) -> Document:
    """The document of a text; `folder` is where its relative references lie. Raises BAD_DOCUMENT, SCHEMA_TOO_LARGE."""
    if len(text) > MAX_BYTES:
        raise too_large(source, len(text))
    registry = Registry(options)
    value = _parse(text, source, registry, yaml=yaml)
    if folder is None:
        return registry.add(value, source, encoded(MEMORY + source.lstrip("/")))
    place = os.path.join(os.path.abspath(folder), os.path.basename(source))
    registry.add_folder(folder)
    return registry.add(value, source, file_uri(place), folder=os.fspath(folder))


def document_from_value(value: JsonType, source: str, options: SchemaOptions) -> Document:
    """The document of a JSON value, which is copied. Raises BAD_DOCUMENT, SCHEMA_TOO_LARGE."""
    return Registry(options).add(value, source, encoded(MEMORY + source.lstrip("/")))
