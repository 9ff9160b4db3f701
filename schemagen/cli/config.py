"""schemagen.toml: options, and the sources that commands without SCHEMA take. What a file that was merely found may do is limited."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from schemagen.errors import SchemagenError
from schemagen.options import BY_NAME, Options, apply_option, parse_key

FILE_NAME = "schemagen.toml"
GENERATED_MARK = "# made by schemagen from "
_FORBIDDEN = {
    "to": "a database URL is given with --to only",
    "from": "a database URL is given with --from only",
    "url": "a database URL is given on the command line only",
    "password": "a password comes from the URL or the environment only",
    "allow": "what may be lost is named on the command line only",
}


@dataclass(frozen=True, slots=True)
class SourceTable:
    """One `[[source]]`: its schema files, the file that `generate` writes, and its style and options."""

    schemas: tuple[str, ...]
    output: str | None
    options: Options
    style: str = "dataclass"


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration: its options and sources. `path` None: there is none."""

    path: Path | None = None
    named: bool = False
    options: Options = field(default_factory=Options)
    sources: tuple[SourceTable, ...] = ()


def read_config(named: str | None) -> Config:
    """The configuration named by `--config`, else the one found in the working directory, else an empty one.

    Raises SchemagenError USAGE or NO_FILE, naming the key and what would permit it.
    """
    if named is not None:
        path = Path(named)
        if not path.is_file():
            raise SchemagenError("NO_FILE", named, "there is no such configuration file")
        return _read(path, named=True, required=True)
    found = _read(Path(FILE_NAME), named=False)
    return found if found.path is not None else _read(Path("pyproject.toml"), named=False)


def _read(path: Path, *, named: bool, required: bool = False) -> Config:
    if not path.is_file():
        return Config()
    try:
        values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        if path.name == "pyproject.toml" and not required:
            return Config()
        raise SchemagenError("USAGE", str(path), f"is no TOML: {error}") from error
    if path.name == "pyproject.toml":
        if "schemagen" not in values.get("tool", {}):
            return Config()
        values = values["tool"]["schemagen"]
    return _config(values, path, named)


def _config(values: dict[str, Any], path: Path, named: bool) -> Config:
    sources = values.pop("source", [])
    if not isinstance(sources, list) or not all(isinstance(item, dict) for item in sources):
        raise SchemagenError("USAGE", f"{path}: source", "expected [[source]] tables")
    options = _options(values, Options(), path, "", named)
    tables = tuple(_source(item, options, path, number, named) for number, item in enumerate(sources, 1))
    return Config(path, named, options, tables)


def _source(values: dict[str, Any], options: Options, path: Path, number: int, named: bool) -> SourceTable:
    place = f"source {number}"
    values = dict(values)
    schemas = values.pop("schema", None)
    schemas = [schemas] if isinstance(schemas, str) else schemas
    if not isinstance(schemas, list) or not schemas or not all(isinstance(item, str) for item in schemas):
        raise SchemagenError("USAGE", f"{path}: {place}", 'expected schema = "FILE" or a list of files')
    output = values.pop("output", None)
    style = values.pop("style", "dataclass")
    if style not in ("dataclass", "pydantic", "msgspec", "typeddict"):
        raise SchemagenError("USAGE", f"{path}: {place}", f"style: expected dataclass, pydantic, msgspec or typeddict, got {style!r}")
    if output is not None and not isinstance(output, str):
        raise SchemagenError("USAGE", f"{path}: {place}", 'expected output = "FILE.py"')
    for schema in schemas:
        if schema.endswith(".py") and not named:
            raise _refused(path, f"{place}: schema", "a Python file runs; name the configuration with --config to allow it")
    paths = tuple(_inside(schema, path, f"{place}: schema", named) for schema in schemas)
    target = _output(output, path, place, named) if output is not None else None
    return SourceTable(paths, target, _options(values, options, path, f"{place}: ", named), style)


def _options(values: dict[str, Any], options: Options, path: Path, place: str, named: bool) -> Options:
    for name, value in values.items():
        where = f"{path}: {place}{name}"
        if name in _FORBIDDEN:
            raise SchemagenError("USAGE", where, _FORBIDDEN[name])
        option = BY_NAME.get(name)
        if option is None:
            raise SchemagenError("USAGE", where, "there is no such option")
        if not option.found and not named:
            raise _refused(path, f"{place}{name}", "it is given with --set, or in a configuration named with --config")
        texts = [_text(item, where) for item in (value if isinstance(value, list) else [value])]
        if name == "ref-map":
            texts = [_mapped(text, path, where, named) for text in texts]
        options = set_option(options, name, texts, where)
    return options


def set_option(options: Options, name: str, texts: list[str], place: str) -> Options:
    """`options` with one option set. Raises SchemagenError USAGE, also for two keys of one entity, of which only one could hold."""
    options = apply_option(options, name, texts, place)
    if name == "key":
        keys: dict[str, tuple[str, ...]] = {}
        for entity, names in map(parse_key, texts):
            if keys.setdefault(entity, names) != names:
                lead = f"{place} " if place.startswith("--") else ""
                joined = f"{entity}{'=' if entity else ''}{','.join((*keys[entity], *names))}"
                whose = f"of {entity}" if entity else "without an entity name"
                raise SchemagenError("USAGE", place, f"two keys {whose}; give {lead}{joined} for one key of several properties")
    return options


def _text(value: Any, where: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return str(value)
    raise SchemagenError("USAGE", where, f"expected a text, a number, true or false, or a list of them, got {value!r}")


def _mapped(text: str, path: Path, where: str, named: bool) -> str:
    prefix, separator, target = text.rpartition("=")
    return f"{prefix}{separator}{_inside(target, path, where, named)}" if separator else text


def _inside(name: str, path: Path, place: str, named: bool) -> str:
    """The file's path as seen from the working directory; of a configuration merely found, only under its own folder."""
    target = path.parent / name
    if not named and not target.resolve().is_relative_to(path.parent.resolve()):
        raise _refused(path, place, f"{name} is outside its folder; name the configuration with --config to allow it")
    return str(target)


def _output(name: str, path: Path, place: str, named: bool) -> str:
    target = path.parent / name
    if named:
        return str(target)
    _inside(name, path, f"{place}: output", named)
    reason = ""
    if target.is_symlink():
        reason = "is a symbolic link"
    elif any(part.startswith(".") and part not in (".", "..") for part in Path(name).parts):
        reason = "has a part that begins with a dot"
    elif target.suffix not in (".py", ".sql"):
        reason = "is neither .py nor .sql"
    elif target.exists() and not made_by_schemagen(target):
        reason = "exists and its first line does not say that schemagen made it"
    if reason:
        raise _refused(path, f"{place}: output", f"{name} {reason}; name the configuration with --config to allow it")
    return str(target)


def made_by_schemagen(path: Path) -> bool:
    """True where the file's first line says that schemagen made it."""
    with path.open("rb") as stream:
        return stream.readline(4096).startswith(GENERATED_MARK.encode())


def _refused(path: Path, place: str, why: str) -> SchemagenError:
    return SchemagenError("REFUSED", f"{path}: {place}", f"a configuration that was merely found may not do this: {why}")
