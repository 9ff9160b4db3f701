"""Descriptions of classes, fields and enum members, as `:param name: text` lines of a class's docstring."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_NOTE = re.compile(r"^:(?:param|cvar|ivar|var) (\w+):[ ]?(.*)$")
_OTHER_NOTE = re.compile(r"^:\w+[^:]*:")


def tidy(text: str | None) -> str | None:
    """A description as a docstring can hold it: no control characters, tabs, trailing blanks or common indentation; None for "".

    A second call changes nothing.
    """
    lines = [_printable(line.expandtabs(4)).rstrip() for line in _BREAK.split(text or "")]
    while lines and not lines[0]:
        del lines[0]
    while lines and not lines[-1]:
        del lines[-1]
    if not lines:
        return None
    margin = min((_indent(line) for line in lines[1:] if line), default=0)
    lines = [lines[0].lstrip(" "), *(line[margin:] for line in lines[1:])]
    # What looks like a note of a field but is text gets reStructuredText's escape.
    return "\n".join(f"\\{line}" if _NOTE.match(line) else line for line in lines)


def _printable(line: str) -> str:
    if line.isprintable():
        return line
    return "".join("\ufffd" if unicodedata.category(c) == "Cs" else c for c in line if unicodedata.category(c) != "Cc")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def compose(doc: str | None, notes: Mapping[str, str | None], word: str = "param") -> str | None:
    """The docstring of a class: its description, then one note a field; None where there is nothing to say."""
    head = tidy(doc)
    lines = []
    for name, note in notes.items():
        text = tidy(note)
        if text is not None:
            first, *rest = text.split("\n")
            lines += [f":{word} {name}: {first}", *(f"    {line}" if line else "" for line in rest)]
    body = "\n".join(lines)
    if not body:
        return head
    # Notes alone begin on the second line: the first one's indentation cannot be told from its place in a class body.
    return f"{head}\n\n{body}" if head else f"\n{body}"


def split(docstring: str | None) -> tuple[str | None, dict[str, str]]:
    """The description and the notes by name: the opposite of `compose`, and of a hand-written docstring in the same form."""
    text = _without_margin(docstring or "")
    head: list[str] = []
    notes: dict[str, list[str]] = {}
    current: list[str] | None = head
    for line in text.split("\n"):
        found = _NOTE.match(line)
        if found:
            current = notes.setdefault(found[1], [])
            current.append(found[2])
        elif current is not head and _OTHER_NOTE.match(line):
            current = None
        elif current is not None:
            current.append(line if current is head else line.removeprefix("    "))
    texts = {name: note for name, lines in notes.items() if (note := "\n".join(lines).strip("\n "))}
    return "\n".join(head).strip("\n ") or None, texts


def _without_margin(text: str) -> str:
    """The text without the indentation that its place in a class body gave it."""
    lines = text.split("\n")
    margin = min((_indent(line) for line in lines[1:] if line.strip(" ")), default=0)
    return "\n".join([lines[0].lstrip(" "), *(line[margin:].rstrip(" ") for line in lines[1:])])
