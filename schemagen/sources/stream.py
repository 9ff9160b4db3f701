"""A source as a stream of UTF-8 bytes: decompressed by its magic bytes, verified to the end, transcoded, without byte order mark."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from typing import BinaryIO, cast

from schemagen.errors import SchemagenError
from schemagen.options import LoadOptions
from schemagen.sources.source import Source, unreadable

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class Stream:
    """The content of a source in pieces of about `size` bytes, read once.

    `consumed` is how far the stored file was read, for progress. Raises SchemagenError BAD_FILE for a truncated or corrupt file.
    """

    def __init__(self, source: Source, options: LoadOptions, size: int) -> None:
        self._source = source
        self._options = options
        self._size = size
        self.consumed = 0

    def __iter__(self) -> Iterator[bytes]:
        pieces = self._plain()
        if codecs.lookup(self._options.encoding).name != "utf-8":
            pieces = self._transcoded(pieces)
        yield from self._unmarked(pieces)

    def _plain(self) -> Iterator[bytes]:
        with self._source.open() as file:
            seekable = file.seekable()
            head = self._read(file, 4)
            if head.startswith(_ZSTD):
                raise self._bad("is compressed with zstandard, which is not supported; decompress it first")
            again = cast(BinaryIO, _Again(head, file))
            reader = cast(BinaryIO, gzip.GzipFile(fileobj=again, mode="rb")) if head.startswith(_GZIP) else file
            total, piece = 0, b"" if head.startswith(_GZIP) else head
            while piece := piece + self._read(reader, self._size):
                total += len(piece)
                self.consumed = file.tell() if seekable else total
                if reader is not file and 0 < self._options.max_bytes < total:
                    raise self._bad(f"holds more than {self._options.max_bytes} bytes when decompressed (max-bytes)")
                yield piece
                piece = b""

    def _read(self, file: BinaryIO, size: int) -> bytes:
        try:
            return file.read(size)
        except EOFError as error:
            raise self._bad("the compressed data end too early: the file is truncated") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise self._bad(f"the compressed data are corrupt: {error}") from error
        except OSError as error:
            raise unreadable(self._source.name, error) from error

    def _transcoded(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        decoder = codecs.getincrementaldecoder(self._options.encoding)()
        try:
            for piece in pieces:
                yield decoder.decode(piece).encode()
            yield decoder.decode(b"", final=True).encode()
        except UnicodeError as error:
            raise self._bad(f"is not {self._options.encoding}: {error}") from error

    def _unmarked(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        head = b""
        for piece in pieces:
            head += piece
            if len(head) < 4:
                continue
            break
        for mark, encoding in _MARKS.items():
            if head.startswith(mark):
                raise self._bad(f"begins with the byte order mark of {encoding}; add --set encoding={encoding}")
        head = head.removeprefix(codecs.BOM_UTF8)
        if head:
            yield head
        yield from (piece for piece in pieces if piece)

    def _bad(self, sentence: str) -> SchemagenError:
        return SchemagenError("BAD_FILE", self._source.name, sentence)


class _Again:
    """A file whose first bytes, read already, are read again; what GzipFile needs of one that cannot seek."""

    def __init__(self, head: bytes, file: BinaryIO) -> None:
        self._head = head
        self._file = file

    def read(self, size: int = -1) -> bytes:
        if self._head:
            piece, self._head = (self._head, b"") if size < 0 else (self._head[:size], self._head[size:])
            return piece
        return self._file.read(size)
