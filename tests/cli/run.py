"""Runs the console script as a person would, in a process of its own."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path


def schemagen(
    *arguments: object, cwd: Path | None = None, stdin: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """The finished process; `environment` is added to this one's."""
    command = [sys.executable, "-m", "schemagen.cli.main", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, input=stdin, capture_output=True, text=True, timeout=120, env={**os.environ, "COLUMNS": "200", **environment}
    )


def shell(script: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A line of bash, in which `schemagen` is the console script; the exit code is that of the last one that failed."""
    command = shlex.join([sys.executable, "-m", "schemagen.cli.main"])
    script = f'set -o pipefail; schemagen() {{ {command} "$@"; }}; {script}'
    return subprocess.run(["bash", "-c", script], cwd=cwd, capture_output=True, text=True, timeout=120)


def refused(done: subprocess.CompletedProcess[str], kind: str) -> str:
    """The one line of a command that was not done: exit code 2, nothing on standard output, no traceback."""
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith(f"{kind}: "), lines[0]
    return lines[0]
