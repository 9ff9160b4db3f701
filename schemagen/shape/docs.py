"""Titles and descriptions of schemas, as texts that a docstring and a comment can hold."""

from __future__ import annotations

import inspect
import unicodedata
from collections.abc import Mapping

from schemagen.jsontext import JsonType
from schemagen.names import class_name


def tidy(text: JsonType) -> str:
    """A description without control characters, trailing blanks and common indentation; "" for what is no text."""
    if not isinstance(text, str):
        return ""
    lines = ("".join(c for c in line.expandtabs(4) if unicodedata.category(c) not in ("Cc", "Cs")) for line in text.splitlines())
    return "\n".join(line.rstrip() for line in inspect.cleandoc("\n".join(lines)).split("\n")).strip("\n ")


def words_about(schema: Mapping[str, JsonType], name: str) -> str | None:
    """Title and description as one text; None where there are none. A title that only repeats the name is left out."""
    title, text = (tidy(schema.get(word)) for word in ("title", "description"))
    if class_name(title).casefold() == class_name(name).casefold():
        title = ""
    if not title or not text or text.startswith(title):
        return text or title or None
    return f"{title}: {text}"
