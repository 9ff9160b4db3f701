"""Narrow (allOf, base with branch) and widen (oneOf, anyOf, if): how the extents of schemas combine, never admitting less than they do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from schemagen.shape.extent import ANY, NEVER, Arrays, Bound, Extent, Numbers, Objects, Property, Texts, Word, is_whole, scale_of
from schemagen.shape.terms import EVERYTHING, NOTHING, Term, all_of, some_of

# More alternatives of objects than this become one, of widened properties.
MAX_ALTERNATIVES = 200


def narrow(a: Extent, b: Extent) -> Extent:
    """At least what both admit."""
    if a is b or b == ANY:
        return a
    if a == ANY:
        return b
    return Extent(
        null=a.null and b.null,
        booleans=a.booleans & b.booleans,
        numbers=narrow_numbers(a.numbers, b.numbers) if a.numbers and b.numbers else None,
        texts=_narrow_texts(a.texts, b.texts) if a.texts and b.texts else None,
        arrays=Arrays(all_of(a.arrays.items, b.arrays.items)) if a.arrays and b.arrays else None,
        objects=_narrow_alternatives(a.objects, b.objects),
    )


def widen(a: Extent, b: Extent) -> Extent:
    """At least what either admits. Alternatives of objects stay apart."""
    if a is b or b == NEVER:
        return a
    if a == NEVER:
        return b
    return Extent(
        null=a.null or b.null,
        booleans=a.booleans | b.booleans,
        numbers=_widen_numbers(a.numbers, b.numbers) if a.numbers and b.numbers else a.numbers or b.numbers,
        texts=_widen_texts(a.texts, b.texts) if a.texts and b.texts else a.texts or b.texts,
        arrays=Arrays(some_of(a.arrays.items, b.arrays.items)) if a.arrays and b.arrays else a.arrays or b.arrays,
        objects=_alternatives((*a.objects, *b.objects)),
    )


def merged(extent: Extent) -> Extent:
    """`extent` with its alternatives of objects as one."""
    return replace(extent, objects=(widen_objects(extent.objects),)) if len(extent.objects) > 1 else extent


def narrow_numbers(a: Numbers, b: Numbers) -> Numbers | None:
    values = a.values if b.values is None else b.values if a.values is None else tuple(item for item in a.values if item in b.values)
    if values == ():
        return None
    return Numbers(
        values=values,
        step=max((step for step in (a.step, b.step) if step is not None), key=lambda step: (is_whole(step), step), default=None),
        lower=_tighter(a.lower, b.lower, 1),
        upper=_tighter(a.upper, b.upper, -1),
        format=a.format or b.format,
    )


def _tighter(a: Bound | None, b: Bound | None, sign: int) -> Bound | None:
    if a is None or b is None:
        return a or b
    return max(a, b, key=lambda bound: (_signed(bound.value, sign), bound.open))


def _looser(a: Bound | None, b: Bound | None, sign: int) -> Bound | None:
    if a is None or b is None:
        return None
    return min(a, b, key=lambda bound: (_signed(bound.value, sign), bound.open))


def _signed(value: Decimal, sign: int) -> Decimal:
    return value if sign > 0 else value.copy_negate()  # an arithmetic minus would round to 28 digits


def _widen_numbers(a: Numbers, b: Numbers) -> Numbers:
    if a.values is not None and b.values is not None:
        return Numbers(values=tuple(dict.fromkeys((*a.values, *b.values))))
    a, b = _spanned(a), _spanned(b)
    return Numbers(
        step=_common_step(a.step, b.step),
        lower=_looser(a.lower, b.lower, 1),
        upper=_looser(a.upper, b.upper, -1),
        format=a.format if a.format == b.format else None,
    )


def _spanned(numbers: Numbers) -> Numbers:
    """Listed values as the interval and the step that hold them."""
    if numbers.values is None:
        return numbers
    steps = [_power(value) for value in numbers.values]
    return Numbers(None, min(steps), Bound(min(numbers.values)), Bound(max(numbers.values)))


def _power(value: Decimal) -> Decimal:
    """The power of ten, 1 at most, of which the value is a multiple: 0.25 -> 0.01, 30 -> 1."""
    return Decimal((0, (1,), -scale_of(value)))


def _common_step(a: Decimal | None, b: Decimal | None) -> Decimal | None:
    if a is None or b is None or a == b:
        return a if a == b else None
    return min(_power(a), _power(b))


def _narrow_texts(a: Texts, b: Texts) -> Texts | None:
    words = _narrow_words(a, b)
    if not words and not (a.open and b.open):
        return None
    keeper = next((item for item in (a, b) if item.words == words and item.words), None)
    return Texts(
        words=words,
        open=a.open and b.open,
        format=a.format or b.format if a.format is None or b.format is None or a.format == b.format else None,
        max_length=min((item for item in (a.max_length, b.max_length) if item is not None), default=None),
        const=a.const or b.const,
        owner=keeper.owner if keeper else None,
    )


def _narrow_words(a: Texts, b: Texts) -> tuple[Word, ...]:
    if a.open and b.open:
        return tuple(dict.fromkeys((*a.words, *b.words)))
    if b.open:
        return a.words
    return b.words if a.open else tuple(word for word in a.words if word in b.words)


def _widen_texts(a: Texts, b: Texts) -> Texts:
    words = tuple(dict.fromkeys((*a.words, *b.words)))
    keeper = next((item for item in (a, b) if item.words == words), None)
    lengths = [max(map(len, (word.value for word in item.words)), default=0) if not item.open else item.max_length for item in (a, b)]
    return Texts(
        words=words,
        open=a.open or b.open,
        format=a.format if a.format == b.format else None,
        max_length=None if None in lengths else max(item for item in lengths if item is not None),
        const=a.const and b.const and len(words) == 1,
        owner=keeper.owner if keeper else None,
    )


def _narrow_alternatives(a: tuple[Objects, ...], b: tuple[Objects, ...]) -> tuple[Objects, ...]:
    if not a or not b:
        return ()
    if len(a) == 1 and a[0].is_plain:
        return _with_required(b, a[0].required)
    if len(b) == 1 and b[0].is_plain:
        return _with_required(a, b[0].required)
    return (narrow_objects(widen_objects(a), widen_objects(b)),)


def _with_required(alternatives: tuple[Objects, ...], required: frozenset[str]) -> tuple[Objects, ...]:
    """The alternatives, each with these required properties: one alone becomes the class of where that is said."""
    found = []
    for item in alternatives:
        if required <= item.required:
            found.append(item)
            continue
        key = f"{item.owner.key} requires {sorted(required)}" if item.owner else ""
        owner = replace(item.owner, key=key) if item.owner and len(alternatives) > 1 else None
        found.append(replace(item, required=item.required | required, owner=owner))
    return tuple(found)


def _alternatives(objects: Iterable[Objects]) -> tuple[Objects, ...]:
    """Each once; the plain ones as one; too many as one."""
    kept = list(dict.fromkeys(objects))
    plain = [item for item in kept if item.is_plain]
    if len(plain) > 1:
        required = frozenset.intersection(*(item.required for item in plain))
        kept = [Objects(required=required), *(item for item in kept if not item.is_plain)]
    return tuple(kept) if len(kept) <= MAX_ALTERNATIVES else (widen_objects(kept),)


def narrow_objects(a: Objects, b: Objects) -> Objects:
    """Objects that both admit: the properties of both, in the order of `a`, then `b`."""
    left, right = dict(a.properties), dict(b.properties)
    properties = {}
    for name in (*left, *(name for name in right if name not in left)):
        if name in left and name in right:
            properties[name] = _narrow_property(left[name], right[name])
        else:
            here, other = (left[name], b) if name in left else (right[name], a)
            properties[name] = here if other.patterns else replace(here, term=all_of(here.term, other.rest))
    patterns = tuple(dict.fromkeys((*a.patterns, *b.patterns)))
    return Objects(tuple(properties.items()), a.required | b.required, all_of(a.rest, b.rest), patterns)


def _narrow_property(a: Property, b: Property) -> Property:
    if a.partial and b.partial:
        return Property(some_of(a.term, b.term), True)
    if a.partial or b.partial:
        return b if a.partial else a
    return Property(all_of(a.term, b.term))


def widen_objects(alternatives: Sequence[Objects]) -> Objects:
    """One that admits what any of the alternatives does. A property that an open one does not declare is partial."""
    if len(alternatives) == 1:
        return alternatives[0]
    tables = [dict(item.properties) for item in alternatives]
    names = dict.fromkeys(name for table in tables for name in table)
    properties = {}
    for name in names:
        terms: list[Term] = []
        partial = False
        for item, table in zip(alternatives, tables, strict=True):
            if name in table:
                terms.append(table[name].term)
                partial |= table[name].partial
            elif item.patterns or item.rest == EVERYTHING:
                partial = True
            elif item.rest != NOTHING:
                terms.append(item.rest)
        properties[name] = Property(some_of(*terms), partial)
    return Objects(
        properties=tuple(properties.items()),
        required=frozenset.intersection(*(item.required for item in alternatives)),
        rest=some_of(*(item.rest for item in alternatives)),
        patterns=tuple(dict.fromkeys(term for item in alternatives for term in item.patterns)),
    )
