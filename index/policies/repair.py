"""A damaged document of the library, read anew from the original kept beside it (``raw.<ext>``).

Rules: only what comes out under the same id – the same clean text – is the document; everything else is left to people.
"""

import hashlib
import json
import re
from pathlib import Path

from index.errors import PolicyError
from index.policies.catalogue import exchange
from index.policies.model import Document
from index.policies.storage import DOCUMENT_FILE, files_of, stored

_ORIGIN = re.compile(r'^ *"origin": ("(?:[^"\\]|\\.){1,250}")', re.MULTILINE)
MAX_LOOKED_AT = 20_000


def reread(folder: Path) -> Document | None:
    """The document of ``folder`` from its original; None when there is none or another text comes out."""
    from index.policies.readers import read
    from index.policies.reading import documents_of

    raw = original(folder)
    if raw is None:
        return None
    try:
        text, content = read(raw)
        documents = documents_of(text, origin=_origin(folder) or raw.name, content=content)
    except PolicyError:
        return None
    return next((document for document in documents if document.id == folder.name), None)


def mend(folder: Path) -> Document | None:
    """The document read anew from its original and stored again, file by file; None when that cannot be."""
    document, raw = reread(folder), original(folder)
    if document is None or raw is None:
        return None
    try:
        for name, content in files_of(document, raw.read_bytes(), raw.suffix).items():
            exchange(folder / name, content)
    except OSError:
        return None
    return document


def is_whole(folder: Path) -> bool:
    """Whether the document can be read and the file it came in lies beside it."""
    try:
        document, raw = stored(folder), original(folder)
        return raw is not None and hashlib.sha256(raw.read_bytes()).hexdigest() == document.raw_sha256
    except (OSError, PolicyError):
        return False


def original(folder: Path) -> Path | None:
    """The file as it came, kept beside the document."""
    return next((path for path in sorted(folder.glob("raw.*")) if path.is_file()), None)


def _origin(folder: Path) -> str | None:
    """The name the file came under, if the damaged facts still tell."""
    try:
        with (folder / DOCUMENT_FILE).open(encoding="utf-8", errors="replace") as file:
            match = _ORIGIN.search(file.read(MAX_LOOKED_AT))
        return str(json.loads(match.group(1))) if match else None
    except (OSError, ValueError):
        return None
