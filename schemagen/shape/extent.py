"""The Extent value: what a schema admits, by JSON type. It may say more than the schema admits, never less."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

from schemagen.shape.terms import EVERYTHING, NOTHING, Leaf, Term


@dataclass(frozen=True, slots=True)
class Bound:
    """An end of an interval; `open` where the value itself is outside."""

    value: Decimal
    open: bool = False


@dataclass(frozen=True, slots=True)
class Numbers:
    """`values`: these only. `step`: multiples of it only, 1 for integers. `format`: one that names a width or float, double, decimal."""

    values: tuple[Decimal, ...] | None = None
    step: Decimal | None = None
    lower: Bound | None = None
    upper: Bound | None = None
    format: str | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """A text of an enumeration, with the name and the words that its schema has for it."""

    value: str
    name: str | None = field(default=None, compare=False)
    doc: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Texts:
    """`words`: named texts; `open`: others too. `const`: the word was stated by `const`. `owner` names an enumeration."""

    words: tuple[Word, ...] = ()
    open: bool = True
    format: str | None = None
    max_length: int | None = None
    const: bool = False
    owner: Leaf | None = None


@dataclass(frozen=True, slots=True)
class Arrays:
    items: Term = EVERYTHING


@dataclass(frozen=True, slots=True)
class Property:
    """`partial`: typed in some branches only, while in another any value may stand under this name."""

    term: Term
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Objects:
    """Objects with these properties. `rest`: what undeclared ones hold; `patterns`: what those that match a pattern hold.

    `owner` is the schema that it is the class of; None where it was just combined.
    """

    properties: tuple[tuple[str, Property], ...] = ()
    required: frozenset[str] = frozenset()
    rest: Term = EVERYTHING
    patterns: tuple[Term, ...] = ()
    owner: Leaf | None = None

    @property
    def is_open(self) -> bool:
        return self.rest != NOTHING or bool(self.patterns)

    @property
    def is_plain(self) -> bool:
        """True where at most `required` is said."""
        return not self.properties and not self.patterns and self.rest == EVERYTHING


@dataclass(frozen=True, slots=True)
class Extent:
    """Each part is absent (False, empty, None) where its type is not admitted. `objects` are alternatives."""

    null: bool = True
    booleans: frozenset[bool] = frozenset((False, True))
    numbers: Numbers | None = Numbers()
    texts: Texts | None = Texts()
    arrays: Arrays | None = Arrays()
    objects: tuple[Objects, ...] = (Objects(),)

    @property
    def types(self) -> frozenset[str]:
        """The JSON types that are admitted; with "number" also "integer"."""
        found = {
            "null": self.null,
            "boolean": bool(self.booleans),
            "integer": self.numbers is not None,
            "number": self.numbers is not None and not is_integral(self.numbers),
            "string": self.texts is not None,
            "array": self.arrays is not None,
            "object": bool(self.objects),
        }
        return frozenset(name for name, admitted in found.items() if admitted)

    @property
    def is_finite(self) -> bool:
        """True where the values can be counted: enumerations, true, false and null."""
        numbers = self.numbers is None or self.numbers.values is not None
        texts = self.texts is None or not self.texts.open
        return numbers and texts and self.arrays is None and not self.objects


ANY = Extent()
NEVER = Extent(False, frozenset(), None, None, None, ())


def is_whole(value: Decimal) -> bool:
    return scale_of(value) == 0


def scale_of(value: Decimal) -> int:
    """Digits behind the point that the value needs: 0.250 -> 2, 30 -> 0."""
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or exponent >= 0:
        return 0
    zeros = next((place for place, digit in enumerate(reversed(digits)) if digit), len(digits))
    return max(0, -exponent - zeros) if any(digits) else 0


def is_integral(numbers: Numbers) -> bool:
    if numbers.values is not None:
        return all(map(is_whole, numbers.values))
    return numbers.step is not None and is_whole(numbers.step)


def owned(extent: Extent, owner: Leaf) -> Extent:
    """`extent`, with what was combined here known by this owner."""
    if extent.texts is not None and extent.texts.words and extent.texts.owner is None:
        extent = replace(extent, texts=replace(extent.texts, owner=owner))
    if any(item.owner is None and not item.is_plain for item in extent.objects):
        objects = tuple(item if item.owner or item.is_plain else replace(item, owner=owner) for item in extent.objects)
        extent = replace(extent, objects=objects)
    return extent
