"""From a JSON document to blocks of records: the document itself, or the items of a list in it, however large."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

import msgspec

from schemagen.sources.block import Block, Fault
from schemagen.sources.cutter import Cutter
from schemagen.sources.lines import start_of, too_large

# A document up to this size is validated whole.
WHOLE_BYTES = 16 << 20
_GAP = re.compile(rb"[ \t\r\n,]*")
_NUMBER_REST = re.compile(r"[0-9.eE+-]*")
_SPACE = re.compile(r"[ \t\r\n]*")
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_JUMPS = ("$defs", "definitions", "components")
_CANDIDATES = 8
_NO_JSON = (json.JSONDecodeError, IndexError, RecursionError, UnicodeDecodeError)


@dataclass(frozen=True, slots=True)
class RecordPath:
    """Where the records of a document lie: under `steps`, of which a str is a property and None each item.

    `base` is the pointer of the schema of the whole document.
    """

    base: str
    steps: tuple[str | None, ...]


def record_path(pointer: str) -> RecordPath:
    """The path that the pointer of a record's schema tells: `#/properties/x/items` are the items of the document's `x`."""
    tokens = [token.replace("~1", "/").replace("~0", "~") for token in pointer.removeprefix("#").split("/")[1:]]
    written = pointer.removeprefix("#").split("/")[1:]
    steps: list[str | None] = []
    base, at = 0, 0
    while at < len(tokens):
        match tokens[at]:
            case "items":
                steps.append(None)
                at += 1
            case "properties" if at + 1 < len(tokens):
                steps.append(tokens[at + 1])
                at += 2
            case token:
                at += 3 if token == "components" else 2 if token in _JUMPS else 1
                base, steps = at, []
    return RecordPath("".join(f"/{token}" for token in written[:base]), tuple(steps))


Spans = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class DocumentRule:
    """How a document gives records. `spread`: a list at the top gives its items although the path does not say so.

    `judge` says what is wrong with a whole document outside its records, whose places it is given; None for places: it is no JSON.
    """

    path: RecordPath
    spread: bool
    limit: int
    judge: Callable[[bytes, Spans | None], Fault | None]


def document_blocks(pieces: Iterable[bytes], cutter: Cutter, rule: DocumentRule) -> Iterator[Block]:
    """Blocks of records. A document that is broken, or wrong outside its records, is one record with a fault."""
    rest = iter(pieces)
    head = _take(rest, b"", WHOLE_BYTES)
    if len(head) <= WHOLE_BYTES:
        if head.strip():
            yield from _whole(head, cutter, rule)
        return
    names = _names_of_list(head, rule)
    if names is None:
        head = _take(rest, head, rule.limit)
        if len(head) > rule.limit:
            yield from cutter.blocks([start_of(head, rule.limit)], head, [0], {0: too_large(rule.limit)})
            yield from map(cutter.skip, rest)
        else:
            yield from _whole(head, cutter, rule)
        return
    yield from _items(head, rest, cutter, rule, names)


def _take(pieces: Iterator[bytes], head: bytes, size: int) -> bytes:
    taken, length = [head], len(head)
    while length <= size:
        piece = next(pieces, None)
        if piece is None:
            break
        taken.append(piece)
        length += len(piece)
    return b"".join(taken)


def _names_of_list(head: bytes, rule: DocumentRule) -> tuple[str, ...] | None:
    """The properties that lead to the list whose items are the records; None where a large document cannot be cut."""
    steps = rule.path.steps
    if not steps:
        return () if rule.spread and head.lstrip()[:1] == b"[" else None
    names = tuple(step for step in steps if step is not None)
    return names if steps[-1] is None and len(names) == len(steps) - 1 else None


def _whole(data: bytes, cutter: Cutter, rule: DocumentRule) -> Iterator[Block]:
    begin, end = len(data) - len(data.lstrip()), len(data.rstrip())
    spans: Spans = [(begin, end)]
    faults: dict[int, Fault] = {}
    if rule.path.steps or (rule.spread and data[begin : begin + 1] == b"["):
        found = _walk(data, begin, end, rule.path.steps or (None,))
        fault = rule.judge(data, found) if found is None or rule.path.steps else None
        if fault is not None or found is None:
            faults[0] = fault or Fault("SYNTAX", "no JSON")
        else:
            spans = found
    records = [data[low:high] for low, high in spans]
    faults |= {index: too_large(rule.limit) for index, record in enumerate(records) if len(record) > rule.limit}
    yield from cutter.blocks(records, data, [low for low, _ in spans], faults)


def _walk(data: bytes, begin: int, end: int, steps: tuple[str | None, ...]) -> Spans | None:
    """The places of the records; a step that does not fit leads to none. None where brackets and strings are not those of JSON."""
    spans, text = [(begin, end)], data.decode("latin-1")
    try:
        for step in steps:
            if step is None:
                spans = [item for low, high in spans if text[low] == "[" for item in _item_spans(data, text, low, high)]
            else:
                members = (_member(text, low, step) for low, _ in spans if text[low] == "{")
                spans = [member for member in members if member is not None]
    except _NO_JSON:
        return None
    return spans


def _item_spans(data: bytes, text: str, low: int, high: int) -> Spans:
    """The places of a list's items. Raises IndexError where it does not end at `high`."""
    try:
        raws = _ITEMS.decode(data[low:high])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        # What a single record is refused for (half a surrogate, NaN, depth) is not the document's fault.
        found = _one_by_one(text, low + 1, last=True)
        if found.broken or found.end != high:
            raise IndexError(high) from None
        return found.spans
    spans, at = [], low + 1
    for raw in raws:
        at = _GAP.match(data, at).end()  # type: ignore[union-attr]  # matches everywhere
        spans.append((at, at + len(bytes(raw))))
        at = spans[-1][1]
    return spans


