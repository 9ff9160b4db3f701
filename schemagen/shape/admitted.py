"""Extents of schemas: reads each schema once, follows references, and combines its branches; a budget ends what would not end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from schemagen.document.node import Node
from schemagen.errors import SchemagenError
from schemagen.jsontext import JsonType
from schemagen.shape.combine import merged, narrow, widen
from schemagen.shape.extent import ANY, NEVER, Arrays, Extent, Numbers, Objects, Property, Texts, owned
from schemagen.shape.scalars import decimal_of, numbers_of
from schemagen.shape.strings import documented, texts_of, words_of
from schemagen.shape.terms import EVERYTHING, NOTHING, All, Leaf, Some, Term, key_of, leaf, leaves, size_of, some_of

# Extents that are read or combined, and fields that are made of them, 0.05 ms each. The largest of 604 public schemas needs 18,000.
BUDGET = 200_000
# References and branches inside one another, without a property or list between.
MAX_NESTING = 100

_OBJECT_WORDS = ("properties", "patternProperties", "additionalProperties", "required")


class Extents:
    """The extents of terms, each computed once."""

    def __init__(self) -> None:
        self._known: dict[Term, Extent] = {}
        self._open: dict[str, Node] = {}
        self._spent = 0

    def of(self, term: Term) -> Extent:
        """What a term admits. Raises BAD_REF, REF_CYCLE, SCHEMA_TOO_LARGE."""
        if term not in self._known:
            self._known[term] = self._read(term)
        return self._known[term]

    def target(self, node: Node) -> Node:
        """The schema that a chain of references alone leads to; the node itself where it is none. Raises BAD_REF, REF_CYCLE."""
        seen = {leaf(node)}
        while isinstance(node.schema, Mapping) and "$ref" in node.schema and not _says_more(node.schema):
            node = self.follow(node)
            if leaf(node) in seen and isinstance(node.schema, Mapping):
                raise _cycle(node)
            seen.add(leaf(node))
        return node

    def follow(self, node: Node) -> Node:
        return node.document.registry.follow(node)

    def _read(self, term: Term) -> Extent:
        first = next(leaves(term), None)
        self.spend(size_of(term), first.node if first else None)
        match term:
            case Leaf(key, node):
                return self._read_leaf(term, key, node)
            case All(terms):
                extent = ANY
                for item in terms:
                    extent = self._spend(narrow(extent, self.of(item)))
            case Some(terms):
                extent = NEVER
                for item in terms:
                    extent = self._spend(widen(extent, self.of(item)))
        return owned(extent, Leaf(key_of(term), first.node)) if first else extent

    def _read_leaf(self, term: Leaf, key: str, node: Node) -> Extent:
        if key in self._open:
            raise _cycle(node)
        if len(self._open) >= MAX_NESTING:
            raise SchemagenError("SCHEMA_TOO_LARGE", node.location, f"more than {MAX_NESTING} references and branches inside one another")
        target = self.target(node)
        if target is not node:
            return self.of(leaf(target))
        self._open[key] = node
        extent = self._combine(node, node.schema) if isinstance(node.schema, Mapping) else ANY if node.schema else NEVER
        del self._open[key]
        return owned(extent, term)

    def _combine(self, node: Node, schema: Mapping[str, JsonType]) -> Extent:
        extent = self._spend(self._stated(node, schema))
        if "$ref" in schema:
            extent = narrow(extent, self.of(leaf(self.follow(node))))
        for child in _numbered(node, schema, "allOf"):
            extent = self._spend(narrow(extent, self.of(leaf(child))))
        for keyword in ("anyOf", "oneOf"):
            if schema.get(keyword):
                extent = self._spend(narrow(extent, self._any(leaf(child) for child in _numbered(node, schema, keyword))))
        if "if" in schema and ("then" in schema or "else" in schema):
            branches = [leaf(_child(node, word)) if word in schema else EVERYTHING for word in ("then", "else")]
            extent = self._spend(narrow(extent, merged(self._any(branches))))
        for name in _names(schema, "dependentSchemas"):
            branch = leaf(_child(node, "dependentSchemas", name))
            extent = self._spend(narrow(extent, merged(self._any((branch, EVERYTHING)))))
        return extent

    def _any(self, terms: Iterable[Term]) -> Extent:
        extent = NEVER
        for term in terms:
            extent = self._spend(widen(extent, self.of(term)))
        return extent

    def _stated(self, node: Node, schema: Mapping[str, JsonType]) -> Extent:
        """What the keywords of the schema itself admit, its branches and reference aside."""
        extent = _own(schema)
        if extent.texts is not None:
            extent = replace(extent, texts=texts_of(node, schema))
        if extent.arrays is not None and ("items" in schema or "prefixItems" in schema):
            extent = replace(extent, arrays=Arrays(_items(node, schema)))
        if extent.objects and any(word in schema for word in _OBJECT_WORDS):
            extent = replace(extent, objects=(_objects(node, schema),))
        listed = schema.get("enum")
        if isinstance(listed, list):
            extent = narrow(extent, values_extent(listed, schema))
        if "const" in schema:
            constant = values_extent([schema["const"]], schema)
            if constant.texts is not None:
                constant = replace(constant, texts=documented(replace(constant.texts, const=True), schema))
            extent = narrow(extent, constant)
        return extent

    def spend(self, count: int, node: Node | None = None) -> None:
        """Counts work done. Raises SCHEMA_TOO_LARGE where it is more than any schema should need."""
        self._spent += count
        if self._spent > BUDGET:
            node = next(iter(self._open.values()), node)
            sentence = f"its combinations make more than {BUDGET:,} parts; --entity with a smaller part of it may do"
            raise SchemagenError("SCHEMA_TOO_LARGE", node.location if node else "", sentence)

    def _spend(self, extent: Extent) -> Extent:
        self.spend(1 + sum(len(item.properties) for item in extent.objects) // 8)
        return extent


def _cycle(node: Node) -> SchemagenError:
    return SchemagenError("REF_CYCLE", node.location, "refers to itself without a property or a list between, so that it says nothing")


def _own(schema: Mapping[str, JsonType]) -> Extent:
    """What `type` and the numeric keywords admit; for all else, whether it is there at all."""
    stated = schema.get("type")
    types = frozenset((stated,) if isinstance(stated, str) else stated) if isinstance(stated, str | list) else None
    if types is None and not any(word in schema for word in _NARROWING):
        return ANY
    has_numbers = types is None or "number" in types or "integer" in types
    return Extent(
        null=types is None or "null" in types,
        booleans=frozenset((False, True)) if types is None or "boolean" in types else frozenset(),
        numbers=numbers_of(schema, types is not None and "number" not in types) if has_numbers else None,
        texts=Texts() if types is None or "string" in types else None,
        arrays=Arrays() if types is None or "array" in types else None,
        objects=(Objects(),) if types is None or "object" in types else (),
    )


_NARROWING = frozenset({"multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
_SAYING = frozenset({*_OBJECT_WORDS, *_NARROWING, "enum", "const", "items", "prefixItems", "format", "maxLength", "type"})


def _says_more(schema: Mapping[str, JsonType]) -> bool:
    return any(word in schema for word in ("allOf", "anyOf", "oneOf", "if", "dependentSchemas", *_SAYING))


def _child(node: Node, *tokens: str) -> Node:
    return node.document.registry.child(node, *tokens)


def _numbered(node: Node, schema: Mapping[str, JsonType], keyword: str) -> Iterable[Node]:
    listed = schema.get(keyword)
    return [_child(node, keyword, str(place)) for place in range(len(listed))] if isinstance(listed, list) else []


def _names(schema: Mapping[str, JsonType], keyword: str) -> list[str]:
    table = schema.get(keyword)
    return list(table) if isinstance(table, Mapping) else []


def _held(node: Node, schema: Mapping[str, JsonType], keyword: str) -> Term:
    """The term of a keyword that holds one schema; everything where it is not there."""
    match schema.get(keyword, True):
        case bool() as verdict:
            return EVERYTHING if verdict else NOTHING
        case _:
            return leaf(_child(node, keyword))


def _items(node: Node, schema: Mapping[str, JsonType]) -> Term:
    """What any item holds, wherever it stands."""
    first = [leaf(child) for child in _numbered(node, schema, "prefixItems")]
    most = decimal_of(schema.get("maxItems"))
    if first and most is not None and most <= len(first):
        return some_of(*first)
    return some_of(*first, _held(node, schema, "items"))


def _objects(node: Node, schema: Mapping[str, JsonType]) -> Objects:
    required = schema.get("required")
    patterns = dict.fromkeys(leaf(_child(node, "patternProperties", name)) for name in _names(schema, "patternProperties"))
    return Objects(
        properties=tuple((name, Property(leaf(_child(node, "properties", name)))) for name in _names(schema, "properties")),
        required=frozenset(name for name in required if isinstance(name, str)) if isinstance(required, list) else frozenset(),
        rest=_held(node, schema, "additionalProperties"),
        patterns=tuple(term for term in patterns if term != NOTHING),
    )


def admits(node: Node) -> frozenset[str]:
    """The JSON types that the schema may admit, through references and branches; never fewer than it does.

    Of "object", "array", "string", "number", "integer", "boolean", "null"; with "number" also "integer".
    """
    return Extents().of(leaf(node)).types


def values_extent(values: Iterable[JsonType], schema: Mapping[str, JsonType]) -> Extent:
    """What a list of values admits; lists and objects by their type alone."""
    values = list(values)
    numbers = tuple(dict.fromkeys(number for value in values if (number := decimal_of(value)) is not None))
    texts = tuple(dict.fromkeys(value for value in values if isinstance(value, str)))
    return Extent(
        null=any(value is None for value in values),
        booleans=frozenset(value for value in values if isinstance(value, bool)),
        numbers=Numbers(values=numbers) if numbers else None,
        texts=Texts(words=words_of(texts, schema), open=False) if texts else None,
        arrays=Arrays() if any(isinstance(value, list) for value in values) else None,
        objects=(Objects(),) if any(isinstance(value, Mapping) for value in values) else (),
    )
