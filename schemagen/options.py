"""Every option once: its name, default, help and owner. The command line, schemagen.toml, --set and the docs are made from the table."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from types import ModuleType
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schemagen.errors import SchemagenError


class EnumMode(enum.Enum):
    """How an enumeration is stored: a named type, MySQL's ENUM, text with a CHECK, or a lookup table."""

    TYPE = "type"
    INLINE = "inline"
    CHECK = "check"
    RELATION = "relation"


class StructMode(enum.Enum):
    """How a nested object is stored: a named composite type, or JSON."""

    TYPE = "type"
    JSON = "json"


class ArrayMode(enum.Enum):
    """How a list is stored: a native array where its items are scalars and the server has arrays, or JSON."""

    ARRAY = "array"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class SchemaOptions:
    """How schema documents become dataclasses. Keys of the mappings are entity names as `--entity` takes them; "" is every entity."""

    entities: tuple[str, ...] = ()
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ref_map: tuple[tuple[str, str], ...] = ()
    unresolved_ref: Literal["error", "any"] = "error"
    names: Literal["", "snake", "preserve"] = ""
    formats: bool = False
    strict: bool = False
    tables: Literal["keyed", "all"] = "keyed"
    infer_keys: bool = False
    unique: tuple[str, ...] = ()
    fk: tuple[str, ...] = ()
    not_null: tuple[str, ...] = ()
    rename: tuple[str, ...] = ()
    nullable: Literal["schema", "all"] = "schema"
    max_depth: int = 200


@dataclass(frozen=True, slots=True)
class GeneratorOptions:
    """How dataclasses become tables. `namespaces` maps a module to its namespace; "" or None is the session's own."""

    enum_mode: EnumMode = EnumMode.CHECK
    struct_mode: StructMode = StructMode.JSON
    array_mode: ArrayMode = ArrayMode.ARRAY
    namespaces: Mapping[ModuleType, str | None] = field(default_factory=dict)
    namespace: str | None = None
    modes: tuple[tuple[str, EnumMode | StructMode | ArrayMode], ...] = ()
    check_level: Literal["domain", "none"] = "domain"
    timestamp: Literal["zoned", "naive-utc"] = "zoned"
    sql_defaults: bool = False
    foreign_keys: bool = True

    def namespace_of(self, module: ModuleType) -> str:
        """The namespace of a module's tables; "" is the session's own."""
        return self.namespaces.get(module) or self.namespace or ""

    def mode_at(self, pointer: str, default: Any) -> Any:
        """The mode of the same kind as `default` that was set for this path, else `default`."""
        hits = [mode for path, mode in self.modes if path.lstrip("#") == pointer.lstrip("#") and type(mode) is type(default)]
        return hits[-1] if hits else default


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How records are read and judged. `formats` is `--formats`: a text that its format refuses is a reject."""

    formats: bool = False
    nul: Literal["reject", "strip"] = "reject"
    assume_timezone: str = ""
    split_bytes: int = 32 << 20
    block_bytes: int = 1 << 20
    max_record_bytes: int = 64 << 20
    max_depth: int = 200
    max_bytes: int = 0
    encoding: str = "utf-8"
    null_values: tuple[str, ...] = ()
    duplicate_keys: Literal["last", "error"] = "last"
    reject_values: Literal["keep", "omit"] = "keep"


HazardKind = Literal[
    "DROP_TABLE",
    "DROP_COLUMN",
    "DROP_NAMESPACE",
    "DROP_ENUM_VALUE",
    "DROP_ENUM",
    "DROP_STRUCT",
    "DROP_CONSTRAINT",
    "DROP_INDEX",
    "DROP_DEFAULT",
    "DROP_IDENTITY",
    "DROP_COMMENT",
    "NARROW",
    "LOSSY_CAST",
    "NOT_NULL_WITH_NULLS",
    "ADD_UNIQUE_WITH_DUPLICATES",
    "ADD_CHECK_WITH_VIOLATIONS",
    "FK_ORPHANS",
    "ADD_REQUIRED_COLUMN_NON_EMPTY",
    "UNMODELLED",
    "UNMANAGED",
    "REWRITE_LARGE",
    "LONG_LOCK",
    "IMPOSSIBLE",
]
_ALLOWABLE = ("*", *(kind for kind in get_args(HazardKind) if kind != "IMPOSSIBLE"))


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What a plan may do. `allow` holds KIND:GLOB tokens, from the command line or the call only. Raises SchemagenError USAGE."""

    allow: tuple[str, ...] = ()
    large_rows: int = 1_000_000
    allow_empty_drops: bool = False

    def __post_init__(self) -> None:
        for token in self.allow:
            _check_token(token)


