"""Source in other styles than dataclasses: pydantic, msgspec and TypedDict, written by datamodel-code-generator."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator
from decimal import Decimal
from pathlib import PurePath
from typing import Any, Literal

from schemagen.document.bundle import bundle
from schemagen.document.drafts import DATA, NAMED
from schemagen.document.node import Document
from schemagen.errors import SchemagenError, missing_extra, printable
from schemagen.jsontext import JsonType, as_object
from schemagen.names import class_name, is_name_like

Style = Literal["pydantic", "msgspec", "typeddict"]

_MODELS = {"pydantic": "pydantic_v2.BaseModel", "msgspec": "msgspec.Struct", "typeddict": "typing.TypedDict"}

# What that program fails with, besides its own Error, on documents that it was not made for.
_FAILURES = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, RuntimeError, TypeError, ValueError)

_MODULES = frozenset({
    "__future__", "collections.abc", "datetime", "decimal", "enum", "ipaddress", "msgspec", "pathlib", "pydantic", "typing",
    "typing_extensions", "uuid",
})  # fmt: skip
_TYPES = frozenset({"bool", "bytes", "dict", "float", "int", "list", "object", "set", "str", "tuple", "type"})
_FORMS = (
    ast.Module, ast.ImportFrom, ast.alias, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.Expr, ast.Pass, ast.Name, ast.Attribute,
    ast.Constant, ast.Subscript, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.Call, ast.keyword, ast.BinOp, ast.BitOr, ast.UnaryOp,
    ast.USub, ast.Lambda, ast.arguments, ast.Load, ast.Store, ast.TypeAlias if hasattr(ast, "TypeAlias") else ast.Pass,
)  # fmt: skip
_JSON_TYPES: dict[type, str] = {
    str: "string", int: "integer", float: "number", Decimal: "number", bool: "boolean", list: "array", dict: "object", type(None): "null",
}  # fmt: skip
_UNFIT_NAME = re.compile(r'[\\"\x00-\x1f]')
_METHODS = frozenset({"model_rebuild", "model_validate"})


def emit_style(document: Document, style: Style) -> str:
    """Python source of a document's schemas in another style. Raises BAD_REF, MISSING_EXTRA; UNSUPPORTED for what the writer cannot do."""
    try:
        from datamodel_code_generator import Error, generate
        from datamodel_code_generator.enums import DataModelType, InputFileType
        from datamodel_code_generator.format import Formatter, PythonVersion
    except ImportError as error:
        raise missing_extra("datamodel-code-generator", "styles") from error
    value = _harmless(bundle(document), style)
    if style == "msgspec" and (unfit := [name for name in _property_names(value) if _UNFIT_NAME.search(name)]):
        raise _unsupported(document, style, f"msgspec takes no property called {unfit[0]!r}")
    has_root = any(keyword not in ("$schema", "$defs", "title", "description") for keyword in value)
    name = printable(PurePath(document.source).name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text = generate(
                json.dumps(value, ensure_ascii=True, default=float),
                input_file_type=InputFileType.JsonSchema,
                output_model_type=DataModelType(_MODELS[style]),
                target_python_version=PythonVersion.PY_311,
                class_name=_root_name(value, document),
                custom_file_header=f"# made by schemagen from {name}; do not edit",
                disable_timestamp=True,
                allow_remote_refs=False,
                formatters=[Formatter.BUILTIN],
                skip_root_model=not has_root,
                use_annotated=True,
                use_closed_typed_dict=False,
                use_field_description=True,
                use_schema_description=True,
            )
    except (Error, *_FAILURES) as error:
        reason = str(error).splitlines()[0] if str(error).strip() else type(error).__name__
        raise _unsupported(document, style, reason[:200]) from error
    if not isinstance(text, str):
        raise _unsupported(document, style, "there is no schema that makes a class")
    _check(text, document, style)
    return text.rstrip("\n") + "\n"


def _unsupported(document: Document, style: Style, reason: str) -> SchemagenError:
    sentence = f"cannot be written in style {style}: {reason}; the style dataclass takes any schema"
    return SchemagenError("UNSUPPORTED", document.source, sentence)


def _root_name(value: JsonType, document: Document) -> str:
    title = as_object(value).get("title")
    return class_name(title if isinstance(title, str) and is_name_like(title) else PurePath(document.source).name.partition(".")[0])


def _harmless(schema: JsonType, style: Style) -> Any:
    """The schema without what its source could choke on: control characters in texts, regular expressions that the engine refuses."""
    if isinstance(schema, list):
        return [_harmless(item, style) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found: dict[str, Any] = {}
    for keyword, held in schema.items():
        if keyword in ("title", "description") and isinstance(held, str):
            found[keyword] = "\n".join(printable(line) for line in held.split("\n"))
        elif keyword in ("patternProperties", "propertyNames") or (
            keyword == "pattern" and not (style == "pydantic" and isinstance(held, str) and _is_portable(held))
        ):
            continue
        elif keyword == "format" and held in ("email", "idn-email"):
            # pydantic's EmailStr needs a library of its own, and a format is not asserted.
            continue
        elif keyword in NAMED and isinstance(held, dict):
            found[keyword] = {name: _harmless(item, style) for name, item in held.items()}
        else:
            found[keyword] = held if keyword in DATA else _harmless(held, style)
    by_pattern = schema.get("patternProperties")
    if isinstance(by_pattern, dict) and by_pattern and schema.get("additionalProperties") is False:
        # Which of the patterns a name matches no annotation says.
        options = [_harmless(item, style) for item in by_pattern.values()]
        found["additionalProperties"] = options[0] if len(options) == 1 else {"anyOf": options}
    return _with_plain_enum(found, style)


def _with_plain_enum(schema: dict[str, Any], style: Style) -> dict[str, Any]:
    """null taken out of an enumeration, and for msgspec, whose enumerations are of text or of integers, other ones as their types."""
    values = schema.get("enum")
    if not isinstance(values, list) or not values:
        return schema
    plain = [value for value in values if value is not None]
    kinds = {type(value) for value in plain}
    if not plain or (style == "msgspec" and kinds - {str} and kinds - {int}):
        types = {_JSON_TYPES[type(value)]: None for value in values}
        return {name: held for name, held in schema.items() if name not in ("enum", "type")} | {"type": list(types)}
    if len(plain) == len(values) or "anyOf" in schema:
        return schema
    inner = {"enum": plain} | ({"type": _JSON_TYPES[kinds.pop()]} if len(kinds) == 1 else {})
    rest = {name: held for name, held in schema.items() if name not in ("enum", "type")}
    return rest | {"anyOf": [inner, {"type": "null"}]}


def _property_names(schema: JsonType) -> Iterator[str]:
    """The names of all properties, nested ones too; keywords inside data are taken for schemas, which does no harm."""
    if isinstance(schema, list):
        for item in schema:
            yield from _property_names(item)
    elif isinstance(schema, dict):
        properties = schema.get("properties")
        yield from properties if isinstance(properties, dict) else ()
        for item in schema.values():
            yield from _property_names(item)


def _is_portable(pattern: str) -> bool:
    """Whether pydantic's own engine takes a regular expression. Python's would, too, but needs exponential time for some."""
    from pydantic_core import SchemaError, SchemaValidator, core_schema

    try:
        SchemaValidator(core_schema.str_schema(pattern=pattern))
    except SchemaError:
        return False
    return True


def _check(text: str, document: Document, style: Style) -> None:
    """Raises UNSUPPORTED where the source holds a form that no model needs: such writers have let schemas become code before."""
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise _unsupported(document, style, f"line {error.lineno} of the source would be no Python") from error
    known = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    known |= {alias.asname or alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    for node in ast.walk(tree):
        if not isinstance(node, _FORMS) or not _is_expected(node, known):
            raise _unsupported(document, style, f"line {getattr(node, 'lineno', 0)} of the source would hold more than models")


def _is_expected(node: ast.AST, known: set[str]) -> bool:
    match node:
        case ast.ImportFrom(module="builtins", names=names):
            return all(alias.name in _TYPES for alias in names)
        case ast.ImportFrom(module=module):
            return module in _MODULES
        case ast.Lambda(args=arguments):
            return not ast.unparse(arguments)
        case ast.Call(func=ast.Name(id=name)):
            return name in known
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in _METHODS
        case ast.Call():
            return False
    return True
