"""Terms: schemas combined but not yet read, so that recursive schemas stay finite; equal terms admit the same values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from schemagen.document.node import Node

# Deeply nested combinations are cut, on the side that admits more: no schema seen so far needs half of this.
MAX_LEAVES = 48


@dataclass(frozen=True, slots=True)
class Leaf:
    """One schema where it stands."""

    key: str
    node: Node = field(compare=False)


@dataclass(frozen=True, slots=True)
class All:
    """What every one of the terms admits; of none: everything. `size` counts its schemas."""

    terms: tuple[Term, ...]
    size: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Some:
    """What at least one of the terms admits; of none: nothing. `size` counts its schemas."""

    terms: tuple[Term, ...]
    size: int = field(default=0, compare=False)


Term = Leaf | All | Some
EVERYTHING = All(())
NOTHING = Some(())


def node_key(node: Node) -> str:
    return f"{node.document.uri}#{node.pointer}"


def leaf(node: Node) -> Term:
    """The term of a schema."""
    match node.schema:
        case bool():
            return EVERYTHING if node.schema else NOTHING
        case schema:
            return Leaf(node_key(node), node) if schema else EVERYTHING


def key_of(term: Term) -> str:
    """A text that equal terms share and others do not."""
    match term:
        case Leaf(key):
            return key
        case All(terms):
            return f"all({' '.join(map(key_of, terms))})"
        case Some(terms):
            return f"some({' '.join(map(key_of, terms))})"


def leaves(term: Term) -> Iterator[Leaf]:
    match term:
        case Leaf():
            yield term
        case All(terms) | Some(terms):
            for item in terms:
                yield from leaves(item)


def all_of(*terms: Term) -> Term:
    """What all the terms admit. Where that gets too large, what the first of them admits."""
    flat = _flatten(terms, All)
    if NOTHING in flat:
        return NOTHING
    # a and (a or b) is a
    kept = [item for item in flat if not (isinstance(item, Some) and any(other in item.terms for other in flat))]
    size = sum(map(size_of, kept))
    return kept[0] if len(kept) == 1 or size > MAX_LEAVES else All(tuple(kept), size)


def some_of(*terms: Term) -> Term:
    """What any of the terms admits. Where that gets too large, everything."""
    flat = _flatten(terms, Some)
    if EVERYTHING in flat:
        return EVERYTHING
    # a or (a and b) is a
    kept = [item for item in flat if not (isinstance(item, All) and any(other in item.terms for other in flat))]
    if len(kept) == 1:
        return kept[0]
    size = sum(map(size_of, kept))
    return EVERYTHING if size > MAX_LEAVES * 8 else Some(tuple(kept), size)


def _flatten(terms: tuple[Term, ...], kind: type[All] | type[Some]) -> list[Term]:
    flat: dict[Term, None] = {}
    for term in terms:
        for item in term.terms if isinstance(term, kind) else (term,):
            flat[item] = None
    return list(flat)


def size_of(term: Term) -> int:
    return 1 if isinstance(term, Leaf) else term.size
