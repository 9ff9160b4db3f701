"""Entities: which schemas of the documents become tables, what they are called, and where one record stands."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from schemagen.document.node import Document, Node
from schemagen.errors import Problem, SchemagenError
from schemagen.jsontext import JsonType, pointer_of, tokens
from schemagen.names import class_name, is_own, snake_case, table_name
from schemagen.options import SchemaOptions
from schemagen.shape.admitted import Extents
from schemagen.shape.combine import widen_objects
from schemagen.shape.extent import Extent, Objects
from schemagen.shape.naming import definition_name, last_property, stem, title_of
from schemagen.shape.shapes import Shapes
from schemagen.shape.strings import is_openapi
from schemagen.shape.terms import Leaf, leaf


@dataclass(frozen=True, slots=True)
class Entity:
    """A schema whose values are records of one table. `node` is where it stands, `target` what its `$ref` leads to.

    `name` becomes the class's name, `table` the table's. `asked`: it was named by an option, or is the root of its document.
    """

    node: Node
    target: Node
    objects: Objects
    admits_other: bool
    name: str
    table: str
    asked: bool = True

    @property
    def key(self) -> str:
        assert self.objects.owner is not None
        return self.objects.owner.key

    @property
    def pointer(self) -> str:
        return f"#{self.node.pointer}"

    @property
    def known_as(self) -> frozenset[str]:
        return names_of(self.node, self.name, self.table)


def choose(documents: Sequence[Document], extents: Extents, options: SchemaOptions) -> tuple[Entity, ...]:
    """The entities, in the order they were asked for; of an OpenAPI document, without `--entity`, every component that admits objects.

    Raises UNKNOWN_ENTITY, ROOT_NOT_TABULAR, NEVER.
    """
    chosen: dict[str, Entity] = {}
    if options.entities:
        for name in options.entities:
            entity = make_entity(find_schema(documents, name, extents, options), extents, options)
            chosen.setdefault(entity.key, entity)
        return tuple(chosen.values())
    for document in documents:
        nodes = components(document) if is_openapi(document.root) else [document.root]
        for node in nodes:
            if is_openapi(node) and not _is_one_object(extents.of(leaf(node))):
                continue
            entity = make_entity(node, extents, options)
            chosen.setdefault(entity.key, replace(entity, asked=not is_openapi(node)))
    return tuple(chosen.values())


def _is_one_object(extent: Extent) -> bool:
    """True for a component that makes a class: an object with properties, beside no other type."""
    return len(extent.objects) == 1 and bool(extent.objects[0].properties) and extent.types <= {"object", "null"}


def make_entity(node: Node, extents: Extents, options: SchemaOptions) -> Entity:
    """The entity of a schema, or of its items where it admits lists only. Raises ROOT_NOT_TABULAR, NEVER."""
    extent = extents.of(leaf(node))
    outer = node
    if extent.arrays is not None and extent.types <= {"array", "null"}:
        items = extent.arrays.items
        if not isinstance(items, Leaf):
            raise not_tabular(outer, extents, "its items have no schema of their own")
        if items.node.document is not node.document:
            raise not_tabular(outer, extents, f"its items are described in {items.node.document.source}; give that file as the schema")
        node, extent = items.node, extents.of(items)
    if not extent.types:
        raise SchemagenError("NEVER", node.location, "admits no value at all: its parts contradict one another")
    if not any(item.properties for item in extent.objects):
        raise not_tabular(outer, extents, _what_it_is(extent))
    objects = widen_objects(extent.objects)
    if objects.owner is None:
        objects = replace(objects, owner=Leaf(f"one of {node.document.uri}#{node.pointer}", node))
    target = extents.target(node)
    name = entity_name(node, target)
    given = renamed(node, options)
    stated = _stated_table(node) or _stated_table(target)
    table = given or table_name(stated or name, options.names)
    return Entity(node, target, objects, bool(extent.types - {"object"}), given or name, table)


def _what_it_is(extent: Extent) -> str:
    if not extent.objects:
        return "its values are no objects"
    return "it names no properties, so that there are no columns" if extent.types != {"object"} else "it is a map, of any property names"


def not_tabular(node: Node, extents: Extents, why: str) -> SchemagenError:
    """The error for a schema that makes no table, with the parts of the document that would."""
    offers = [f"--entity '{name}'" for name in _tabular_parts(node, extents)]
    hint = f"; a part of it makes one: {', '.join(offers[:3])}" if offers else ""
    return SchemagenError("ROOT_NOT_TABULAR", node.location, f"makes no table: {why}{hint}")


def _tabular_parts(node: Node, extents: Extents) -> Iterator[str]:
    """Lists of objects among the properties, then definitions."""
    for child in [*list_items(node, extents), *components(node.document)]:
        if any(item.properties for item in extents.of(leaf(child)).objects):
            yield f"#{child.pointer}"


def list_items(node: Node, extents: Extents) -> Iterator[Node]:
    """The items of the lists that a schema's own properties hold, where these stand literally below it."""
    schema = node.schema
    table = schema.get("properties") if isinstance(schema, Mapping) else None
    for name in table if isinstance(table, Mapping) else ():
        child = node.document.registry.child(node, "properties", name)
        if isinstance(child.schema, Mapping) and isinstance(child.schema.get("items"), Mapping):
            yield node.document.registry.child(child, "items")


