"""Every naming rule: class, field, enum member, table, column and constraint names, their limits and collisions."""

from __future__ import annotations

import hashlib
import keyword
import re
import unicodedata
from collections.abc import Callable, Iterable

# Names of columns that schemagen adds to tables of schema-made entities.
EXTRA_COLUMN = "_extra"
ABSENT_COLUMN = "_absent"
EXTRA_FIELD = "extra_"
OWN_PREFIX = "_schemagen_"

_CAMEL = re.compile(r"^(?=[A-Z])(?=.*[a-z])[A-Za-z0-9]+$")
_TITLE = re.compile(r"^[A-Za-z_][A-Za-z0-9_-]{0,39}$")
_RESERVED_FIELDS = frozenset({"mro", EXTRA_FIELD, "self"})


def is_own(name: str) -> bool:
    """True for a table that belongs to schemagen itself."""
    return name.casefold().startswith(OWN_PREFIX)


def is_name_like(title: str) -> bool:
    """True for a title that can serve as a name: a word, not a sentence."""
    return _TITLE.match(title) is not None


def snake_case(name: str) -> str:
    """`OrderLine` -> `order_line`, `HTTPServer` -> `http_server`."""
    text = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text).lower()


def table_name(name: str, style: str = "") -> str:
    """A table's name: as written, but a CamelCase name becomes snake_case; `style` (snake or preserve) forces one or the other."""
    name = clean(name)
    if style == "preserve":
        return name
    if style == "snake":
        return _forced(name)
    return snake_case(name) if _CAMEL.match(name) else name


def column_name(name: str, style: str = "") -> str:
    """A column's name: as written; `snake` forces snake_case."""
    return _forced(clean(name)) if style == "snake" else clean(name)


def _forced(name: str) -> str:
    """snake_case of letters, digits and `_` alone: `full-name` -> `full_name`; a name without any of them as it is."""
    text = re.sub(r"\W+", "_", snake_case(name))
    return text if text.strip("_") else name


def clean(name: str) -> str:
    """A name that SQL can hold: control, format, surrogate and NUL characters as `_`, with a hash behind; "" as `_empty`."""
    if not name:
        return "_empty"
    kept = "".join("_" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c for c in name)
    return kept if kept == name else f"{kept}_{short_hash(name)}"


def short_hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def identifier(name: str) -> str:
    """A Python identifier for a field or enum member; a second call changes nothing."""
    text = re.sub(r"\W", "_", unicodedata.normalize("NFKC", name))
    text = unicodedata.normalize("NFKC", text)
    if not text:
        return "empty_"
    if text[0].isdigit():
        text = f"n_{text}"
    if not text.isidentifier():
        text = f"n_{re.sub(r'[^0-9A-Za-z_]', '_', text)}"
    if text.startswith("__"):
        text = f"n{text}"
    if keyword.iskeyword(text) or (keyword.issoftkeyword(text) and text == "_") or text in _RESERVED_FIELDS:
        text = f"{text}_"
    if text.startswith("_") and text.endswith("_"):
        text = f"n{text}"
    return text


def class_name(name: str) -> str:
    """PascalCase: `order_line` -> `OrderLine`, `full-name` -> `FullName`; `OrderLine` stays."""
    words = [word for word in re.split(r"[^0-9A-Za-z\u0080-\U0010ffff]+", unicodedata.normalize("NFKC", name)) if word]
    text = re.sub(r"\W", "", "".join(word[0].upper() + word[1:] for word in words))
    if not text or not text.isidentifier():
        text = f"N{text}"
    if not text.isidentifier():
        text = f"N{short_hash(name)}"
    return f"{text}_" if keyword.iskeyword(text) else text


def unique_names(originals: Iterable[str], make: Callable[[str], str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Each original's name; a clash takes `_2`, `_3`... in sorted order of the originals, so that reordering changes nothing."""
    used = set(taken)
    result: dict[str, str] = {}
    ordered = sorted(originals, key=lambda name: (make(name) != name, name))
    for original in ordered:
        base = make(original)
        name, number = base, 1
        while name in used:
            number += 1
            name = f"{base}_{number}"
        used.add(name)
        result[original] = name
    return result


def shorten(name: str, limit: int, measure: Callable[[str], int], path: str | None = None) -> str:
    """`name` cut to `limit` (by `measure`: bytes or characters) on a character border, with 8 hex digits of the full path's hash."""
    if measure(name) <= limit:
        return name
    kept = name
    while measure(kept) > limit - 9:
        kept = kept[:-1]
    return f"{kept}_{short_hash(path if path is not None else name)}"


def utf8_length(name: str) -> int:
    return len(name.encode("utf-8"))


def fit_names(
    names: Iterable[str],
    limit: int | None,
    measure: Callable[[str], int] = len,
    fold: bool | Callable[[str], str] = False,
    scope: str = "",
    taken: Iterable[str] = (),
) -> dict[str, str]:
    """Each name as the server can hold it: shortened over `limit`, and made different where two are equal after folding case.

    Of two that fold alike the first in sorted order keeps its own; the other takes the hash of `scope` and its name.
    `fold` may be the function that folds. Names in `taken` are held already.
    """
    folded = fold if callable(fold) else str.casefold if fold else str
    used = {folded(name) for name in taken}
    result: dict[str, str] = {}
    for name in sorted(names):
        fitted = name if limit is None else shorten(name, limit, measure, f"{scope}.{name}")
        base, salt = fitted, f"{scope}.{name}"
        while folded(fitted) in used:
            hashed = f"{base}_{short_hash(salt)}"
            fitted = hashed if limit is None else shorten(hashed, limit, measure, salt)
            salt += "."
        used.add(folded(fitted))
        result[name] = fitted
    return result


def primary_key_name(table: str) -> str:
    return f"pk_{table}"


def unique_name(table: str, columns: Iterable[str]) -> str:
    return f"uq_{table}_{'_'.join(columns)}"


def foreign_key_name(table: str, columns: Iterable[str]) -> str:
    return f"fk_{table}_{'_'.join(columns)}"


def check_name(table: str, column: str) -> str:
    return f"ch_{table}_{column}"