def _check_token(token: str) -> None:
    """A token that nothing could ever meet is a mistake of the one who wrote it."""
    kind, separator, glob = token.partition(":")
    if kind in _ALLOWABLE and glob:
        return
    near = kind if kind in _ALLOWABLE else next(iter(get_close_matches(kind.upper(), _ALLOWABLE, 1)), "")
    hint = f"; did you mean {near}:{glob or 'TABLE.COLUMN'}?" if near else f"; kinds are {', '.join(_ALLOWABLE)}"
    what = f"there is no kind {kind!r} to allow" if separator and kind not in _ALLOWABLE else "names no object"
    raise SchemagenError("USAGE", f"--allow {token}", f"{what} (expected KIND:GLOB, as DROP_COLUMN:order.note){hint}")


Owner = Literal["schema", "generator", "load", "plan"]
Parse = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Option:
    """One row. `flag`: it has a command-line flag of its own; else it is given by `--set`. `found`: a configuration merely found may hold it."""

    name: str
    owner: Owner
    attribute: str
    parse: Parse
    help: str
    metavar: str = ""
    flag: bool = False
    many: bool = False
    found: bool = True


def _choice(*allowed: str) -> Parse:
    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"expected one of {', '.join(allowed)}, got {text!r}")
        return text

    return parse


def _switch(text: str) -> bool:
    if text.lower() not in ("true", "false", "on", "off", "yes", "no", "1", "0", ""):
        raise ValueError(f"expected true or false, got {text!r}")
    return text.lower() in ("true", "on", "yes", "1", "")


def _count(minimum: int) -> Parse:
    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit() or int(text) < minimum:
            raise ValueError(f"expected a whole number from {minimum}, got {text!r}")
        return int(text)

    return parse


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"expected a time zone such as Europe/Budapest or UTC, got {text!r}") from error
    return text


def _encoding(text: str) -> str:
    try:
        "".encode(text)
    except LookupError as error:
        raise ValueError(f"expected an encoding such as utf-8 or latin-1, got {text!r}") from error
    return text


def split_escaped(text: str, separator: str) -> list[str]:
    r"""Split at `separator`; a backslash before it (or before a backslash) keeps it as text."""
    pieces, piece, position = [], "", 0
    while position < len(text):
        if text[position] == "\\" and position + 1 < len(text) and text[position + 1] in "\\,=":
            piece += text[position + 1]
            position += 2
        elif text[position] == separator:
            pieces.append(piece)
            piece, position = "", position + 1
        else:
            piece += text[position]
            position += 1
    return [*pieces, piece]


def parse_key(text: str) -> tuple[str, tuple[str, ...]]:
    r"""`[ENTITY=]a,b` as (entity or "", names); `\,` and `\=` escape."""
    head, *rest = split_escaped_once(text, "=")
    entity, names = (head, rest[0]) if rest else ("", text)
    keys = tuple(name.strip() for name in split_escaped(names, ","))
    if not all(keys):
        raise ValueError(f"expected property names, as id or tenant,id, got {text!r}")
    return (split_escaped(entity, "\0")[0], keys)


