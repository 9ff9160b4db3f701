"""The scopes of one document: which part is a resource of which URI, its anchors, and the draft that holds there."""

from __future__ import annotations

from dataclasses import dataclass, field

from schemagen.document.drafts import Draft, children, named_draft, roots
from schemagen.document.uris import encoded, join, parents, split
from schemagen.jsontext import JsonType, pointer_of


@dataclass(slots=True)
class Scopes:
    """By pointer: `bases`, what references are joined to; `drafts`, where a part names its own. By URI and name: `anchors`."""

    uri: str
    draft: Draft
    bases: dict[str, str] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    anchors: dict[tuple[str, str], str] = field(default_factory=dict)

    def base_at(self, pointer: str) -> tuple[str, str]:
        """The nearest resource that holds a place: its URI and its pointer."""
        if len(self.bases) == 1:
            return self.bases[""], ""
        nearest = next(parent for parent in parents(pointer) if parent in self.bases)
        return self.bases[nearest], nearest

    def draft_at(self, pointer: str) -> Draft:
        """The draft that holds at a place."""
        if not self.drafts:
            return self.draft
        return next((self.drafts[parent] for parent in parents(pointer) if parent in self.drafts), self.draft)


def find_scopes(value: JsonType, uri: str, draft: Draft) -> Scopes:
    """The scopes of a document that was found under `uri`."""
    scopes = Scopes(uri, draft)
    scopes.bases[""] = uri
    for tokens, schema in roots(value, draft):
        _collect(schema, pointer_of(*tokens), uri, draft, scopes)
    return scopes


def _collect(schema: JsonType, pointer: str, base: str, draft: Draft, scopes: Scopes) -> None:
    if not isinstance(schema, dict):
        return
    stated = named_draft(schema.get("$schema")) if pointer else None
    if stated is not None and stated is not draft:
        draft = scopes.drafts[pointer] = stated
    if not (draft.refs_stand_alone and isinstance(schema.get("$ref"), str)):
        base = _identify(schema, pointer, base, draft, scopes)
    for tokens, child in children(schema):
        _collect(child, pointer + pointer_of(*tokens), base, draft, scopes)


def _identify(schema: dict[str, JsonType], pointer: str, base: str, draft: Draft, scopes: Scopes) -> str:
    """The base inside a schema; its resource and anchors are noted."""
    identity = schema.get(draft.id_keyword)
    if isinstance(identity, str):
        resource, fragment = split(identity)
        if resource:
            base = scopes.bases[pointer] = encoded(split(join(base, resource))[0])
        elif fragment and draft.level <= 7:
            scopes.anchors.setdefault((base, fragment), pointer)
    for keyword in ("$anchor", "$dynamicAnchor") if draft.level >= 2019 else ():
        name = schema.get(keyword)
        if isinstance(name, str):
            scopes.anchors.setdefault((base, name), pointer)
    return base
