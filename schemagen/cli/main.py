"""The console script: the commands, and the one place where an exception becomes a line and an exit code."""

from __future__ import annotations

import errno
import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from importlib import import_module

import click

from schemagen.errors import SchemagenError, printable

EXIT_NOT_DONE = 2
# What a write may end in; where the error names no file it was one to standard output, because every other file is named.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
# Each is a module of this folder with a function of the same name.
COMMANDS = ("generate", "ddl", "plan", "apply", "check", "load", "dump", "inspect")


class _Commands(click.Group):
    """Commands whose modules are imported when they are asked for: `generate` needs no database driver."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"schemagen.cli.{cmd_name}"), cmd_name)
        return command


@click.group(cls=_Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="schemagen", message="schemagen %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """JSON Schema to dataclasses to tables, and records into those tables, validated and exactly once.

    \b
    Example:
      schemagen load order.json orders.jsonl --key id --to duckdb:///shop.duckdb
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command and ends the process: 0 done, 1 done but changes or rejects were found, 2 not done."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    if not debug:
        warnings.simplefilter("ignore")
    if sys.stdout is None:
        sys.exit(_failed("SYSTEM: standard output: is closed; leave it open, or send it to /dev/null", debug=False))
    sys.exit(_run(given, debug))


def _run(given: list[str], debug: bool) -> int:
    try:
        code = cli.main(args=given, prog_name="schemagen", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except SchemagenError as error:
        return _failed(str(error), debug)
    except click.ClickException as error:
        return _failed(f"USAGE: {_place(error)}{_sentence(error.format_message())}", debug)
    except (click.Abort, KeyboardInterrupt):
        return _failed("INTERRUPTED: nothing was left half done; the same command goes on from here", debug)
    except BrokenPipeError:
        # The reader of our output is gone: nobody is left to tell. Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_NOT_DONE
    except OSError as error:
        return _failed(f"SYSTEM: {_file_of(error)}{printable(error.strerror or str(error)).lower()}", debug)
    except Exception as error:  # noqa: BLE001  # the outermost: no user sees a traceback unasked
        return _failed(f"INTERNAL: {type(error).__name__}: {printable(str(error), 400)} (a defect; --debug shows where)", debug)


def _file_of(error: OSError) -> str:
    name = error.filename or ("standard output" if error.errno in _NO_ROOM else "")
    return f"{printable(str(name))}: " if name else ""


def _place(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"{context.info_name}: " if context is not None and context.info_name != "schemagen" else ""


def _sentence(text: str) -> str:
    text = " ".join(text.split()).rstrip(".")
    return printable(text[:1].lower() + text[1:])


def _failed(line: str, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    print(line, file=sys.stderr)
    return EXIT_NOT_DONE


if __name__ == "__main__":
    main()
