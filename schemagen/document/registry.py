"""The one resolver of references: documents by URI, schemas by pointer, and nothing read that the folders do not allow."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass

from schemagen.document.check import check_schemas, kind_of
from schemagen.document.drafts import Draft, canonical, original_tokens, ref_siblings, roots, takes_argument
from schemagen.document.locate import Locator, bundled, check_maps, read_file
from schemagen.document.mend import mend, places
from schemagen.document.node import Document, Node
from schemagen.document.scopes import Scopes, find_scopes
from schemagen.document.text import MAX_SCHEMA_DEPTH, digest_of, settle
from schemagen.document.uris import MEMORY, decoded_fragment, encoded, file_uri, join, split
from schemagen.document.walk import schemas_in
from schemagen.errors import Diagnostic, Location, SchemagenError
from schemagen.jsontext import JsonType, pointer_of, tokens
from schemagen.options import SchemaOptions


@dataclass(frozen=True, slots=True)
class Target:
    """Where a reference leads: a place in a document."""

    document: Document
    pointer: str


class Registry:
    """The documents of one run. Each is read once, each schema has one Node; a Document's nodes and references are asked for here."""

    def __init__(self, options: SchemaOptions) -> None:
        self.options = options
        self.max_depth = min(options.max_depth, MAX_SCHEMA_DEPTH)
        self._locator = Locator(check_maps(options.ref_map))
        self._documents: dict[str, Document] = {}
        self._scopes: dict[str, Scopes] = {}
        self._resources: dict[str, Target] = {}
        self._nodes: dict[tuple[str, str], Node] = {}
        self._followed: dict[tuple[str, str], Node] = {}
        self._noted: dict[tuple[str, str], Diagnostic] = {}

    @property
    def documents(self) -> tuple[Document, ...]:
        """All documents read so far, those that references led to behind those that were named."""
        return tuple(self._documents.values())

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What was noted in all documents read so far, and the references that were taken as any value."""
        noted = [self._noted[key] for key in sorted(self._noted)]
        return tuple(item for document in self.documents for item in document.diagnostics) + tuple(noted)

    # Documents

    def add_file(self, path: str, default: Draft | None = None) -> Document:
        """The document of a file; its folder becomes readable. A file is read once."""
        uri = file_uri(os.path.abspath(path))
        if uri not in self._documents:
            self.add_folder(os.path.dirname(path))
            value = read_file(path, path, self.max_depth)
            self.add(value, path, uri, default, folder=os.path.dirname(path))
        return self._documents[uri]

    def add_folder(self, path: str | os.PathLike[str]) -> None:
        """Lets relative references read a folder."""
        self._locator.add_folder(file_uri(os.path.join(os.path.abspath(path), "")), os.fspath(path))

    def add(self, value: JsonType, source: str, uri: str, default: Draft | None = None, folder: str | None = None) -> Document:
        """The document of a value, found under `uri`; `folder` is where relative references of its `$id` lie."""
        settled = settle(value, source, self.max_depth)
        digest = digest_of(settled)
        mended, draft, notes = mend(settled, default)
        check_schemas(mended, draft, source)
        diagnostics = [Diagnostic("MENDED", Location(source, pointer), note) for pointer, note in places(notes)]
        diagnostics += _siblings(mended, draft, source)
        document = Document(source, uri, mended, draft.uri, digest, self, tuple(diagnostics))
        scopes = find_scopes(mended, uri, draft)
        self._documents[uri], self._scopes[uri] = document, scopes
        self._resources.setdefault(uri, Target(document, ""))
        for pointer, base in scopes.bases.items():
            self._resources.setdefault(base, Target(document, pointer))
        if folder is not None and "://" in scopes.base_at("")[0]:
            self._locator.add_folder(join(scopes.base_at("")[0], "."), folder)
        return document

    def scopes(self, document: Document) -> Scopes:
        """The URIs, anchors and drafts inside a document."""
        return self._scopes[document.uri]

    def draft_of(self, node: Node | Target) -> Draft:
        """The draft that holds at a place."""
        return self._scopes[node.document.uri].draft_at(node.pointer)

    def owner(self, uri: str) -> Target | None:
        """The resource that a URI names, where it has been read."""
        return self._resources.get(uri)

    # Nodes

    def value_at(self, document: Document, pointer: str) -> JsonType:
        """What stands at a pointer, as written. Raises BAD_REF where nothing does."""
        value, place = self._walk(document, pointer)
        if place is None:
            similar = _similar(document, pointer)
            raise SchemagenError("BAD_REF", Location(document.source, pointer), f"there is nothing at this pointer{similar}")
        return value

    def node(self, document: Document, pointer: str) -> Node:
        """The schema at a JSON pointer (a leading `#` is allowed). Raises BAD_REF where there is none."""
        pointer = pointer.removeprefix("#")
        key = (document.uri, pointer)
        if key not in self._nodes:
            value = self.value_at(document, pointer)
            if not isinstance(value, dict | bool):
                raise SchemagenError("BAD_REF", Location(document.source, pointer), f"expected a schema, got {kind_of(value)}")
            self._nodes[key] = Node(document, pointer, canonical(value, self.scopes(document).draft_at(pointer)))
        return self._nodes[key]

    def child(self, node: Node, *path: str) -> Node:
        """The schema under canonical keywords: `child(node, "properties", "a", "items")`."""
        position = 0
        while position < len(path):
            keyword = path[position]
            written = self.value_at(node.document, node.pointer)
            if not isinstance(written, Mapping):
                raise SchemagenError("BAD_REF", node.location, f"there is no {keyword!r} in a schema that is {str(written).lower()}")
            argument = path[position + 1] if takes_argument(keyword, written) and position + 1 < len(path) else None
            steps = original_tokens(written, keyword, argument, self.draft_of(node))
            node = self.node(node.document, node.pointer + pointer_of(*steps))
            position += 1 if argument is None else 2
        return node

    def _walk(self, document: Document, pointer: str) -> tuple[JsonType, str | None]:
        """What stands at a pointer and the pointer itself as this document has it; (None, None) where nothing does."""
        value, steps = document.value, []
        for token in tokens(pointer):
            if isinstance(value, dict):
                # In a document without $schema a list of items was mended to prefixItems.
                token = {"items": "prefixItems", "additionalItems": "items"}.get(token, token) if _is_mended(value, token) else token
                if token not in value:
                    return None, None
                value = value[token]
            elif isinstance(value, list) and token.isascii() and token.isdigit() and int(token[:9]) < len(value):
                value = value[int(token)]
            else:
                return None, None
            steps.append(token)
        return value, pointer_of(*steps)

    # References

    def follow(self, node: Node) -> Node:
        """The schema that a node's `$ref` leads to. Raises BAD_REF; with unresolved-ref=any the schema `true`, noted."""
        key = (node.document.uri, node.pointer)
        if key not in self._followed:
            assert isinstance(node.schema, Mapping)
            target = self.resolve(node.document, node.pointer, str(node.schema["$ref"]))
            self._followed[key] = Node(node.document, node.pointer, True) if target is None else self.node(target.document, target.pointer)
        return self._followed[key]

    def resolve(self, document: Document, pointer: str, reference: str) -> Target | None:
        """Where a reference at a place leads. Raises BAD_REF; None where it leads nowhere and unresolved-ref=any takes it as any value."""
        try:
            return self._resolve(document, pointer, reference)
        except SchemagenError as error:
            if error.kind != "BAD_REF" or self.options.unresolved_ref != "any":
                raise
            self._noted[document.uri, pointer] = Diagnostic("ANY_REF", Location(document.source, pointer), reference)
            return None

    def find(self, document: Document, pointer: str, reference: str) -> Target | None:
        """As `resolve`, among the documents read so far: None where it leads to another. Raises BAD_REF."""
        uri = encoded(split(join(self.scopes(document).base_at(pointer)[0], reference))[0])
        return self._resolve(document, pointer, reference) if uri in self._resources else None

    def resources(self, *starts: Node) -> list[tuple[str, JsonType]]:
        """(URI, value) of every document reachable from the schemas (of all documents, where none is named), references absolute."""
        from schemagen.document.rewrite import resources_from

        nodes = [Target(node.document, node.pointer) for node in starts]
        if not nodes:
            nodes = [Target(item, pointer_of(*path)) for item in self.documents for path, _ in roots(item.value, self.scopes(item).draft)]
        return resources_from(self, nodes)

    def _resolve(self, document: Document, pointer: str, reference: str) -> Target:
        scopes = self.scopes(document)
        written, fragment = split(join(scopes.base_at(pointer)[0], reference))
        uri = encoded(written)
        place = Location(document.source, pointer)
        resource = self._resources.get(uri) or self._load(uri, scopes.draft_at(pointer))
        if resource is None:
            raise SchemagenError("BAD_REF", place, f'"$ref" points to "{_missing(reference, written)}')
        fragment = decoded_fragment(fragment)
        value, found = self._part(resource, fragment)
        if found is None:
            similar = _similar(resource.document, fragment if fragment.startswith("/") else f"/{fragment}")
            raise SchemagenError("BAD_REF", place, f'"$ref" points to "{reference}", which does not exist{similar}')
        if not isinstance(value, dict | bool):
            raise SchemagenError("BAD_REF", place, f'"$ref" points to "{reference}", which is {kind_of(value)}; expected a schema')
        return Target(resource.document, found)

    def _part(self, resource: Target, fragment: str) -> tuple[JsonType, str | None]:
        """What a fragment names in a resource: a pointer, or an anchor; (None, None) where it names nothing."""
        if not fragment or fragment.startswith("/"):
            return self._walk(resource.document, resource.pointer + fragment)
        scopes = self.scopes(resource.document)
        found = scopes.anchors.get((scopes.base_at(resource.pointer)[0], fragment))
        return (None, None) if found is None else self._walk(resource.document, found)

    def _load(self, uri: str, draft: Draft) -> Target | None:
        path = self._locator.find(uri)
        if path is not None:
            document = self.add_file(path, draft)
            return self._resources.setdefault(uri, Target(document, ""))
        meta = bundled(uri)
        if meta is None:
            return None
        return Target(self.add(meta, uri, uri), "")


