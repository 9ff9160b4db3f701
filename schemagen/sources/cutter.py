"""Splits, the unit of commit: a record belongs to the one in whose range of bytes it begins. Numbers records, hashes bytes."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from schemagen.sources.block import Block, Fault


def _hash(state: hashlib._Hash, raw: bytes) -> str:
    state.update(raw)
    return state.hexdigest()


class Cutter:
    """Numbers records and hashes bytes, split by split, for one file. `close` ends its thread, which is made with the first block.

    The thread is the file's: one of the module would not live on in a process that is forked.
    """

    def __init__(self, split_bytes: int) -> None:
        self.split_bytes = split_bytes
        self.offset = 0
        self.line = 1
        self._split = 0
        self._seq = 0
        self._digest = hashlib.sha256()
        self._hasher: ThreadPoolExecutor | None = None

    def close(self) -> None:
        """Lets the thread end, once it has hashed what it was given."""
        if self._hasher is not None:
            self._hasher.shutdown(wait=False)

    def boundary(self) -> int:
        """The offset at which the split of the next byte ends."""
        return (self.offset // self.split_bytes + 1) * self.split_bytes

    def lines(
        self, records: Sequence[bytes], raw: bytes, starts: Sequence[int] | None = None, faults: dict[int, Fault] | None = None
    ) -> Block:
        """The next bytes as one block of the split in which they begin; no line in them begins at `boundary` or after it."""
        self._enter(self.offset // self.split_bytes)
        return self._block(records, raw, starts, faults or {})

    def blocks(
        self, records: Sequence[bytes], raw: bytes, starts: Sequence[int], faults: dict[int, Fault] | None = None
    ) -> Iterator[Block]:
        """The next bytes as one block for each split in which records begin; what stands between two records belongs to the first."""
        faults, done, cut, origin = faults or {}, 0, 0, self.offset
        if not starts or (starts[0] and (origin + starts[0]) // self.split_bytes != self._split):
            cut = starts[0] if starts else len(raw)
            yield self._block([], raw[:cut], [], {})
        while done < len(starts):
            split = (origin + starts[done]) // self.split_bytes
            end = bisect_left(starts, (split + 1) * self.split_bytes - origin, done)
            stop = starts[end] if end < len(starts) else len(raw)
            part = {index - done: fault for index, fault in faults.items() if done <= index < end}
            self._enter(split)
            yield self._block(records[done:end], raw[cut:stop], [at - cut for at in starts[done:end]], part)
            done, cut = end, stop

    def skip(self, raw: bytes) -> Block:
        """Bytes of a record that is not kept: they count for the hash of the present split."""
        return replace(self._block([], raw, [], {}), raw=b"")

    def _block(self, records: Sequence[bytes], raw: bytes, starts: Sequence[int] | None, faults: dict[int, Fault]) -> Block:
        if self._hasher is None:
            # One thread, so that blocks are hashed in their order; hashing holds no lock of Python's.
            self._hasher = ThreadPoolExecutor(1, thread_name_prefix="hash")
        hashed = self._hasher.submit(_hash, self._digest, raw).result
        block = Block(self._split, self._seq, records, raw, self.offset, self.line, starts, faults, hashed, len(raw))
        self._seq += len(records)
        self.offset += len(raw)
        self.line += len(records) if block.apart else raw.count(b"\n")
        return block

    def _enter(self, split: int) -> None:
        if split != self._split:
            self._split, self._seq, self._digest = split, 0, hashlib.sha256()
