"""Dataclasses, made by schemagen or by hand, as a Model."""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import importlib.util
import inspect
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, get_type_hints

from strong_typing.auxiliary import Alias

from schemagen.errors import SchemagenError
from schemagen.model import docs
from schemagen.model.annotations import ForeignKey, IdentityTag, PrimaryKeyTag, UniqueTag
from schemagen.model.fields import MISSING, implied_not_null, implied_nullable, json_default
from schemagen.model.hints import Hint, UnsupportedHint, read_hint
from schemagen.names import EXTRA_FIELD, column_name, identifier
from schemagen.shape.facts import EntityFacts, FieldFacts, ForeignKeyFacts, Missing
from schemagen.shape.types import ClassShape, EnumMember, EnumShape, Field, Model

# All that the strings of a schema-made module may name besides its own classes and imports.
_TYPES = {item.__name__: item for item in (bool, bytes, dict, float, int, list, str)}


def reflect(module: ModuleType) -> Model:
    """The model of a module: its own dataclasses and enums, and those of other modules that they refer to.

    Raises SchemagenError UNSUPPORTED naming the field, NAME_CLASH.
    """
    own = [item for item in _unique(vars(module).values()) if isinstance(item, type) and item.__module__ == module.__name__]
    source = str(getattr(module, "__schemagen_source__", ""))
    name = getattr(module, "__schemagen_name__", None) or (Path(source).stem if source else module.__name__.rpartition(".")[2])
    digest = str(getattr(module, "__schemagen_digest__", ""))
    return _model([item for item in own if _is_storable(item)], str(name), source, digest)


def reflect_classes(classes: Sequence[type]) -> Model:
    """The model of some dataclasses and everything that they refer to. Raises SchemagenError as `reflect` does."""
    for item in classes:
        if not _is_storable(item):
            raise SchemagenError("UNSUPPORTED", getattr(item, "__name__", str(item)), "is no dataclass")
    return _model(classes, classes[0].__module__.rpartition(".")[2] if classes else "", "", "")


def reflect_class(cls: type) -> ClassShape:
    """One dataclass. Raises SchemagenError UNSUPPORTED."""
    return _class(cls, [])


def entity_class(module: ModuleType, name: str) -> type:
    """The entity of that class name, table or pointer. Raises SchemagenError UNKNOWN_ENTITY."""
    entities = reflect(module).entities
    for item in entities:
        if item.entity is not None and name in (item.name, item.entity.table, item.entity.pointer):
            found = getattr(module, item.name)
            assert isinstance(found, type)
            return found
    known = ", ".join(item.name for item in entities) or "none"
    raise SchemagenError("UNKNOWN_ENTITY", module.__name__, f"has no entity {name!r}; it has: {known}")


def module_from_file(path: str) -> ModuleType:
    """A `.py` file, imported; the same bytes at the same place give the same module.

    Raises SchemagenError NO_FILE, or BAD_DOCUMENT where it cannot be imported. The file's code runs: it is the user's own.
    """
    file = Path(path)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise SchemagenError("NO_FILE", path, f"cannot be read: {(error.strerror or str(error)).lower()}") from error
    digest = hashlib.sha256(str(file.resolve()).encode("utf-8", "surrogateescape") + b"\0" + content).hexdigest()
    name = f"schemagen.models.{identifier(file.stem)}_{digest[:16]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise SchemagenError("BAD_DOCUMENT", path, "is no Python file")
    module = importlib.util.module_from_spec(spec)
    # Registered before it runs: dataclasses look their module up by name.
    sys.modules[name] = module
    try:
        exec(compile(content, str(file), "exec", dont_inherit=True), vars(module))  # noqa: S102 (importing is what was asked for)
    except Exception as error:
        # Whatever the file raises.
        del sys.modules[name]
        raise SchemagenError("BAD_DOCUMENT", path, f"cannot be imported: {type(error).__name__}: {error}") from error
    return module


def _unique(items: Iterable[Any]) -> list[Any]:
    return list({id(item): item for item in items}.values())


def _is_storable(item: Any) -> bool:
    return isinstance(item, type) and (dataclasses.is_dataclass(item) or (issubclass(item, enum.Enum) and len(item) > 0))


