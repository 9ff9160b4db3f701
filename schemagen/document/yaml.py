"""YAML text to a JSON value: the core schema of YAML 1.2 and merge keys, every alias counted."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any, cast

from schemagen.document.text import decode, too_deep
from schemagen.errors import Location, SchemagenError, missing_extra
from schemagen.jsontext import MAX_DIGITS, JsonType, decimal, integer

if TYPE_CHECKING:
    from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

_CORE = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: dict[str, JsonType] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_FLOW_DEPTH = 1_000


def parse_yaml(text: str | bytes, source: str, max_depth: int = 200) -> JsonType:
    """The value of one YAML document. Raises BAD_DOCUMENT; SCHEMA_TOO_LARGE where aliases make it more than ten times its text."""
    try:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError
    except ImportError as error:
        raise missing_extra("ruamel.yaml", "yaml") from error
    text = decode(text, source) if isinstance(text, bytes) else text.removeprefix("\ufeff")
    if _flow_depth(text) > _FLOW_DEPTH:
        raise too_deep(source, max_depth)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            root = YAML(typ="safe", pure=True).compose(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place: Location | str = Location(source, line=mark.line + 1) if mark else source
        raise SchemagenError("BAD_DOCUMENT", place, f"is no YAML: {getattr(error, 'problem', None) or 'it cannot be read'}") from error
    except RecursionError as error:
        raise too_deep(source, max_depth) from error
    if root is None:
        raise SchemagenError("BAD_DOCUMENT", source, "is no YAML: the text is empty")
    return _Constructor(source, max_depth, 10 * max(len(text), 100)).value(root, ())


def _flow_depth(text: str) -> int:
    """The most brackets open at once, quotes not regarded: the scanner takes the square of it."""
    depth = deepest = 0
    for mark in re.findall(r"[\[\]{}]", text):
        depth += 1 if mark in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


class _Constructor:
    """Nodes of the YAML graph to values; aliases are copied, so that each value has one place."""

    def __init__(self, source: str, max_depth: int, budget: int) -> None:
        self.source, self.max_depth, self.budget = source, max_depth, budget

    def value(self, node: Node, trail: tuple[int, ...]) -> JsonType:
        self.budget -= 1
        if self.budget < 0:
            raise SchemagenError("SCHEMA_TOO_LARGE", self.source, "its aliases make more than ten values for each byte of its text")
        if id(node) in trail:
            raise self._bad(node, "an alias leads back to what holds it")
        kind = type(node).__name__
        if kind != "ScalarNode" and len(trail) >= self.max_depth:
            raise too_deep(self.source, self.max_depth)
        if not str(node.tag).startswith(_CORE):
            raise self._bad(node, f"the tag {node.tag} is not known")
        trail = (*trail, id(node))
        if kind == "ScalarNode":
            return self._scalar(cast("ScalarNode", node))
        if kind == "SequenceNode":
            return [self.value(item, trail) for item in node.value]
        return self._mapping(cast("MappingNode", node), trail)

    def _mapping(self, node: MappingNode, trail: tuple[int, ...]) -> dict[str, JsonType]:
        merged: dict[str, JsonType] = {}
        own: dict[str, JsonType] = {}
        for key, item in node.value:
            if type(key).__name__ != "ScalarNode":
                raise self._bad(key, "expected a text as a key")
            if key.value == "<<" and key.style is None:
                merged = {**self._merge(item, trail), **merged}
            else:
                own[_text(key)] = self.value(item, trail)
        return {**merged, **own}

    def _merge(self, node: Node, trail: tuple[int, ...]) -> dict[str, JsonType]:
        value = self.value(node, trail)
        found: dict[str, JsonType] = {}
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, dict):
                raise self._bad(node, "expected a mapping to merge")
            self.budget -= len(item)
            found = {**item, **found}
        return found

    def _scalar(self, node: ScalarNode) -> JsonType:
        text = _text(node)
        if node.style is not None or str(node.tag) == f"{_CORE}str":
            return text
        if text in _WORDS:
            return _WORDS[text]
        try:
            if _INTEGER.fullmatch(text):
                return integer(text)
            if _OTHER_BASE.fullmatch(text) and len(text) <= MAX_DIGITS:
                return integer(str(int(text, 0)))
            if _FLOAT.fullmatch(text):
                return decimal(text)
            if _NO_NUMBER.fullmatch(text):
                raise ValueError(f"{text} is no JSON number")
        except ValueError as error:
            raise self._bad(node, str(error)) from error
        return text

    def _bad(self, node: Any, sentence: str) -> SchemagenError:
        return SchemagenError("BAD_DOCUMENT", Location(self.source, line=node.start_mark.line + 1), sentence)


def _text(node: Any) -> str:
    """The text of a scalar; escapes of a surrogate pair, which come as two halves, joined."""
    text: str = node.value
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
