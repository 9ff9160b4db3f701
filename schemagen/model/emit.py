"""A module of dataclasses as `.py` source that a person could have written, and that gives an equal module when it is imported."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from types import ModuleType

from schemagen.errors import printable
from schemagen.model import docs
from schemagen.model.check_source import check_source
from schemagen.model.fields import FieldValue, MemberOf, field_value
from schemagen.model.lines import INDENT, WIDTH, Group, Labelled, Piece, Word, assignment, flat, tuple_of
from schemagen.model.reflect import reflect
from schemagen.model.spell import SOURCES, Speller, escaped
from schemagen.names import EXTRA_FIELD
from schemagen.shape.facts import EntityFacts, FieldFacts, ForeignKeyFacts, Missing
from schemagen.shape.types import ClassShape, EnumShape, Field, Model

METADATA_KEY = "schemagen"


def emit_source(module: ModuleType) -> str:
    """The source of a schema-made module: formatted, checked, the same bytes for an equal module."""
    return model_source(reflect(module))


def model_source(model: Model) -> str:
    """The source of the module that `make_module` makes of `model`."""
    speller = Speller(_taken(model))
    blocks = [_enum(item, speller) for item in model.enums]
    blocks += [_class(model, item, speller) for item in model.classes]
    constants = [
        assignment(name, None, speller.text(value))
        for name, value in (("__schemagen_source__", model.source), ("__schemagen_digest__", model.digest))
    ]
    if model.name != stem(model.source):
        constants.append(assignment("__schemagen_name__", None, speller.text(model.name)))
    head = [f"# made by schemagen from {printable(model.source) or model.name}; do not edit", *_imports(speller), "", *constants]
    text = "\n".join(head) + "\n" + "".join(f"\n\n{block}\n" for block in blocks)
    check_source(text, speller.strings | {METADATA_KEY}, _class_names(model))
    return text


def stem(source: str) -> str:
    """A file's name without its last suffix."""
    head, dot, _ = source.rpartition(".")
    return head if dot and head else source


def _taken(model: Model) -> frozenset[str]:
    return _class_names(model) | {item.name for owner in model.classes for item in owner.fields}


def _class_names(model: Model) -> frozenset[str]:
    return frozenset([*(item.name for item in model.classes), *(item.name for item in model.enums)])


def _imports(speller: Speller) -> list[str]:
    ours = ("schemagen",)
    groups = [["from __future__ import annotations"]]
    for modules in ([name for name in SOURCES if name not in ours], ours):
        lines = [f"import {module} as {speller.aliases[module]}" for module in modules if module in speller.aliases]
        lines += [_import_from(module, speller.plain[module]) for module in modules if module in speller.plain]
        if lines:
            groups.append(lines)
    return "\n\n".join("\n".join(lines) for lines in groups).split("\n")


def _import_from(module: str, names: set[str]) -> str:
    ordered = sorted(names, key=lambda name: (not name.isupper(), not name[0].isupper(), name))
    line = f"from {module} import {', '.join(ordered)}"
    if len(line) <= WIDTH:
        return line
    return f"from {module} import (\n" + "".join(f"{INDENT}{name},\n" for name in ordered) + ")"


def _enum(shape: EnumShape, speller: Speller) -> str:
    notes = {member.name: member.doc for member in shape.members}
    lines = _docstring(docs.compose(shape.doc, notes, "cvar"), speller)
    lines += [assignment(member.name, None, speller.literal(member.value), INDENT) for member in shape.members]
    return "\n".join([f"class {shape.name}({speller.name('Enum')}):", *lines])


def _class(model: Model, shape: ClassShape, speller: Speller) -> str:
    lines = _docstring(docs.compose(shape.doc, {item.name: item.doc for item in shape.fields}), speller)
    if shape.entity is not None:
        annotation = Group(f"{speller.name('ClassVar')}[", (speller.word("EntityFacts"),), "]")
        lines += [assignment("__schemagen__", annotation, _entity_facts(shape.entity, speller), INDENT), ""]
    lines += [_field(model, shape, item, speller) for item in shape.fields]
    if shape.open:
        extra = Group(f"{speller.name('dict')}[", (speller.word("str"), speller.word("Any")), "]")
        lines.append(f"{INDENT}{EXTRA_FIELD}: {flat(extra)} | None = None")
    while lines and not lines[-1]:
        del lines[-1]
    decorator = f"@{speller.name('dataclass')}(kw_only=True)"
    return "\n".join([decorator, f"class {shape.name}:", *(lines or [f"{INDENT}pass"])])


