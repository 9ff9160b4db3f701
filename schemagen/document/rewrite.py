"""Documents for judges that resolve nothing by themselves: every reference absolute, every resource in the list."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from schemagen.document.drafts import DATA, NAMED, Draft, children, is_known, named_draft
from schemagen.document.node import Document
from schemagen.document.registry import Registry, Target
from schemagen.document.text import plain
from schemagen.document.uris import MEMORY, encoded, encoded_pointer
from schemagen.errors import SchemagenError
from schemagen.jsontext import JsonType, pointer_of

# Stands for what a reference that leads nowhere admits: any value.
ANY_URI = f"{MEMORY}any"

_DYNAMIC = ("$dynamicRef", "$recursiveRef")

# The reference at a pointer, as it is written -> as it is handed out.
Rewrite = Callable[[str, str], str]


def reach(registry: Registry, starts: Iterable[Target]) -> dict[str, set[str]]:
    """The pointers of all schemas that judging from `starts` can come to, by document URI. Raises BAD_REF."""
    places: dict[str, set[str]] = {}
    queue = [(start, registry.value_at(start.document, start.pointer)) for start in starts]
    while queue:
        target, schema = queue.pop()
        seen = places.setdefault(target.document.uri, set())
        if target.pointer in seen:
            continue
        seen.add(target.pointer)
        if isinstance(schema, dict):
            for next_target in _next(registry, target, schema):
                queue.append((next_target, registry.value_at(next_target.document, next_target.pointer)))
    return places


def _next(registry: Registry, target: Target, schema: dict[str, JsonType]) -> Iterable[Target]:
    draft = registry.draft_of(target)
    alone = draft.refs_stand_alone and isinstance(schema.get("$ref"), str)
    for keyword in ("$ref", *_DYNAMIC):
        held = schema.get(keyword)
        if isinstance(held, str) and is_known(keyword, draft):
            found = registry.resolve(target.document, target.pointer, held)
            if found is not None:
                yield found
    for tokens, child in () if alone else children(schema):
        # Definitions are reached by reference; but a dynamic one may be met without.
        if tokens[0] not in ("$defs", "definitions") or (isinstance(child, dict) and "$dynamicAnchor" in child):
            yield Target(target.document, target.pointer + pointer_of(*tokens))


def resources_from(registry: Registry, starts: Iterable[Target]) -> list[tuple[str, JsonType]]:
    """(URI, value) of every document that judging from `starts` can come to; numbers as validators take them. Raises BAD_REF."""
    found: list[tuple[str, JsonType]] = [(ANY_URI, True)]
    reached = reach(registry, starts)
    for document in registry.documents:
        if document.uri in reached:
            rewriter = _Rewriter(registry, document, reached[document.uri])
            value = rewriter.schema(document.value, "")
            if isinstance(value, dict):
                value["$schema"] = registry.scopes(document).draft.dialect
            found.append((identity(registry, Target(document, "")), value))
    return found


def identity(registry: Registry, resource: Target) -> str:
    """The URI of a resource, its own for each: where two state the same `$id`, only the first has it."""
    scopes = registry.scopes(resource.document)
    base = scopes.bases[resource.pointer]
    if registry.owner(base) == resource:
        return base
    return encoded(resource.document.uri + f"?resource={resource.pointer}") if resource.pointer else resource.document.uri


def absolute(registry: Registry, target: Target) -> str:
    """The URI of a schema: its resource's, and its pointer in it."""
    _, at = registry.scopes(target.document).base_at(target.pointer)
    within = target.pointer[len(at) :]
    # Without an empty fragment: jsonschema-rs takes `x#` for another scope of $recursiveRef than `x`.
    return identity(registry, Target(target.document, at)) + (f"#{encoded_pointer(within)}" if within else "")


class _Rewriter:
    """One document with absolute references and identities. Where nothing leads to a schema its dead references become any value."""

    def __init__(self, registry: Registry, document: Document, reached: set[str]) -> None:
        self.registry, self.document, self.reached = registry, document, reached
        self.scopes = registry.scopes(document)

    def schema(self, value: JsonType, pointer: str) -> JsonType:
        if isinstance(value, list):
            return [self.schema(item, f"{pointer}/{index}") for index, item in enumerate(value)]
        if not isinstance(value, dict):
            return plain(value)
        draft = self.scopes.draft_at(pointer)
        found: dict[str, JsonType] = {}
        for keyword, held in value.items():
            place = pointer + pointer_of(keyword)
            if isinstance(held, str) and keyword in ("$ref", "$schema", draft.id_keyword, *_DYNAMIC):
                held = self._keyword(keyword, held, pointer, draft)
                if held:
                    found[keyword] = held
            elif keyword in DATA:
                found[keyword] = plain(held)
            elif keyword in NAMED and isinstance(held, dict):
                found[keyword] = {name: self.schema(item, place + pointer_of(name)) for name, item in held.items()}
            else:
                found[keyword] = self.schema(held, place)
        return found

    def _keyword(self, keyword: str, held: str, pointer: str, draft: Draft) -> str:
        """A reference, identity or draft; "" where it is left out."""
        if keyword == "$ref":
            return self._reference(held, pointer)
        if keyword == "$schema":
            return draft.dialect if named_draft(held) else ""
        if keyword in _DYNAMIC:
            return encoded(held)
        if pointer in self.scopes.bases and not (draft.refs_stand_alone and held.startswith("#")):
            return identity(self.registry, Target(self.document, pointer))
        return held if held.startswith("#") else ""

    def _reference(self, held: str, pointer: str) -> str:
        if pointer in self.reached:
            target = self.registry.resolve(self.document, pointer, held)
            return ANY_URI if target is None else absolute(self.registry, target)
        try:
            target = self.registry.find(self.document, pointer, held)
        except SchemagenError:
            return ANY_URI
        return ANY_URI if target is None else absolute(self.registry, target)
