"""Does the index agree with the library? What does not is indexed anew, and every passage is looked for.

Rules: a passage counts as found when a search for words of its own within its document brings it; passages without any
word (a line of signs) cannot be found and are not missed.
"""

from collections import Counter
from collections.abc import Callable, Iterable

from index.policies.checking import Fault, Finding
from index.policies.model import Document
from index.search.backend import Field, SearchBackend, Term
from index.search.content import body_tokens, digest
from index.search.sync import synchronise


def check_index(
    documents: Iterable[Document], backend: SearchBackend, progress: Callable[[str], None] = lambda document_id: None
) -> list[Finding]:
    """Everything that is wrong with the index, repaired; what cannot be found even then is named."""
    wanted = {document.id: document for document in documents}
    indexed = backend.digests()
    found = [Finding(Fault.ONLY_INDEXED, one, True) for one in sorted(set(indexed) - set(wanted))]
    for one, document in wanted.items():
        if one not in indexed:
            found.append(Finding(Fault.NOT_INDEXED, one, True))
        elif indexed[one] != digest(document):
            found.append(Finding(Fault.INDEXED_OTHERWISE, one, True))
    synchronise(wanted.values(), backend)
    for document in wanted.values():
        progress(document.id)
        if missing(document, backend):
            backend.replace_document(document)
            still = missing(document, backend)
            step = "请删除数据目录下的 search 文件夹后重试，索引会由政策库重建。" if still else ""
            found.append(Finding(Fault.NOT_FOUND, document.id, not still, step))
    return found


def missing(document: Document, backend: SearchBackend) -> frozenset[int]:
    """The passages of ``document`` that cannot be found by their own words."""
    words = {passage.number: frozenset(body_tokens(document, passage)) for passage in document.passages}
    findable = {number for number, tokens in words.items() if tokens}
    terms = [Term(Field.BODY, token, 1.0) for token in _covering([words[number] for number in sorted(findable)])]
    hits = backend.search(terms, len(document.passages), within={document.id})
    return frozenset(findable - {hit.number for hit in hits})


def _covering(passages: list[frozenset[str]]) -> list[str]:
    """A few tokens, so that every passage holds one of them."""
    common = Counter(token for tokens in passages for token in tokens)
    chosen: dict[str, None] = {}
    for tokens in passages:
        if chosen.keys().isdisjoint(tokens):
            chosen[max(tokens, key=lambda token: (common[token], token))] = None
    return list(chosen)
