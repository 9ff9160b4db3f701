"""One document for programs that know no registry: canonical 2020-12, everything it refers to in its own `$defs`, known keywords only."""

from __future__ import annotations

from collections.abc import Mapping

from schemagen.document.drafts import CONSTRAINTS, DATA, LISTS, NAMED, SCHEMA_2020, SINGLE, openapi_draft, roots
from schemagen.document.node import Document, Node
from schemagen.document.text import plain
from schemagen.jsontext import JsonType, as_object, pointer_of, tokens
from schemagen.names import class_name, unique_names

_KEPT = (CONSTRAINTS | DATA | {
    "title", "description", "deprecated", "readOnly", "writeOnly", "contentEncoding", "contentMediaType",
}) - {"example"}  # fmt: skip


def bundle(document: Document) -> dict[str, JsonType]:
    """The schemas of a document, self-contained: vendor keywords are gone, definitions have names that are identifiers. Raises BAD_REF."""
    return _Bundler(document).value()


class _Bundler:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.registry = document.registry
        # Definitions in order of first use; each name is asked for by its place.
        self.places: dict[tuple[str, str], Node] = {}

    def value(self) -> dict[str, JsonType]:
        root: JsonType = {}
        if openapi_draft(self.document.value) is None:
            node = self.document.root
            root = self.schema(node)
            self._want_definitions(node)
        else:
            draft = self.registry.scopes(self.document).draft
            for path, _ in roots(self.document.value, draft):
                self._want(self.registry.node(self.document, pointer_of(*path)))
        made: dict[tuple[str, str], JsonType] = {}
        while len(made) < len(self.places):
            for key, node in list(self.places.items()):
                if key not in made:
                    made[key] = self.schema(node)
        names = self._names()
        value = as_object(_renamed(root if isinstance(root, dict) else {"not": {}} if root is False else {}, names))
        definitions = {names[_reference(key)]: _renamed(schema, names) for key, schema in made.items()}
        return {"$schema": SCHEMA_2020, **value, **({"$defs": definitions} if definitions else {})}

    def _want_definitions(self, node: Node) -> None:
        held = node.schema.get("$defs") if isinstance(node.schema, Mapping) else None
        for name, item in held.items() if isinstance(held, Mapping) else ():
            if isinstance(item, dict | bool):
                self._want(self.registry.child(node, "$defs", name))

    def _want(self, node: Node) -> str:
        key = (node.document.uri, node.pointer)
        self.places.setdefault(key, node)
        return _reference(key)

    def schema(self, node: Node) -> JsonType:
        """A schema in canonical form, all that it holds included; a reference names the place it leads to."""
        if not isinstance(node.schema, Mapping):
            return node.schema
        found: dict[str, JsonType] = {}
        for keyword, held in node.schema.items():
            if keyword == "$ref" and isinstance(held, str):
                self._refer(node, found)
            elif keyword not in _KEPT:
                continue
            elif keyword in NAMED and isinstance(held, dict):
                found[keyword] = {name: self._child(node, item, keyword, name) for name, item in held.items()}
            elif keyword in LISTS and isinstance(held, list):
                found[keyword] = [self._child(node, item, keyword, str(index)) for index, item in enumerate(held)]
            elif keyword in SINGLE and isinstance(held, dict):
                found[keyword] = self._child(node, held, keyword)
            else:
                found[keyword] = plain(held)
        return found

    def _child(self, node: Node, item: JsonType, *path: str) -> JsonType:
        return self.schema(self.registry.child(node, *path)) if isinstance(item, dict) else item

    def _refer(self, node: Node, found: dict[str, JsonType]) -> None:
        target = self.registry.follow(node)
        if target.schema is True:
            return
        is_root = target.document is self.document and target.pointer == "" and openapi_draft(self.document.value) is None
        found["$ref"] = "#" if is_root else self._want(target)

    def _names(self) -> dict[str, str]:
        """Each place's name: the last word of its pointer that says something, or its document's."""
        originals = {_reference(key): _word(node) for key, node in self.places.items()}
        by_word: dict[str, list[str]] = {}
        for reference, word in sorted(originals.items()):
            by_word.setdefault(class_name(word), []).append(reference)
        ordered = {f"{name}\0{index}": item for name, found in by_word.items() for index, item in enumerate(found)}
        names = unique_names(ordered, lambda original: original.partition("\0")[0])
        return {item: names[original] for original, item in ordered.items()}


def _reference(key: tuple[str, str]) -> str:
    return "\0".join(key)


def _word(node: Node) -> str:
    words = [token for token in tokens(node.pointer) if token not in NAMED | LISTS | SINGLE and not token.isdigit()]
    return words[-1] if words else node.document.source.rpartition("/")[2].partition(".")[0]


def _renamed(value: JsonType, names: Mapping[str, str]) -> JsonType:
    """The value with places in references as names; data is left alone."""
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    found: dict[str, JsonType] = {}
    for keyword, held in value.items():
        if keyword == "$ref" and isinstance(held, str):
            found[keyword] = held if held == "#" else f"#/$defs/{names[held]}"
        elif keyword in NAMED and isinstance(held, dict):
            found[keyword] = {name: _renamed(item, names) for name, item in held.items()}
        else:
            found[keyword] = held if keyword in DATA else _renamed(held, names)
    return found
