"""Names of classes and enumerations: by definition, title or place in the document, the same in whatever order properties stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from schemagen.document.node import Document, Node
from schemagen.jsontext import tokens
from schemagen.names import class_name, is_name_like, short_hash
from schemagen.shape.terms import Leaf, node_key

_BY_NAME = frozenset({"properties", "patternProperties", "dependentSchemas", "dependencies"})
_BY_NUMBER = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_SILENT = frozenset({"items", "additionalItems", "additionalProperties", "then", "else", "if", "not", "contains", "unevaluatedProperties"})


def stem(document: Document) -> str:
    """The file's name without folders and ending."""
    return PurePath(document.source).stem or "schema"


def definition_name(node: Node) -> str | None:
    """The name under which a definition or component stands; None elsewhere."""
    match tokens(node.pointer):
        case [*_, "definitions" | "$defs", name] | ["components", "schemas", name]:
            return name
    return None


def last_property(node: Node) -> str | None:
    """The name of the innermost property that a schema stands in."""
    found = None
    steps = iter(tokens(node.pointer))
    for token in steps:
        if token in _BY_NAME or token in _BY_NUMBER or token in ("definitions", "$defs"):
            name = next(steps, None)
            found = name if token == "properties" else found
    return found


def title_of(node: Node) -> str | None:
    """A title that can serve as a name."""
    title = node.schema.get("title") if isinstance(node.schema, Mapping) else None
    return title if isinstance(title, str) and is_name_like(title) else None


@dataclass(slots=True)
class _Word:
    """A step from the nearest definition or root to a schema: a name, and the numbers of the branches behind it."""

    text: str
    numbers: str = ""

    @property
    def numbered(self) -> str:
        return class_name(self.text) + self.numbers


def _words(node: Node, root: str) -> list[_Word]:
    words = [_Word(root)]
    steps = iter(tokens(node.pointer))
    for token in steps:
        if token in ("definitions", "$defs") or (token == "schemas" and words[-1].text == "components"):
            words = [_Word(next(steps, ""))]
        elif token in _BY_NAME:
            words.append(_Word(next(steps, "")))
        elif token in _BY_NUMBER:
            number = next(steps, "")
            words[-1].numbers += ("_" if words[-1].numbers else "") + (str(int(number) + 1) if number.isdecimal() else number)
        elif token not in _SILENT:
            words.append(_Word(token))
    return [word for word in words if any(map(str.isalnum, word.text))] or [_Word(root)]


def _candidates(owner: Leaf, root: str, place: str | None) -> Iterator[str]:
    """Names for the class of a schema, the best first; the last is nobody else's. `place` is the name for a combination of schemas."""
    node = owner.node
    if place is not None:
        yield place
    for name in (definition_name(node), title_of(node)):
        if name is not None and place is None:
            yield class_name(name)
    words = _words(node, root)
    parts = [class_name(word.text) for word in words]
    for count in range(min(2, len(parts)), len(parts) + 1):
        yield "".join(parts[-count:])
    for count in range(min(2, len(parts)), len(parts) + 1):
        yield "".join(word.numbered for word in words[-count:])
    yield f"{''.join(parts[-2:])}_{short_hash(f'{node.pointer} {_relative(owner)}')}"
    yield f"{parts[-1]}_{short_hash(f'{node.document.uri} {owner.key}')}"


def _relative(owner: Leaf) -> str:
    """The owner's key without folders, so that a name does not depend on where the files lie."""
    return re.sub(r"\b\w+:[^#\s]*/", "", owner.key)


def assign_names(owners: Iterable[Leaf], given: Mapping[str, str], places: Mapping[str, tuple[Leaf, str]]) -> dict[str, str]:
    """A class name for each owner's key. `given` names stand; the others take the first of their candidates that is free.

    `places` are the class and the property of combinations, which stand nowhere themselves.
    """
    taken = set(given.values())
    names = dict(given)
    for owner in sorted((item for item in owners if item.key not in given), key=_rank):
        place = _place_name(places[owner.key], given) if owner.key in places else None
        name = next(name for name in _candidates(owner, _root_name(owner.node.document, given), place) if name not in taken)
        taken.add(name)
        names[owner.key] = name
    return names


def _root_name(document: Document, given: Mapping[str, str]) -> str:
    """What inline classes of a document are named after: the class of its root, else its title or file."""
    return given.get(node_key(document.root)) or title_of(document.root) or stem(document)


def _place_name(place: tuple[Leaf, str], given: Mapping[str, str]) -> str:
    """ParentField, the parent as it is called or would be."""
    owner, name = place
    parent = given.get(owner.key) or next(_candidates(owner, _root_name(owner.node.document, given), None))
    return parent + class_name(name)


def _rank(owner: Leaf) -> tuple[int, str, str, str]:
    """Definitions first, then titles, then inline ones, by place."""
    node = owner.node
    kind = 0 if definition_name(node) is not None else 1 if title_of(node) is not None else 2
    return (kind, node.pointer, node.document.source, owner.key)
