"""URIs: joining, splitting, escaping; text in, text out."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urljoin

_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:")
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")

# What a resource without a folder (standard input, a value) is named under.
MEMORY = "schemagen:///"


def join(base: str, reference: str) -> str:
    """`reference` against `base`, by RFC 3986 for any hierarchical scheme; a fragment alone also against `urn:` and the like."""
    if not reference or reference.startswith("#"):
        return split(base)[0] + reference
    if _SCHEME.match(reference):
        return reference
    scheme, separator, rest = base.partition("://")
    # urllib knows relative references for a few schemes only, http among them.
    return scheme + urljoin(f"http{separator}{rest}", reference)[len("http") :] if separator else reference


def split(uri: str) -> tuple[str, str]:
    """The URI without fragment, and the fragment as written."""
    resource, _, fragment = uri.partition("#")
    return resource, fragment


def encoded(uri: str) -> str:
    """A URI with what RFC 3986 does not allow in it percent-encoded; what is encoded already stays. A second call changes nothing."""
    resource, mark, fragment = _BARE_PERCENT.sub("%25", uri).partition("#")
    return quote(resource, safe="%:/?@!$&'()*+,;=-._~") + mark + quote(fragment, safe="%:/?@!$&'()*+,;=-._~")


def file_uri(path: str) -> str:
    """The URI of an absolute path."""
    return "file://" + quote(path, safe="/:@!$&'()*+,;=-._~")


def encoded_pointer(pointer: str) -> str:
    """A JSON pointer as the fragment of a URI."""
    return quote(pointer, safe="/:?@!$&'()*+,;=-._~")


def decoded_fragment(fragment: str) -> str:
    """A fragment without percent-escapes."""
    return unquote(fragment)


def parents(pointer: str) -> list[str]:
    """The pointer itself and those above it, the nearest first, "" last."""
    found = [pointer]
    while pointer:
        pointer = pointer[: pointer.rindex("/")]
        found.append(pointer)
    return found