def split_escaped_once(text: str, separator: str) -> list[str]:
    """Split at the first unescaped `separator`; escapes stay."""
    position = 0
    while position < len(text):
        if text[position] == "\\":
            position += 2
        elif text[position] == separator:
            return [text[:position], text[position + 1 :]]
        else:
            position += 1
    return [text]


def parse_ref_map(text: str) -> tuple[str, str]:
    """`URI-PREFIX=FILE-or-FOLDER`, split at the last `=`."""
    prefix, separator, target = text.rpartition("=")
    if not separator or not prefix or not target:
        raise ValueError(f"expected URI-PREFIX=FILE-or-FOLDER, got {text!r}")
    return prefix, target


def _mode(kind: type[EnumMode] | type[StructMode] | type[ArrayMode]) -> Parse:
    def parse(text: str) -> Any:
        path, separator, word = text.rpartition("=")
        try:
            mode = kind(word)
        except ValueError:
            known = ", ".join(member.value for member in kind)
            raise ValueError(f"expected one of {known}, or PATH=MODE, got {text!r}") from None
        return (path, mode) if separator else mode

    return parse


# ruff: noqa: E501 (the table reads as one)
OPTIONS: tuple[Option, ...] = (
    Option("entity", "schema", "entities", str, "the schema that becomes a table: a name, or a JSON pointer that starts with #", "NAME-or-POINTER", flag=True, many=True),
    Option("key", "schema", "keys", parse_key, "property names of the primary key, in order", "[ENTITY=]a,b", flag=True, many=True),
    Option("ref-map", "schema", "ref_map", parse_ref_map, "where $refs that begin with this URI lie", "URI-PREFIX=FILE-or-FOLDER", flag=True, many=True),
    Option("unresolved-ref", "schema", "unresolved_ref", _choice("error", "any"), "what a $ref that leads nowhere is", "error|any", flag=True),
    Option("names", "schema", "names", _choice("snake", "preserve"), "force table and column names to snake_case, or keep all", "snake|preserve", flag=True),
    Option("formats", "schema", "formats", _switch, "formats are asserted: a text that is no date is a reject VALIDATION", flag=True),
    Option("strict", "schema", "strict", _switch, "a diagnostic is an error", flag=True),
    Option("entities", "schema", "tables", _choice("keyed", "all"), "which components of an OpenAPI document become tables", "keyed|all"),
    Option("infer-keys", "schema", "infer_keys", _switch, "a required scalar property id is the key"),
    Option("unique", "schema", "unique", str, "a unique constraint, as order=number,year", "ENTITY=a,b", many=True),
    Option("fk", "schema", "fk", str, "a foreign key, as order.customer=customer.id", "ENTITY.a=ENTITY.b", many=True),
    Option("not-null", "schema", "not_null", str, "a column that may not be NULL", "ENTITY.a", many=True),
    Option("rename", "schema", "rename", str, "the name of the table or column at a pointer", "POINTER=NAME", many=True),
    Option("nullable", "schema", "nullable", _choice("schema", "all"), "all: only key columns are NOT NULL", "schema|all"),
    Option("namespace", "generator", "namespace", str, "the namespace (SQL schema) of the tables", "NAME", flag=True),
    Option("struct", "generator", "struct_mode", _mode(StructMode), "how nested objects are stored", "json|type", flag=True, many=True),
    Option("array", "generator", "array_mode", _mode(ArrayMode), "how lists of scalars are stored", "array|json", flag=True, many=True),
    Option("enum", "generator", "enum_mode", _mode(EnumMode), "how enumerations are stored", "check|type|inline|relation", flag=True, many=True),
    Option("check-level", "generator", "check_level", _choice("domain", "none"), "which CHECK constraints are made", "domain|none"),
    Option("timestamp", "generator", "timestamp", _choice("zoned", "naive-utc"), "the column type of a date-time", "zoned|naive-utc"),
    Option("sql-defaults", "generator", "sql_defaults", _switch, "a schema's default becomes the column's DEFAULT"),
    Option("nul", "load", "nul", _choice("reject", "strip"), "what U+0000 in a record is", "reject|strip"),
    Option("assume-timezone", "load", "assume_timezone", _zone, "the zone of date-times without offset", "ZONE"),
    Option("split-bytes", "load", "split_bytes", _count(1), "bytes of input that one transaction commits", "N"),
    Option("block-bytes", "load", "block_bytes", _count(1), "bytes of input that are decoded at once", "N"),
    Option("max-record-bytes", "load", "max_record_bytes", _count(1), "a longer record is a reject RECORD_TOO_LARGE", "N"),
    Option("max-depth", "load", "max_depth", _count(1), "a deeper record is a reject TOO_DEEP", "N"),
    Option("max-bytes", "load", "max_bytes", _count(0), "the most that a compressed file may hold (0: no limit)", "N"),
    Option("encoding", "load", "encoding", _encoding, "the encoding of the data files", "NAME"),
    Option("null-values", "load", "null_values", str, "a cell of TSV or CSV that stands for null", "TEXT", many=True),
    Option("duplicate-keys", "load", "duplicate_keys", _choice("last", "error"), "what two equal names in one JSON object are", "last|error"),
    Option("reject-values", "load", "reject_values", _choice("keep", "omit"), "whether the rejects file holds the records", "keep|omit"),
    Option("large-rows", "plan", "large_rows", _count(0), "a table of more rows is not rewritten or locked for long without --allow", "N"),
    Option("allow-empty-drops", "plan", "allow_empty_drops", _switch, "an empty table, or a column without values, may be dropped", found=False),
)  # fmt: skip
BY_NAME: dict[str, Option] = {option.name: option for option in OPTIONS}