# Text decoded as latin-1 has one character a byte, so that positions are byte offsets. Numbers are skipped, not made.
_SKIP = json.JSONDecoder(parse_int=len, parse_float=len, parse_constant=len)


def _member(text: str, low: int, name: str) -> tuple[int, int] | None:
    """The span of the last member of that name in the object that begins at `low`."""
    found, at = None, _SPACE.match(text, low + 1).end()  # type: ignore[union-attr]
    while text[at] != "}":
        _, end = _SKIP.raw_decode(text, at)
        key = json.loads(text[at:end].encode("latin-1"))
        at = _SPACE.match(text, _SPACE.match(text, end).end() + 1).end()  # type: ignore[union-attr]
        _, end = _SKIP.raw_decode(text, at)
        if key == name:
            found = (at, end)
        at = _SPACE.match(text, end).end()  # type: ignore[union-attr]
        if text[at] == ",":
            at = _SPACE.match(text, at + 1).end()  # type: ignore[union-attr]
    return found


def _items(head: bytes, rest: Iterator[bytes], cutter: Cutter, rule: DocumentRule, names: tuple[str, ...]) -> Iterator[Block]:
    """The items of a list in a document too large to be held, piece by piece."""
    opened = _opening(head, names)
    if opened is None:
        yield from cutter.blocks(
            [start_of(head, rule.limit)], head, [0], {0: Fault("SYNTAX", f"no list {'/'.join(names)!r} begins in its first bytes")}
        )
        yield from map(cutter.skip, rest)
        return
    frame, at, buffer = head[:opened], opened, head
    for piece in chain(rest, (b"",)):
        buffer += piece
        found = _complete(buffer, at, last=not piece)
        if found.spans or found.end:
            stop = found.end or found.spans[-1][1]
            records = [buffer[low:high] for low, high in found.spans]
            faults = {index: too_large(rule.limit) for index, record in enumerate(records) if len(record) > rule.limit}
            yield from cutter.blocks(records, buffer[:stop], [low for low, _ in found.spans], faults)
            buffer, at = buffer[stop:], 0
        if found.broken or (len(buffer) > rule.limit and not found.end):
            fault = Fault("SYNTAX", f"{found.broken}; nothing after it is read") if found.broken else too_large(rule.limit)
            yield from _from_here(buffer, rest, cutter, rule, fault)
            return
        if found.end:
            yield from _closing(frame, buffer, rest, cutter, rule, names)
            return


def _from_here(buffer: bytes, rest: Iterator[bytes], cutter: Cutter, rule: DocumentRule, fault: Fault) -> Iterator[Block]:
    at = _GAP.match(buffer).end()  # type: ignore[union-attr]
    yield from cutter.blocks([start_of(buffer[at:], rule.limit)], buffer, [at], {0: fault})
    yield from map(cutter.skip, rest)


