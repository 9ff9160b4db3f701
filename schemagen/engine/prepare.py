"""From schema files to modules of dataclasses and the documents that judge their records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import ModuleType

from schemagen.catalog.objects import Catalog, ForeignKey, Namespace, Table
from schemagen.catalog.relate import relate_model
from schemagen.document.node import Document
from schemagen.document.read import document_from_value, read_documents
from schemagen.engine.target import with_key
from schemagen.errors import Diagnostic, SchemagenError
from schemagen.model.make import make_module
from schemagen.model.reflect import module_from_file, reflect
from schemagen.model.schema import schema_of
from schemagen.options import GeneratorOptions, SchemaOptions
from schemagen.shape.compile import compile_model
from schemagen.shape.types import ClassShape, Model

# In a module made from documents: the document of each entity class, by its name.
OWNERS = "__documents__"


@dataclass(frozen=True)
class Prepared:
    """A module of dataclasses, its model, the documents it was made from (none for a Python file), and what could not be kept exactly.

    `owners`: for each entity class the document that its pointer is in.
    `chosen`: the names of the entities that `--entity` named in a Python file; () for all.
    """

    module: ModuleType
    model: Model
    documents: tuple[Document, ...]
    diagnostics: tuple[Diagnostic, ...]
    source: str
    owners: Mapping[str, Document] = field(default_factory=dict)
    chosen: tuple[str, ...] = ()

    @property
    def entities(self) -> tuple[ClassShape, ...]:
        return tuple(item for item in self.model.entities if not self.chosen or item.name in self.chosen)

    @property
    def is_python(self) -> bool:
        return not self.documents

    def entity(self) -> ClassShape:
        """The one entity of `load`, `check` and `dump`. Raises SchemagenError UNKNOWN_ENTITY where there are several or none."""
        entities = self.entities
        if len(entities) == 1:
            return entities[0]
        if not entities:
            raise no_entities(self)
        names = ", ".join(item.name for item in entities)
        raise SchemagenError("UNKNOWN_ENTITY", self.source, f"has {len(entities)} entities; name one with --entity: {names}")

    def catalog(self, options: GeneratorOptions) -> Catalog:
        """The tables of all entities. Raises SchemagenError UNKNOWN_ENTITY where there are none."""
        if not self.model.entities:
            raise no_entities(self)
        catalog = relate_model(self.model, options.namespace_of(self.module), options)
        return _only(catalog, self.model, self.chosen) if self.chosen else catalog

    def judge(self, entity: ClassShape, validate_with: str | None, options: SchemaOptions) -> tuple[Document, str]:
        """The document that records are judged by, and the pointer of the entity's schema in it."""
        facts = entity.entity
        pointer = facts.pointer if facts is not None else "#"
        if validate_with is not None:
            document = read_documents([validate_with], options)[0]
            digest = getattr(self.module, "__schemagen_digest__", None)
            return document, pointer if digest == document.digest else _pointer_in(document, options)
        if self.documents:
            return self.owners[entity.name], pointer
        value = schema_of(self.model, entity.name)
        return document_from_value(value, self.source, options), "#"


def _pointer_in(document: Document, options: SchemaOptions) -> str:
    if not options.entities:
        return "#"
    compiled = compile_model([document], options)
    facts = compiled.model.entities[0].entity
    return facts.pointer if facts is not None else "#"


def no_entities(prepared: Prepared) -> SchemagenError:
    if any(document.draft.startswith(("openapi", "swagger")) for document in prepared.documents):
        sentence = "no component has a key: name one with --entity and --key, or take all with --set entities=all"
    elif prepared.is_python:
        sentence = "holds no entity: a dataclass with a PrimaryKey field is one"
    else:
        sentence = "holds no schema that can become a table; name one with --entity"
    return SchemagenError("UNKNOWN_ENTITY", prepared.source, sentence)


def prepare(paths: Sequence[str], options: SchemaOptions) -> tuple[Prepared, ...]:
    """One Prepared for all schema documents together, and one for each Python file.

    Raises SchemagenError, the kinds of `document/` and `shape/`; with `strict` for the first diagnostic too.
    """
    python = [path for path in paths if path.endswith(".py")]
    others = [path for path in paths if not path.endswith(".py")]
    result: list[Prepared] = []
    if others:
        documents = tuple(read_documents(others, options))
        compiled = compile_model(documents, options)
        module = make_module(compiled.model, documents)
        owners = dict(compiled.owners)
        module.__dict__[OWNERS] = owners
        result.append(Prepared(module, reflect(module), documents, compiled.diagnostics, others[0], owners))
    result += [_python(path, options) for path in python]
    return tuple(result)


def _python(path: str, options: SchemaOptions) -> Prepared:
    module = module_from_file(path)
    model = reflect(module)
    for name, keys in options.keys.items():
        for entity in [_entity_named(model, name, path)] if name else model.entities:
            model, _ = with_key(model, entity, tuple(_field_named(entity, key, path) for key in keys))
    chosen = tuple(_entity_named(model, name, path).name for name in options.entities)
    return Prepared(module, model, (), (), path, chosen=chosen)


def _only(catalog: Catalog, model: Model, chosen: tuple[str, ...]) -> Catalog:
    """Without the tables of entities that were not chosen, and without foreign keys to them."""
    left_out = {item.entity.table for item in model.entities if item.entity is not None and item.name not in chosen}

    def kept(table: Table) -> Table:
        constraints = [item for item in table.constraints if not (isinstance(item, ForeignKey) and item.target.name in left_out)]
        return replace(table, constraints=tuple(constraints))

    spaces = [
        replace(space, tables=tuple(kept(item) for item in space.tables if item.id.name not in left_out)) for space in catalog.namespaces
    ]
    return replace(catalog, namespaces=tuple(spaces))


def _entity_named(model: Model, name: str, path: str) -> ClassShape:
    for item in model.entities:
        if item.entity is not None and name in (item.name, item.entity.table, item.entity.pointer):
            return item
    known = ", ".join(item.name for item in model.entities) or "none"
    raise SchemagenError("UNKNOWN_ENTITY", path, f"has no entity {name!r}; it has: {known}")


def _field_named(entity: ClassShape, name: str, path: str) -> str:
    for item in entity.fields:
        if name in (item.json_name, item.name):
            return item.name
    known = ", ".join(item.json_name for item in entity.fields)
    raise SchemagenError("KEY_UNKNOWN", f"{path}: {entity.name}", f"has no property {name!r} for a key; it has: {known}")


def merge_catalogs(catalogs: Sequence[Catalog]) -> Catalog:
    """One catalog of all. Raises SchemagenError NAME_CLASH where two of them have different objects of one name."""
    merged = Catalog()
    for catalog in catalogs:
        for namespace in catalog.namespaces:
            merged = merged.with_namespace(_joined(merged.namespace(namespace.name), namespace))
    return merged


def _joined(left: Namespace, right: Namespace) -> Namespace:
    tables = {table.id: table for table in left.tables}
    for table in right.tables:
        if tables.setdefault(table.id, table) != table:
            raise SchemagenError("NAME_CLASH", str(table.id), "two sources make a table of this name; give one another --namespace or name")
    enums = {item.id: item for item in (*left.enums, *right.enums)}
    structs = {item.id: item for item in (*left.structs, *right.structs)}
    return replace(
        left,
        tables=tuple(sorted(tables.values(), key=lambda item: item.id.name)),
        enums=tuple(sorted(enums.values(), key=lambda item: item.id.name)),
        structs=tuple(structs.values()),
    )
