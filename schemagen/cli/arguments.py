"""Command-line arguments made from the option table, and what a command gets of them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import click

from schemagen.cli.config import Config, SourceTable, read_config, set_option
from schemagen.cli.files import keep_inputs
from schemagen.errors import SchemagenError
from schemagen.options import BY_NAME, OPTIONS, Options, default_of

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Arguments:
    """What all commands share: the options in force, the schemas (from the command line or the sources), and how much to say."""

    options: Options
    sources: tuple[SourceTable, ...]
    diagnostics: bool
    debug: bool

    @property
    def schemas(self) -> tuple[str, ...]:
        return tuple(schema for source in self.sources for schema in source.schemas)


def _help_of(name: str) -> str:
    option = BY_NAME[name]
    default = default_of(option)
    shown = "" if default in ((), {}, "", False, None) else f" [default: {default}]"
    return f"{option.help}{' (repeatable)' if option.many else ''}{shown}"


def _finer_help() -> str:
    return "a finer option: " + ", ".join(option.name for option in OPTIONS if not option.flag)


def with_options(command: F) -> F:
    """Adds every option that has a flag, --set, --config, --diagnostics and --debug; the command gets `arguments` in their place.

    It is called where no file that it writes is one that it reads.
    """

    @functools.wraps(command)
    def wrapper(**values: Any) -> Any:
        given = {option.name: values.pop(_parameter(option.name)) for option in OPTIONS if option.flag}
        finer = values.pop("finer")
        diagnostics, debug = values.pop("diagnostics"), values.pop("debug")
        config = read_config(values.pop("config"))
        schemas = values.pop("schemas") if "schemas" in values else values.pop("schema_argument")
        arguments = _arguments(given, finer, config, schemas, diagnostics, debug)
        keep_inputs(values, arguments.sources, config)
        return command(arguments=arguments, **values)

    decorated: Any = wrapper
    decorators = [_flag(option.name) for option in OPTIONS if option.flag]
    decorators += [
        click.option("--set", "finer", multiple=True, metavar="NAME=VALUE", help=_finer_help()),
        click.option("--config", metavar="FILE", help="a configuration file, instead of schemagen.toml or pyproject.toml here"),
        click.option("--diagnostics", is_flag=True, help="list each place that is stored less exactly than the schema says"),
        click.option("--debug", is_flag=True, help="show tracebacks"),
    ]
    for decorate in reversed(decorators):
        decorated = decorate(decorated)
    return decorated  # type: ignore[no-any-return]  # click's decorators keep the callable's kind


def _flag(name: str) -> Callable[[Any], Any]:
    option = BY_NAME[name]
    if option.metavar == "":
        return click.option(f"--{name}", _parameter(name), is_flag=True, help=_help_of(name))
    return click.option(f"--{name}", _parameter(name), multiple=option.many, metavar=option.metavar, help=_help_of(name))


def _parameter(name: str) -> str:
    return "option_" + name.replace("-", "_")


def _arguments(given: dict[str, Any], finer: Sequence[str], config: Config, schemas: Any, diagnostics: bool, debug: bool) -> Arguments:
    texts = _texts(given, finer)
    options = _set_all(config.options, texts)
    if schemas:
        named = (schemas,) if isinstance(schemas, str) else tuple(schemas)
        return Arguments(options, (SourceTable(named, None, options),), diagnostics, debug)
    sources = tuple(replace(source, options=_set_all(source.options, texts)) for source in config.sources)
    if not sources:
        raise SchemagenError("USAGE", "SCHEMA", "is missing: name a schema file, or add [[source]] tables to schemagen.toml")
    return Arguments(options, sources, diagnostics, debug)


def _texts(given: dict[str, Any], finer: Sequence[str]) -> dict[str, list[str]]:
    """Option texts by name; `--set` takes the finer ones only."""
    texts: dict[str, list[str]] = {}
    for name, value in given.items():
        if value in (None, False, ()):
            continue
        texts[name] = ["true"] if value is True else [value] if isinstance(value, str) else list(value)
    for pair in finer:
        name, separator, value = pair.partition("=")
        if name not in BY_NAME:
            close = _closest(name)
            raise SchemagenError("USAGE", f"--set {name}", f"there is no such option{f'; did you mean {close}?' if close else ''}")
        if BY_NAME[name].flag:
            raise SchemagenError("USAGE", f"--set {name}", f"this option has a flag of its own: --{name}")
        if not separator and BY_NAME[name].metavar:
            raise SchemagenError("USAGE", f"--set {name}", f"needs a value: --set {name}={BY_NAME[name].metavar}")
        texts.setdefault(name, []).append(value if separator else "true")
    return texts


def _closest(name: str) -> str | None:
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, list(BY_NAME), 1)), None)


def _set_all(options: Options, texts: dict[str, list[str]]) -> Options:
    for name, values in texts.items():
        options = _without(options, name)
        options = set_option(options, name, values, f"--{name}" if BY_NAME[name].flag else f"--set {name}")
    return options


def _without(options: Options, name: str) -> Options:
    """The command line wins: an option that repeats starts anew."""
    option = BY_NAME[name]
    if not option.many or option.attribute in ("enum_mode", "struct_mode", "array_mode"):
        return options
    owner = getattr(options, option.owner)
    empty: Any = {} if option.attribute == "keys" else ()
    return replace(options, **{option.owner: replace(owner, **{option.attribute: empty})})