def _field(model: Model, owner: ClassShape, item: Field, speller: Speller) -> str:
    in_key = owner.entity is not None and item.name in owner.entity.key
    annotation = speller.annotation(item, in_key)
    return assignment(item.name, annotation, _value(field_value(model, owner, item), speller), INDENT)


def _value(value: FieldValue, speller: Speller) -> Piece | None:
    default: Piece | None = None
    if value.factory is not None:
        default = speller.word(value.factory.__name__)
    elif isinstance(value.default, MemberOf):
        default = Word(f"{value.default.enum}.{value.default.member}")
    elif not isinstance(value.default, Missing):
        default = speller.literal(value.default)
    if value.facts is None and value.factory is None:
        return default
    items: list[Piece] = []
    if default is not None:
        items.append(Labelled("default_factory=" if value.factory else "default=", default))
    if value.facts is not None:
        items.append(Labelled("metadata=", Group("{", (Labelled(f'"{METADATA_KEY}": ', _facts(value.facts, speller)),), "}")))
    return speller.call("field", *items)


def _facts(facts: FieldFacts, speller: Speller) -> Piece:
    said = [(name, getattr(facts, name)) for name in FieldFacts.__dataclass_fields__]
    empty = FieldFacts()
    kept = [Labelled(f"{name}=", speller.literal(value)) for name, value in said if value != getattr(empty, name)]
    return speller.call("FieldFacts", *kept)


def _entity_facts(facts: EntityFacts, speller: Speller) -> Piece:
    items: list[Piece] = [Labelled("table=", speller.literal(facts.table))]
    if facts.key:
        items.append(Labelled("key=", speller.literal(facts.key)))
    items.append(Labelled("pointer=", speller.literal(facts.pointer)))
    if facts.unique:
        items.append(Labelled("unique=", speller.literal(facts.unique)))
    if facts.foreign_keys:
        keys = tuple_of(tuple(_foreign_key(item, speller) for item in facts.foreign_keys))
        items.append(Labelled("foreign_keys=", keys))
    if facts.origin is not None:
        items.append(Labelled("origin=", speller.literal(facts.origin)))
    if facts.admits_other:
        items.append(Labelled("admits_other=", speller.literal(True)))
    return speller.call("EntityFacts", *items)


def _foreign_key(facts: ForeignKeyFacts, speller: Speller) -> Piece:
    items = [speller.literal(facts.fields), speller.literal(facts.entity)]
    return speller.call("ForeignKeyFacts", *items, *([speller.literal(facts.target)] if facts.target else []))


def _docstring(text: str | None, speller: Speller) -> list[str]:
    """The lines of a docstring in a class body."""
    if text is None:
        return []
    first, *rest = text.split("\n")
    lines = [_docline(first, not rest), *(_docline(line) for line in rest)]
    lines = [f'"""{lines[0]}', *lines[1:], '"""'] if rest else [f'"""{lines[0]}"""']
    inside = [INDENT + line if line else "" for line in lines]
    speller.strings.add(_as_read(inside))
    return [*inside, ""]


def _docline(line: str, alone: bool = False) -> str:
    """A line between triple quotes: three quotes are escaped, and one that would touch those around the text."""
    quotes = {place for run in re.finditer('"{3,}', line) for place in range(*run.span())} | {0, *([len(line) - 1] if alone else [])}
    return "".join('\\"' if c == '"' and place in quotes else escaped(c) for place, c in enumerate(line))


def _as_read(lines: Sequence[str]) -> str:
    """The docstring as the parser will give it back."""
    return str(ast.literal_eval("\n".join(lines).strip()))