def _is_mended(value: dict[str, JsonType], token: str) -> bool:
    return "prefixItems" in value and token in ("items", "additionalItems") and not isinstance(value.get(token), dict | bool)


def _siblings(value: JsonType, draft: Draft, source: str) -> list[Diagnostic]:
    found = []
    for path, root in roots(value, draft):
        for pointer, schema in schemas_in(root, pointer_of(*path)):
            if isinstance(schema, dict) and (beside := ref_siblings(schema, draft)):
                found.append(Diagnostic("REF_SIBLING", Location(source, pointer), ", ".join(beside)))
    return found


def _missing(reference: str, uri: str) -> str:
    """The end of an error on a document that is not here: which, and the option that says where it is."""
    where = uri.rpartition("/")[0] + "/" if uri.count("/") > 2 else uri
    if uri.startswith(("file:", MEMORY)):
        return f'{reference}", which is no file under the folder of the schema; --ref-map {where}=FOLDER adds a folder'
    return f'{uri}", which is not here; nothing is fetched, --ref-map {where}=FOLDER says where it lies'


def _similar(document: Document, pointer: str) -> str:
    """`; did you mean ...` for a pointer that leads nowhere."""
    names: list[str] = []
    for container in ("$defs", "definitions", "components/schemas", "properties"):
        value: JsonType = document.value
        for token in container.split("/"):
            value = value.get(token) if isinstance(value, dict) else None
        if isinstance(value, dict):
            names += [f"/{container}" + pointer_of(name) for name in value]
    near = difflib.get_close_matches(pointer, names, 1, 0.7)
    return f'; did you mean "#{near[0]}"?' if near else ""