@dataclass(frozen=True, slots=True)
class Options:
    """All options of one command."""

    schema: SchemaOptions = field(default_factory=SchemaOptions)
    generator: GeneratorOptions = field(default_factory=GeneratorOptions)
    load: LoadOptions = field(default_factory=LoadOptions)
    plan: PlanOptions = field(default_factory=PlanOptions)


def apply_option(options: Options, name: str, texts: list[str], place: str) -> Options:
    """`options` with one option set from its texts (several for an option that repeats). Raises SchemagenError USAGE."""
    option = BY_NAME.get(name)
    if option is None:
        raise SchemagenError("USAGE", place, f"there is no option {name!r}")
    if len(texts) > 1 and not option.many:
        raise SchemagenError("USAGE", place, f"option {name!r} is given more than once")
    try:
        values = [option.parse(text) for text in texts]
    except ValueError as error:
        raise SchemagenError("USAGE", place, f"option {name!r}: {error}") from error
    owner = getattr(options, option.owner)
    if option.attribute in ("enum_mode", "struct_mode", "array_mode"):
        for value in values:
            owner = replace(owner, modes=(*owner.modes, value)) if isinstance(value, tuple) else replace(owner, **{option.attribute: value})
    elif option.attribute == "keys":
        owner = replace(owner, keys={**owner.keys, **dict(values)})
    elif option.many:
        owner = replace(owner, **{option.attribute: (*getattr(owner, option.attribute), *values)})
    else:
        owner = replace(owner, **{option.attribute: values[-1]})
    options = replace(options, **{option.owner: owner})
    if name in ("formats", "max-depth"):
        options = replace(
            options,
            load=replace(options.load, formats=options.schema.formats),
            schema=replace(options.schema, max_depth=options.load.max_depth),
        )
    return options


def default_of(option: Option) -> Any:
    """The default that help and docs show."""
    owner = getattr(Options(), option.owner)
    value = getattr(owner, option.attribute)
    assert option.attribute in {item.name for item in fields(owner)}
    return value.value if isinstance(value, enum.Enum) else value
