"""The protocol of the ledger as an explicit-state model: loaders, crashes, lost answers, zombie back ends; every state is visited.

Each loader runs the steps of `load/run.py` and `load/commit.py`. Beside the sound protocol there are wrong ones, which the model refutes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

# What a variant does wrong.
SELECT_ONLY = "asks whether the split is there, then writes without claiming it"
LEDGER_AFTER = "writes the ledger row in a transaction of its own, after the rows"
LEDGER_BEFORE = "writes the ledger row in a transaction of its own, before the rows"
PLAIN_READ = "answers a COMMIT in doubt by reading the ledger"
APPEND_BEFORE = "appends rejects to the file before COMMIT"
APPEND_AFTER = "appends rejects to the file after COMMIT"
EARLY_COMPLETE = "calls the load complete before the file is in place"
WRONG = (SELECT_ONLY, LEDGER_AFTER, LEDGER_BEFORE, PLAIN_READ, APPEND_BEFORE, APPEND_AFTER, EARLY_COMPLETE)


@dataclass(frozen=True)
class Open:
    """An open transaction of some back end: the split it writes, whether it holds the claim; its loader may be gone (a zombie)."""

    owner: int
    split: int
    claims: bool


@dataclass(frozen=True)
class Loader:
    """`step` is what it does next to `split`: begin, commit, mark, append, file, complete, done."""

    step: str = "begin"
    split: int = 0


@dataclass(frozen=True)
class State:
    """What is committed: the ledger, how often each split's rows and rejects are in, the rejects file (None: none), the head's state."""

    loaders: tuple[Loader, ...]
    open: frozenset[Open] = frozenset()
    ledger: frozenset[int] = frozenset()
    rows: tuple[int, ...] = ()
    file: tuple[int, ...] | None = None
    complete: bool = False
    crashes: int = 0
    cuts: int = 0


def put(state: State, number: int, loader: Loader, **changes: object) -> State:
    loaders = (*state.loaders[:number], loader, *state.loaders[number + 1 :])
    return replace(state, loaders=loaders, **changes)  # type: ignore[arg-type]  # fields by name


def appended(state: State, split: int) -> tuple[int, ...]:
    return tuple(sorted((*(state.file or ()), split)))


def next_states(state: State, splits: int, wrong: str) -> Iterator[State]:
    for number, loader in enumerate(state.loaders):
        yield from loader_steps(state, number, loader, splits, wrong)
        if state.crashes and loader.step != "done":
            # The process dies; its back end may have a COMMIT under way, or be rolled back.
            left = frozenset(replace(item, owner=-1) if item.owner == number else item for item in state.open)
            yield put(state, number, Loader(), open=left, crashes=state.crashes - 1)
    for item in state.open:
        mine = any(loader.step == "commit" and loader.split == item.split for loader in state.loaders[item.owner : item.owner + 1])
        if not mine:
            yield replace(state, open=state.open - {item})
            yield committed(state, item, wrong)


def committed(state: State, item: Open, wrong: str) -> State:
    """The transaction in: its rows, and its ledger row where it holds one."""
    rows = tuple(count + (index == item.split) for index, count in enumerate(state.rows))
    ledger = state.ledger | {item.split} if item.claims else state.ledger
    return replace(state, open=state.open - {item}, rows=rows, ledger=ledger)


def loader_steps(state: State, number: int, loader: Loader, splits: int, wrong: str) -> Iterator[State]:
    if loader.step == "begin":
        yield from begin(state, number, loader, splits, wrong)
    elif loader.step == "commit":
        yield from commit(state, number, loader, wrong)
    elif loader.step == "mark":
        yield put(state, number, replace(loader, step="begin", split=loader.split + 1), ledger=state.ledger | {loader.split})
    elif loader.step == "append":
        yield put(state, number, replace(loader, step="begin", split=loader.split + 1), file=appended(state, loader.split))
    elif loader.step == "file":
        # Written whole from the table, then renamed.
        table = tuple(index for index, count in enumerate(state.rows) for _ in range(count))
        yield put(state, number, replace(loader, step="done" if wrong == EARLY_COMPLETE else "complete"), file=table)
    elif loader.step == "complete":
        yield put(state, number, replace(loader, step="file" if wrong == EARLY_COMPLETE else "done"), complete=True)


def begin(state: State, number: int, loader: Loader, splits: int, wrong: str) -> Iterator[State]:
    split = loader.split
    if state.complete and split == 0:
        yield put(state, number, replace(loader, step="done"))
        return
    if split == splits:
        by_append = wrong in (APPEND_BEFORE, APPEND_AFTER)
        yield put(state, number, replace(loader, step="complete" if by_append or wrong == EARLY_COMPLETE else "file"))
        return
    if split in state.ledger:
        yield put(state, number, replace(loader, split=split + 1))
        return
    claims = wrong not in (SELECT_ONLY, LEDGER_AFTER, LEDGER_BEFORE)
    if claims and any(item.claims and item.split == split for item in state.open):
        return  # Waits for the other transaction to end.
    file = appended(state, split) if wrong == APPEND_BEFORE else state.file
    ledger = state.ledger | {split} if wrong == LEDGER_BEFORE else state.ledger
    started = Open(number, split, claims or wrong == SELECT_ONLY)
    if started in state.open:
        return
    yield put(state, number, replace(loader, step="commit"), open=state.open | {started}, file=file, ledger=ledger)


def commit(state: State, number: int, loader: Loader, wrong: str) -> Iterator[State]:
    mine = next((item for item in state.open if item.owner == number and item.split == loader.split), None)
    if mine is None:
        yield put(state, number, replace(loader, step="begin"))
        return
    after = {LEDGER_AFTER: "mark", APPEND_AFTER: "append"}.get(wrong, "begin")
    following = loader.split if after != "begin" else loader.split + 1
    yield put(committed(state, mine, wrong), number, Loader(after, following))
    if state.cuts:
        # The answer is lost. The back end goes on by itself: it may commit later, or never.
        retry = replace(loader, step="begin")
        if wrong == PLAIN_READ:
            # Not in the ledger now, so "it did not commit": written again under no claim that would wait.
            again = put(state, number, replace(loader, step="commit"), cuts=state.cuts - 1)
            zombie = replace(mine, owner=-1)
            yield replace(again, open=(state.open - {mine}) | {zombie, replace(mine, claims=False)})
        else:
            yield put(state, number, retry, open=(state.open - {mine}) | {replace(mine, owner=-1)}, cuts=state.cuts - 1)


def fault(state: State, splits: int) -> str:
    """What is wrong with a state; "" where nothing is."""
    if any(count > 1 for count in state.rows):
        return "a split is in twice"
    if any(index in state.ledger and count == 0 for index, count in enumerate(state.rows)) and not state.open:
        return "the ledger names a split that is not in"
    if state.complete and state.file != tuple(range(splits)):
        return "the load is complete and its file is not the rejects of all splits"
    if all(loader.step == "done" for loader in state.loaders) and not state.open:
        if state.rows != (1,) * splits:
            return "all loaders are done and not every split is in once"
        if state.file != tuple(range(splits)):
            return "all loaders are done and the file is not right"
    return ""


def search(loaders: int, splits: int, crashes: int, cuts: int, wrong: str = "") -> tuple[int, str]:
    """The number of states, and the first fault with the number of steps to it."""
    start = State((Loader(),) * loaders, rows=(0,) * splits, crashes=crashes, cuts=cuts)
    seen = {start}
    queue = deque([(start, 0)])
    while queue:
        state, depth = queue.popleft()
        found = fault(state, splits)
        if found:
            return len(seen), f"{found} (after {depth} steps)"
        for following in next_states(state, splits, wrong):
            if following not in seen:
                seen.add(following)
                queue.append((following, depth + 1))
    return len(seen), ""


@pytest.mark.parametrize(("loaders", "splits", "crashes", "cuts"), [(1, 4, 3, 3), (2, 3, 3, 2), (3, 2, 2, 2)])
def test_every_split_is_in_once_whatever_happens(loaders: int, splits: int, crashes: int, cuts: int) -> None:
    states, found = search(loaders, splits, crashes, cuts)
    assert found == ""
    assert states > 400


@pytest.mark.parametrize("wrong", WRONG)
def test_model_refutes_a_protocol_that(wrong: str) -> None:
    _, found = search(2, 2, 2, 1, wrong)
    assert found != ""