def _model(roots: Sequence[type], name: str, source: str, digest: str) -> Model:
    """The classes of `roots` in their order, entities first; then what they refer to, in first use."""
    queue = list(roots)
    known: dict[str, type] = {item.__name__: item for item in roots}
    classes: list[ClassShape] = []
    enums: list[EnumShape] = []
    for item in queue:
        if known[item.__name__] is not item:
            raise SchemagenError("NAME_CLASH", item.__name__, f"is a class of {item.__module__} and of {known[item.__name__].__module__}")
        if issubclass(item, enum.Enum):
            enums.append(_enum(item))
            continue
        found: list[type] = []
        classes.append(_class(item, found))
        for other in found:
            if known.setdefault(other.__name__, other) is not other:
                raise SchemagenError(
                    "NAME_CLASH", other.__name__, f"is a class of {other.__module__} and of {known[other.__name__].__module__}"
                )
            if other not in queue:
                queue.append(other)
    entities = [item for item in classes if item.entity is not None]
    return Model(name, (*entities, *(item for item in classes if item.entity is None)), tuple(enums), source, digest)


def _enum(cls: type[enum.Enum]) -> EnumShape:
    docstring = vars(cls).get("__doc__")
    doc, notes = docs.split(docstring if docstring != enum.Enum.__doc__ else None)
    members = tuple(EnumMember(item.name, item.value, notes.get(item.name)) for item in cls)
    kinds = {type(item.value) for item in members}
    if kinds not in ({str}, {int}) or issubclass(cls, enum.Flag):
        raise SchemagenError("UNSUPPORTED", _place(cls), "an enum needs values that are all str or all int")
    return EnumShape(cls.__name__, members, doc)


def _place(cls: type) -> str:
    """A class as errors name it: by its file where it has one, else by its module."""
    path = getattr(sys.modules.get(cls.__module__), "__file__", None)
    return f"{Path(path).name}: {cls.__qualname__}" if path else f"{cls.__module__}.{cls.__qualname__}"


def _class(cls: type, refers: list[type]) -> ClassShape:
    """The shape of a dataclass; `refers` is given the classes that it refers to."""
    facts = vars(cls).get("__schemagen__")
    facts = facts if isinstance(facts, EntityFacts) else None
    made = facts is not None or hasattr(sys.modules.get(cls.__module__), "__schemagen_digest__")
    items = dataclasses.fields(cls)
    is_open = made and any(item.name == EXTRA_FIELD for item in items)
    spaces = {base: _namespace(base, made) for base in cls.__mro__ if inspect.get_annotations(base)}
    hints = {item.name: _hint(cls, item, spaces, refers) for item in items if not (is_open and item.name == EXTRA_FIELD)}
    refers += _named_by_keys(cls, facts, hints.values())
    key = tuple(name for name, hint in hints.items() if hint.tag(PrimaryKeyTag) is not None)
    entity = facts or (EntityFacts(cls.__name__, key) if key else None)
    doc, notes = docs.split(_docstring(cls))
    shape = ClassShape(cls.__name__, (), entity, is_open, made, doc, entity.pointer if facts and entity else "")
    read = _made_field if made else _own_field
    fields = tuple(read(shape, item, hints[item.name], notes.get(item.name)) for item in items if item.name in hints)
    return dataclasses.replace(shape, fields=fields)


def _named_by_keys(cls: type, facts: EntityFacts | None, hints: Iterable[Hint]) -> list[type]:
    """The classes of the same module that foreign keys name."""
    names = [item.entity for item in facts.foreign_keys] if facts is not None else []
    names += [tag.entity for hint in hints if (tag := hint.tag(ForeignKey)) is not None]
    found = [vars(sys.modules[cls.__module__]).get(name) for name in names]
    return [item for item in found if isinstance(item, type) and dataclasses.is_dataclass(item)]


def _docstring(cls: type) -> str | None:
    """The docstring, but not the signature that `dataclass` puts where there is none."""
    text = vars(cls).get("__doc__")
    if not text or (text.startswith(f"{cls.__name__}(") and text == cls.__name__ + str(inspect.signature(cls)).replace(" -> None", "")):
        return None
    return str(text)


