"""Expressions of Python source as small trees, and their lines: as ruff and black would break them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

WIDTH = 120
INDENT = "    "


@dataclass(frozen=True, slots=True)
class Word:
    """Text that is never broken: a name or a literal."""

    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """Items between brackets: `Annotated[str, MaxLength(5)]`, `field(default=None)`, `{"a": 1}`, `("a",)`."""

    open: str
    items: tuple[Piece, ...]
    close: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """`metadata={...}` and `"schemagen": FieldFacts(...)`: a label that stays before its value."""

    label: str
    value: Piece


@dataclass(frozen=True, slots=True)
class Choice:
    """`A | B | None`"""

    items: tuple[Piece, ...]


Piece = Word | Group | Labelled | Choice


def width(text: str) -> int:
    """Columns that a text takes on a screen: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def call(function: str, *items: Piece) -> Group:
    return Group(f"{function}(", items, ")")


def subscript(name: str, *items: Piece) -> Group:
    return Group(f"{name}[", items, "]")


def tuple_of(items: tuple[Piece, ...]) -> Group:
    """A tuple; of one item with its comma."""
    return Group("(", items, ",)" if len(items) == 1 else ")")


def flat(piece: Piece) -> str:
    """The expression on one line."""
    match piece:
        case Word(text):
            return text
        case Group(open, items, close):
            return open + ", ".join(flat(item) for item in items) + close
        case Labelled(label, value):
            return label + flat(value)
        case Choice(items):
            return " | ".join(flat(item) for item in items)


def broken(piece: Piece, indent: str, before: int, after: int) -> str:
    """The expression from the column `before`, with `after` characters to follow; lines after the first begin with `indent`."""
    text = flat(piece)
    if before + width(text) + after <= WIDTH:
        return text
    deeper = indent + INDENT
    match piece:
        case Word():
            return text
        case Labelled(label, value):
            return label + broken(value, indent, before + width(label), after)
        case Choice(items):
            rest = [f"\n{indent}| {broken(item, indent, len(indent) + 2, after)}" for item in items[1:]]
            return broken(items[0], indent, before, 0) + "".join(rest)
        case Group(open, (), close):
            return open + close
        case Group(open, (item,), ")" | "]" | "}" as close):
            return f"{open}\n{deeper}{broken(item, deeper, len(deeper), 0)}\n{indent}{close}"
        case Group(open, items, close):
            line = ", ".join(flat(item) for item in items) + close[:-1]
            # Arguments may share a line below the bracket; items of a list, tuple or dict never do.
            if len(open) > 1 and len(deeper) + width(line) <= WIDTH:
                return f"{open}\n{deeper}{line}\n{indent}{close[-1]}"
            lines = [f"{deeper}{broken(item, deeper, len(deeper), 1)},\n" for item in items]
            return f"{open}\n{''.join(lines)}{indent}{close[-1]}"


def assignment(target: str, annotation: Piece | None, value: Piece | None, indent: str = "") -> str:
    """`target: annotation = value`, broken where it is too long: in the value if that has brackets, else in the annotation."""
    head = f"{indent}{target}" if annotation is None else f"{indent}{target}: "
    middle = "" if annotation is None else flat(annotation)
    tail = "" if value is None else f" = {flat(value)}"
    if width(head) + width(middle) + width(tail) <= WIDTH:
        return head + middle + tail
    if value is not None and (annotation is None or isinstance(value, Group)):
        start = f"{head}{middle} = "
        if isinstance(value, Group) and width(start) + width(value.open) <= WIDTH:
            return start + broken(value, indent, width(start), 0)
        if isinstance(value, Group) and width(start) + 1 <= WIDTH:
            deeper = indent + INDENT
            return f"{start}(\n{deeper}{broken(value, deeper, len(deeper), 0)}\n{indent})"
        if annotation is None:
            return _in_parentheses(start, flat(value), indent)
    if annotation is None:
        return head + tail
    return head + _broken_annotation(annotation, value, indent, width(head))


def _broken_annotation(annotation: Piece, value: Piece | None, indent: str, before: int) -> str:
    tail = "" if value is None else f" = {broken(value, indent, len(indent) + len(') = '), 0)}"
    deeper = indent + INDENT
    if isinstance(annotation, Choice):
        return f"(\n{deeper}{broken(annotation, deeper, len(deeper), 0)}\n{indent})" + tail
    return broken(annotation, indent, before, len(tail.partition("\n")[0])) + tail


def _in_parentheses(start: str, text: str, indent: str) -> str:
    """A literal in parentheses on a line of its own, where it fits there; else where it is."""
    if width(start) + width(text) > WIDTH >= len(indent) + len(INDENT) + width(text):
        return f"{start}(\n{indent}{INDENT}{text}\n{indent})"
    return start + text