def components(document: Document) -> Iterator[Node]:
    """The definitions of a document, or the component schemas of an OpenAPI document."""
    paths = [("components", "schemas")] if document.draft.startswith("openapi") else [("definitions",), ("$defs",)]
    for path in paths:
        value: JsonType = document.value
        for token in path:
            value = value.get(token) if isinstance(value, Mapping) else None
        for name, schema in value.items() if isinstance(value, Mapping) else ():
            if isinstance(schema, Mapping | bool):
                yield document.registry.node(document, pointer_of(*path, name))


# Names


def entity_name(node: Node, target: Node) -> str:
    """What an entity is called: its definition's name, a title that is a word, Iglu's `self`, the property it stands in, or the file."""
    for place in (node, target):
        found = definition_name(place) or title_of(place) or _iglu_name(place)
        if found:
            return found
    return last_property(node) or stem(node.document)


def _stated_table(node: Node) -> str | None:
    schema = node.schema if isinstance(node.schema, Mapping) else {}
    return next((name for word in ("x-tablename", "x-table") if isinstance(name := schema.get(word), str) and name), None)


def _iglu_name(node: Node) -> str | None:
    """`vendor_name_MODEL` of an Iglu schema's envelope."""
    match node.schema:
        case {"self": {"vendor": str(vendor), "name": str(name), "version": str(version)}}:
            return re.sub(r"\W", "_", f"{snake_case(vendor)}_{snake_case(name)}_{version.partition('-')[0]}")
    return None


def split_rename(text: str) -> tuple[str, str]:
    """`POINTER=NAME` of an option, at its last `=`."""
    pointer, _, name = text.rpartition("=")
    if not pointer.partition("#")[1] or not name:
        raise SchemagenError("USAGE", "rename", f"expected POINTER=NAME, as #/properties/x=y, got {text!r}")
    return pointer, name


def renamed(node: Node, options: SchemaOptions) -> str | None:
    """The name that an option gives to a place."""
    for text in options.rename:
        pointer, name = split_rename(text)
        if is_at(node, pointer):
            return name
    return None


def is_at(node: Node, pointer: str) -> bool:
    """True where `#/...`, or `FILE#/...`, is the place of the schema."""
    source, _, path = pointer.partition("#")
    return path == node.pointer and (not source or node.document.source == source or node.document.source.endswith(f"/{source}"))


def names_of(node: Node, name: str, table: str) -> frozenset[str]:
    """Every name by which an option may mean the entity at a place, pointers aside."""
    named = (definition_name(node), title_of(node), stated_title(node), name, table, table_name(name), class_name(name))
    return frozenset(item for item in named if item)


def stated_title(node: Node) -> str | None:
    title = node.schema.get("title") if isinstance(node.schema, Mapping) else None
    return title if isinstance(title, str) else None


# The search for --entity


def find_schema(documents: Sequence[Document], name: str, extents: Extents, options: SchemaOptions) -> Node:
    """The schema that `--entity` means: a pointer, or a definition's or component's name, title, table or class name."""
    hits = [] if name.startswith("#") else [node for node, names in _known(documents, extents, options) if name in names]
    if not hits and "#" in name:
        hits = _at_pointer(documents, name)
    distinct = {leaf(extents.target(node)): node for node in reversed(hits)}
    if len(distinct) == 1:
        return hits[0]
    place = documents[0].source
    if hits:
        places = ", ".join(f"{node.document.source}#{node.pointer}" if len(documents) > 1 else f"#{node.pointer}" for node in hits)
        raise SchemagenError("UNKNOWN_ENTITY", place, f"{name!r} is the name of several schemas; give a pointer: {places}")
    raise SchemagenError("UNKNOWN_ENTITY", place, f"there is no schema {name!r}" + _did_you_mean(documents, name, extents, options))


