"""From terms to shapes: the dispatch by JSON type, unions, lists and maps; classes and enumerations are collected on the way."""

from __future__ import annotations

from dataclasses import dataclass

from schemagen.errors import Diagnostic, DiagnosticCode
from schemagen.shape.admitted import Extents
from schemagen.shape.extent import Arrays, Extent, Objects, Texts
from schemagen.shape.scalars import boolean_shape, number_shape
from schemagen.shape.strings import text_shape
from schemagen.shape.terms import Leaf, Term, key_of, leaves, some_of
from schemagen.shape.types import Anything, ClassRef, EnumRef, ListOf, MapOf, Nothing, Shape, UnionOf

# Lists and maps directly in one another: beyond this they are any JSON.
MAX_LISTS = 32


@dataclass(frozen=True, slots=True)
class Typed:
    """A shape, and whether null is admitted beside it."""

    shape: Shape
    nullable: bool = False


class Shapes:
    """The shapes of terms. Class and enum references hold the owner's key until they are named.

    `classes` and `enums` grow as they are first referred to; `places` has the class and property that combined terms are first used in.
    """

    def __init__(self, extents: Extents) -> None:
        self.extents = extents
        self.classes: dict[str, Objects] = {}
        self.enums: dict[str, Texts] = {}
        self.places: dict[str, tuple[Leaf, str]] = {}
        self.diagnostics: dict[Diagnostic, None] = {}
        self._known: dict[Term, Typed] = {}
        self._loops: dict[Term, bool] = {}
        self._depth = 0

    def of(self, term: Term) -> Typed:
        if term not in self._known:
            self._depth += 1
            self._known[term] = self._shape(term, self.extents.of(term))
            self._depth -= 1
        return self._known[term]

    def note(self, code: DiagnosticCode, term: Term, detail: str = "") -> None:
        """A diagnostic at the place of the term's first schema."""
        first = next(leaves(term), None)
        if first is not None:
            self.diagnostics[Diagnostic(code, first.node.location, detail)] = None

    def use(self, term: Term, owner: Leaf, name: str) -> None:
        """Notes that a property of a class holds a term; of several the first by key, so that the order of properties does not count."""
        if not isinstance(term, Leaf):
            key = key_of(term)
            self.places[key] = min(self.places.get(key, (owner, name)), (owner, name), key=lambda place: (place[0].key, place[1]))

    def class_of(self, objects: Objects) -> ClassRef:
        assert objects.owner is not None
        self.classes.setdefault(objects.owner.key, objects)
        return ClassRef(objects.owner.key)

    def _shape(self, term: Term, extent: Extent) -> Typed:
        kinds = {"number" if name == "integer" else name for name in extent.types - {"null"}}
        if not kinds:
            return Typed(Nothing(), extent.null)
        if len(kinds) == 5:
            return self._any(term, extent)
        if extent.is_finite and len(kinds) > 1:
            self.note("AS_JSON", term, "an enumeration of several types")
            return Typed(Anything())
        parts = tuple(dict.fromkeys(self._parts(term, extent)))
        if any(isinstance(part, Anything) for part in parts):
            return Typed(Anything())
        if len(parts) == 1:
            return Typed(parts[0], extent.null)
        self.note("AS_JSON", term, f"one of {len(parts)} types")
        return Typed(UnionOf(parts), extent.null)

    def _any(self, term: Term, extent: Extent) -> Typed:
        if extent != Extent(null=extent.null):
            self.note("AS_JSON", term, "no type is stated")
        return Typed(Anything())

    def _parts(self, term: Term, extent: Extent) -> list[Shape]:
        parts: list[Shape] = []
        if extent.booleans:
            parts.append(boolean_shape(extent.booleans))
        if extent.numbers is not None:
            parts.append(number_shape(extent.numbers))
        if extent.texts is not None:
            parts.append(self._text(extent.texts))
        if extent.arrays is not None:
            parts.append(self._list(extent.arrays))
        parts += [self._object(item) for item in extent.objects]
        return parts

    def _text(self, texts: Texts) -> Shape:
        shape = text_shape(texts)
        if isinstance(shape, EnumRef):
            self.enums.setdefault(shape.name, texts)
        return shape

    def _list(self, arrays: Arrays) -> Shape:
        item = self._inner(arrays.items)
        return ListOf(item.shape, item.nullable)

    def _object(self, objects: Objects) -> Shape:
        if objects.properties:
            return self.class_of(objects)
        value = self._inner(map_values(objects))
        return MapOf(value.shape, value.nullable)

    def _inner(self, term: Term) -> Typed:
        """The shape of items or map values: any JSON where they hold themselves without an object between."""
        if self.loops(term) or self._depth > MAX_LISTS:
            self.note("AS_JSON", term, "lists or maps that hold themselves")
            return Typed(Anything())
        typed = self.of(term)
        return Typed(Anything()) if isinstance(typed.shape, Nothing) else typed

    def loops(self, term: Term) -> bool:
        """True where a list's items, or a map's values, lead back to the term without a class between."""
        if term not in self._loops:
            seen: set[Term] = set()
            queue = self._held(term)
            while queue and term not in seen:
                item = queue.pop()
                if item not in seen:
                    seen.add(item)
                    queue += self._held(item)
            self._loops[term] = term in seen
        return self._loops[term]

    def _held(self, term: Term) -> list[Term]:
        extent = self.extents.of(term)
        items = [extent.arrays.items] if extent.arrays is not None else []
        return items + [map_values(item) for item in extent.objects if not item.properties]


def map_values(objects: Objects) -> Term:
    """What a map without named properties holds."""
    return some_of(*objects.patterns, objects.rest)
