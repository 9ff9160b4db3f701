"""Progress of a load, on standard error and only on a terminal: bytes, rows, rejects, speed, and what takes the time."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from schemagen.load.run import Progress


@contextmanager
def progress_bar() -> Iterator[Callable[[Progress], None] | None]:
    """What the loader calls to show how far it is: a bar that goes away when the load ends, or None where nobody would see it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich import progress as bars
    from rich.console import Console

    columns = (
        bars.TextColumn("{task.fields[stage]:9}", markup=False),
        bars.BarColumn(),
        bars.DownloadColumn(),
        bars.TransferSpeedColumn(),
        bars.TextColumn("{task.fields[rows]:,} rows, {task.fields[speed]:,.0f}/s, {task.fields[rejected]:,} rejected", markup=False),
    )
    with bars.Progress(*columns, console=Console(stderr=True), transient=True, refresh_per_second=4) as bar:
        task = bar.add_task("load", total=None, stage="reading", rows=0, rejected=0, speed=0.0)

        def update(progress: Progress) -> None:
            elapsed = bar.tasks[0].elapsed
            bar.update(
                task,
                total=progress.bytes_total or None,
                completed=progress.bytes_read,
                stage=progress.stage,
                rows=progress.rows,
                rejected=progress.rejected,
                speed=progress.rows / elapsed if elapsed else 0.0,
            )

        yield update