def _at_pointer(documents: Sequence[Document], name: str) -> list[Node]:
    source, _, pointer = name.partition("#")
    found, problem = [], None
    for document in documents:
        if source and document.source != source and not document.source.endswith(f"/{source}"):
            continue
        try:
            found.append(document.registry.node(document, pointer))
        except SchemagenError as error:
            problem = error.problem
    if not found and problem is not None:
        raise SchemagenError("UNKNOWN_ENTITY", problem.place, problem.sentence)
    return found


def _known(documents: Sequence[Document], extents: Extents, options: SchemaOptions) -> Iterator[tuple[Node, frozenset[str]]]:
    """Each definition, each root, and the items of each list in a root, with their names."""
    for document in documents:
        for node in [*components(document), *([] if is_openapi(document.root) else [document.root])]:
            name = entity_name(node, node)
            yield node, names_of(node, name, renamed(node, options) or table_name(_stated_table(node) or name, options.names))
        for node in list_items(document.root, extents):
            name = tokens(node.pointer)[-2]
            yield node, frozenset((name, table_name(name, options.names), class_name(name)))


def _did_you_mean(documents: Sequence[Document], name: str, extents: Extents, options: SchemaOptions) -> str:
    names = sorted((item for _, names in _known(documents, extents, options) for item in names), reverse=True)
    known = sorted({item.casefold(): item for item in names}.values())
    near = difflib.get_close_matches(name, known, 3, 0.6)
    if near:
        return f"; did you mean {' or '.join(map(repr, near))}?"
    return f"; there are {', '.join(map(repr, known[:8]))}" if known else ""


def check_names(entities: Sequence[Entity]) -> None:
    """Raises NAME_CLASH where two entities share a class or table name, or one has a name that is schemagen's own."""
    problems = [
        Problem("NAME_CLASH", item.node.location, f"the name {item.table!r} is kept for schemagen's own tables; {_rename_hint(item)}")
        for item in entities
        if is_own(item.table) or is_own(item.name)
    ]
    for position, item in enumerate(entities):
        for other in entities[:position]:
            if item.table != other.table and class_name(item.name) != class_name(other.name):
                continue
            what = f"table {item.table!r}" if item.table == other.table else f"class {class_name(item.name)!r}"
            one_file = item.node.document is other.node.document
            hint = _rename_hint(item, one_file=one_file)
            place = other.pointer if one_file else other.node.location
            problems.append(Problem("NAME_CLASH", item.node.location, f"makes the {what}, as {place} does; {hint}"))
    if problems:
        raise SchemagenError(problems[0].kind, problems[0].place, problems[0].sentence, problems[1:])


def _rename_hint(entity: Entity, *, one_file: bool = True) -> str:
    pointer = entity.pointer if one_file else f"{entity.node.document.source}{entity.pointer}"
    return f"--set 'rename={pointer}=NAME' gives it another name"


def about_chosen(documents: Sequence[Document], entities: Sequence[Entity], shapes: Shapes, options: SchemaOptions) -> SchemaOptions:
    """The options without keys, uniques, not-nulls and foreign keys of schemas that are there, but are not among the entities asked for.

    A foreign key from an entity to such a schema is not made, and noted. What names nothing at all stays, to be refused.
    """
    if not options.entities:
        return options

    def is_other(name: str) -> bool:
        if any(name in item.known_as or ("#" in name and is_at(item.node, name)) for item in entities):
            return False
        try:
            find_schema(documents, name, shapes.extents, options)
        except SchemagenError:
            return False
        return bool(name)

    leading = [text for text in options.fk if not _about(is_other, text.partition("=")[2])]
    for text in options.fk:
        if text not in leading and not _about(is_other, text.partition("=")[0]):
            shapes.note("NO_TARGET", Leaf("", entities[0].node), text)
    return replace(
        options,
        keys={name: names for name, names in options.keys.items() if not is_other(name)},
        unique=tuple(text for text in options.unique if not is_other(text.rpartition("=")[0])),
        not_null=tuple(text for text in options.not_null if not _about(is_other, text)),
        fk=tuple(text for text in leading if not _about(is_other, text.partition("=")[0])),
    )


def _about(is_other: Callable[[str], bool], text: str) -> bool:
    """Whether `NAME.a` is of such a schema; a name may hold dots itself."""
    return any(is_other(text[:place]) for place, character in enumerate(text) if character == ".")