def _namespace(base: type, made: bool) -> dict[str, Any]:
    """What the annotations of a class may name: its module's names, and of the built-in ones only types where schemagen made it."""
    names = dict(vars(sys.modules[base.__module__]))
    return {**names, "__builtins__": _TYPES} if made else names


def _hint(cls: type, item: dataclasses.Field[Any], spaces: Mapping[type, dict[str, Any]], refers: list[type]) -> Hint:
    """What the annotation of a field says. Raises SchemagenError UNSUPPORTED."""
    namespace = next(space for base, space in spaces.items() if item.name in inspect.get_annotations(base))
    place = f"{_place(cls)}.{item.name}"
    holder = SimpleNamespace(__annotations__={item.name: item.type})
    try:
        # Only the module's names count: a field `str` with a default would hide the type in the class's own.
        resolved = get_type_hints(holder, namespace, {cls.__name__: cls}, include_extras=True)[item.name]
    except (NameError, TypeError, AttributeError, SyntaxError, ValueError) as error:
        raise SchemagenError("UNSUPPORTED", place, f"the annotation {item.type!r} cannot be resolved: {error}") from error
    try:
        return read_hint(resolved, refers.append)
    except UnsupportedHint as error:
        raise SchemagenError("UNSUPPORTED", place, str(error)) from error


def _default(item: dataclasses.Field[Any]) -> Any:
    """The default that a field has: an enum's member as its value, a list or dict factory as its empty value; else MISSING."""
    if item.default is not dataclasses.MISSING:
        return item.default.value if isinstance(item.default, enum.Enum) else item.default
    if item.default_factory in (list, dict):
        return [] if item.default_factory is list else {}
    return MISSING


def _foreign_key(name: str, hint: Hint) -> ForeignKeyFacts | None:
    tag = hint.tag(ForeignKey)
    return None if tag is None else ForeignKeyFacts((name,), tag.entity, (tag.field,) if tag.field else ())


def _made_field(owner: ClassShape, item: dataclasses.Field[Any], hint: Hint, doc: str | None) -> Field:
    facts: FieldFacts = item.metadata.get("schemagen") or FieldFacts()
    alias = hint.tag(Alias)
    json_name = item.name if alias is None else alias.name
    held = _default(item)
    absent = isinstance(held, Missing) and item.default_factory is dataclasses.MISSING
    required = absent or (held is not None and not hint.nullable)
    nullable = implied_nullable(hint.shape, required, hint.nullable) if facts.nullable is None else facts.nullable
    not_null = implied_not_null(owner, item.name, required, nullable) if facts.not_null is None else facts.not_null
    return Field(
        name=item.name,
        json_name=json_name,
        column=facts.column if facts.column is not None else column_name(json_name),
        shape=hint.shape,
        required=required,
        nullable=nullable,
        not_null=not_null,
        identity=hint.tag(IdentityTag) is not None,
        unique=hint.tag(UniqueTag) is not None,
        foreign_key=_foreign_key(item.name, hint),
        default=facts.default if not isinstance(facts.default, Missing) else json_default(held, hint.shape),
        doc=doc,
        deprecated=facts.deprecated,
        read_only=facts.read_only,
        write_only=facts.write_only,
    )


def _own_field(owner: ClassShape, item: dataclasses.Field[Any], hint: Hint, doc: str | None) -> Field:
    """A field that a person wrote: the column has its name, and admits NULL where the annotation admits None."""
    facts: FieldFacts = item.metadata.get("schemagen") or FieldFacts()
    alias = hint.tag(Alias)
    in_key = owner.entity is not None and item.name in owner.entity.key
    # A factory makes a value per object; no column can have it as its DEFAULT.
    default = MISSING if item.default is dataclasses.MISSING else _default(item)
    return Field(
        name=item.name,
        json_name=item.name if alias is None else alias.name,
        column=facts.column or item.name,
        shape=hint.shape,
        required=item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING,
        nullable=hint.nullable,
        not_null=in_key or not hint.nullable if facts.not_null is None else facts.not_null,
        identity=hint.tag(IdentityTag) is not None,
        unique=hint.tag(UniqueTag) is not None,
        foreign_key=_foreign_key(item.name, hint),
        default=MISSING if default is None else default,
        doc=doc,
        deprecated=facts.deprecated,
        read_only=facts.read_only,
        write_only=facts.write_only,
        given=_default(item),
    )
