"""Whether SQL text from outside lexes as one expression: balanced, without statement end, comment or dollar quote."""

from __future__ import annotations

import re

_WORD_BEFORE = re.compile(r"(?<![\w$])[eE]\Z")
_CLOSES = {"(": ")", "[": "]"}
_MYSQL = ("mysql", "mariadb")
# Flavours where a backtick quotes a name; elsewhere it is refused.
_BACKTICK = (*_MYSQL, "sqlite")


def unsafe_reason(text: str, flavor: str) -> str:
    """Why the text is not one expression for this kind of server ("" where it is one)."""
    open_brackets: list[str] = []
    place = 0
    if not text.strip():
        return "it is empty"
    while place < len(text):
        c = text[place]
        if c in "'\"" or (c == "`" and flavor in _BACKTICK):
            place = _after_quoted(text, place, flavor)
            if place < 0:
                return "a quote is not closed"
            continue
        reason = _at(text, place, flavor, open_brackets)
        if reason:
            return reason
        place += 1
    return f"{open_brackets[-1]} is not closed" if open_brackets else ""


def _at(text: str, place: int, flavor: str, open_brackets: list[str]) -> str:
    """What is wrong with the character at this place, which is in no quotes; keeps count of brackets."""
    c = text[place]
    if c in _CLOSES and not (c == "[" and flavor == "sqlite"):
        open_brackets.append(c)
        return ""
    if c in ")]" and not (c == "]" and flavor == "sqlite"):
        return "" if open_brackets and _CLOSES[open_brackets.pop()] == c else f"{c} closes nothing"
    if c == "," and not open_brackets:
        return "it holds a comma outside parentheses"
    if text.startswith(("--", "/*"), place) or (c == "#" and flavor in _MYSQL):
        return "it holds a comment"
    if c in ";$\\`[]{}" or (ord(c) < 32 and c not in "\t\n\r") or c == "\x7f":
        return f"it holds {c!r} outside quotes"
    return ""


def _after_quoted(text: str, start: int, flavor: str) -> int:
    """The place after the string or name that begins at `start`; -1 where it does not end. A doubled quote is read as two strings."""
    quote = text[start]
    escapes = (flavor in _MYSQL and quote != "`") or (quote == "'" and flavor != "sqlite" and _WORD_BEFORE.search(text[:start]) is not None)
    place = start + 1
    while place < len(text):
        c = text[place]
        if c == "\0":
            return -1
        if escapes and (c == "\\" or (c == quote and text.startswith(quote, place + 1))):
            place += 1
        elif c == quote:
            return place + 1
        place += 1
    return -1
