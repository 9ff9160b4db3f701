"""Texts: what their keywords admit, the shape that holds it, and enumerations with the names and words of their members."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from schemagen.document.node import Node
from schemagen.jsontext import JsonType
from schemagen.names import identifier, unique_names
from schemagen.shape.docs import tidy, words_about
from schemagen.shape.extent import Texts, Word
from schemagen.shape.scalars import decimal_of
from schemagen.shape.types import Bytes, Date, Dec, EnumMember, EnumRef, Instant, Ip, Shape, Str, TimeOfDay, Uuid, Values

_FORMATS: dict[str, Shape] = {
    "date": Date(),
    "date-time": Instant(),
    "date-time-local": Instant(naive=True),
    "time-local": TimeOfDay(),
    "uuid": Uuid(),
    "ipv4": Ip(4),
    "ipv6": Ip(6),
    "decimal": Dec(text=True),
    "byte": Bytes(),
}
_OTHER_NAMES = {"ip-address": "ipv4", "singer.decimal": "decimal", "x-singer.decimal": "decimal"}
_BASE64 = frozenset({"byte", "binary"})

# PostgreSQL's varchar(n) ends here; a longer limit is no limit.
MAX_VARCHAR = 10_485_760


def is_openapi(node: Node) -> bool:
    return node.document.draft.startswith(("openapi", "swagger"))


def texts_of(node: Node, schema: Mapping[str, JsonType]) -> Texts:
    """What the text keywords of a schema admit."""
    return Texts(format=_format_of(node, schema), max_length=_count(schema.get("maxLength")))


def _count(value: JsonType) -> int | None:
    number = decimal_of(value)
    return int(number) if number is not None and 0 <= number <= MAX_VARCHAR else None


def _format_of(node: Node, schema: Mapping[str, JsonType]) -> str | None:
    form = schema.get("format")
    if any(key in schema for key in ("singer.decimal", "x-singer.decimal")):
        return "decimal"
    if not isinstance(form, str):
        return None
    if form in _BASE64:
        return "byte" if is_openapi(node) else None
    if form == "date-time" and schema.get("airbyte_type") == "timestamp_without_timezone":
        return "date-time-local"
    form = _OTHER_NAMES.get(form, form)
    return form if form in _FORMATS else None


def text_shape(texts: Texts) -> Shape:
    """The shape of texts. An enumeration wins over its format; `EnumRef` has the owner's key for a name, still."""
    if texts.words:
        if texts.const and not texts.open and len(texts.words) == 1:
            return Values((texts.words[0].value,))
        assert texts.owner is not None
        return EnumRef(texts.owner.key, open=texts.open)
    if texts.format is not None:
        return _FORMATS[texts.format]
    return Str(texts.max_length or None)


def enum_members(words: Sequence[Word]) -> tuple[EnumMember, ...]:
    """A member for each word, under its stated name or its value."""
    wanted = {word.value: word.name for word in words if word.name}
    if len(set(wanted.values())) < len(words):
        wanted = {}
    names = unique_names((word.value for word in words), lambda value: identifier(wanted.get(value) or value))
    assert len(set(names.values())) == len(words)
    return tuple(EnumMember(names[word.value], word.value, word.doc) for word in words)


def words_of(values: Iterable[str], schema: Mapping[str, JsonType]) -> tuple[Word, ...]:
    """The texts of an `enum`, with the names and words that vendor extensions give them, by position or by value."""
    listed = schema.get("enum")
    places = {value: place for place, value in enumerate(listed) if isinstance(value, str)} if isinstance(listed, list) else {}

    def said(value: str, *keywords: str) -> str | None:
        for keyword in keywords:
            match schema.get(keyword):
                case list() as texts:
                    place = places.get(value, len(texts))
                    text = texts[place] if place < len(texts) else None
                case dict() as texts:
                    text = texts.get(value)
                case _:
                    text = None
            if isinstance(text, str) and text:
                return text
        return None

    docs = ("x-enum-descriptions", "x-enumDescriptions", "enumDescriptions", "markdownEnumDescriptions", "meta:enum")
    return tuple(
        Word(value, said(value, "x-enum-varnames", "x-enumNames", "enumNames"), tidy(said(value, *docs)) or None) for value in values
    )


def documented(texts: Texts, schema: Mapping[str, JsonType]) -> Texts:
    """A text stated by `const`, with the title and description of its schema: a member of an annotated enumeration."""
    if not texts.const or not texts.words:
        return texts
    doc = words_about(schema, texts.words[0].value)
    return Texts(tuple(Word(word.value, word.name, doc) for word in texts.words), False, const=True, owner=texts.owner)