def _opening(head: bytes, names: tuple[str, ...]) -> int | None:
    """The position behind the bracket of the list that the names lead to."""
    text, at = head.decode("latin-1"), len(head) - len(head.lstrip())
    try:
        for name in names:
            if text[at] != "{":
                return None
            at = _value_of(text, at, name)
        return at + 1 if text[at] == "[" else None
    except _NO_JSON:
        return None


def _value_of(text: str, low: int, name: str) -> int:
    """Where the value of the first member of that name begins. Raises IndexError, JSONDecodeError where there is none."""
    at = low
    while text[at] in "{,":
        at = _SPACE.match(text, at + 1).end()  # type: ignore[union-attr]
        _, end = _SKIP.raw_decode(text, at)
        key = json.loads(text[at:end].encode("latin-1"))
        at = _SPACE.match(text, _SPACE.match(text, end).end() + 1).end()  # type: ignore[union-attr]
        if key == name:
            return at
        _, end = _SKIP.raw_decode(text, at)
        at = _SPACE.match(text, end).end()  # type: ignore[union-attr]
    raise IndexError(name)


@dataclass(frozen=True, slots=True)
class _Found:
    """Whole items in a buffer. `end`: behind the closing bracket, 0 where it is not there. `broken`: what is no JSON after them."""

    spans: Spans
    end: int = 0
    broken: str = ""


def _complete(buffer: bytes, at: int, *, last: bool) -> _Found:
    """The items in `buffer` from `at` on that end in it; `last`: nothing comes after it."""
    comma = len(buffer)
    for _ in range(0 if last else _CANDIDATES):
        comma = buffer.rfind(b",", at, comma)
        if comma <= at:
            break
        piece = b"[" + buffer[_GAP.match(buffer, at).end() : comma] + b"]"  # type: ignore[union-attr]
        try:
            _ITEMS.decode(piece)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            continue
        shift = _GAP.match(buffer, at).end() - 1  # type: ignore[union-attr]
        return _Found([(low + shift, high + shift) for low, high in _item_spans(piece, "", 0, len(piece))])
    return _one_by_one(buffer.decode("latin-1"), at, last=last)


def _one_by_one(text: str, at: int, *, last: bool) -> _Found:
    spans: Spans = []
    while True:
        at = _SPACE.match(text, at).end()  # type: ignore[union-attr]
        if text[at : at + 1] == "," and (spans or at == 0):
            at = _SPACE.match(text, at + 1).end()  # type: ignore[union-attr]
        elif text[at : at + 1] == "]":
            return _Found(spans, at + 1)
        try:
            _, end = _SKIP.raw_decode(text, at)
        except (json.JSONDecodeError, RecursionError) as error:
            sentence = error.msg.lower() if isinstance(error, json.JSONDecodeError) else "the nesting is too deep"
            open_string = sentence.startswith("unterminated")
            far = isinstance(error, RecursionError) or error.pos + 16 < len(text)
            return _Found(spans, broken=sentence if last or (far and not open_string) else "")
        after = _SPACE.match(text, end).end()  # type: ignore[union-attr]
        if text[after : after + 1] not in (",", "]"):
            # A number may go on in the next piece.
            ends = _NUMBER_REST.match(text, after).end() < len(text)  # type: ignore[union-attr]
            return _Found(spans, broken="expecting ',' delimiter" if last or ends else "")
        spans.append((at, end))
        at = end


def _closing(
    frame: bytes, buffer: bytes, rest: Iterator[bytes], cutter: Cutter, rule: DocumentRule, names: tuple[str, ...]
) -> Iterator[Block]:
    """What stands behind the list: with what stood before it must be JSON, and hold no other list of that name."""
    tail = _take(rest, buffer, rule.limit)
    try:
        value = msgspec.json.decode(frame + b"]" + tail)
        for name in names:
            value = value[name]
        fault = None if value == [] else Fault("SYNTAX", f"the list {'/'.join(names)!r} occurs twice")
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        fault = Fault("SYNTAX", f"what follows the list is no JSON: {str(error).lower()}")
    if fault is not None:
        yield from _from_here(tail, rest, cutter, rule, fault)
    elif tail:
        yield cutter.skip(tail)
