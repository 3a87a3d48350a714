"""What a reader found, carried between processes as deterministic CBOR: never pickled, never believed.

    [0, [QR text, …], [page, …], unread, document | null]        what was found
    [1, reason, detail]                                          why nothing was
    document = [package bytes | null, damaged, [[place, text], …], certification | null]
    certification = [certificate | null, intact, whole file, [[where, issued, found], …]]

* Truth values are 0 and 1. The process that read the file is not trusted: anything else than the above is refused, and
  a package is decoded here by the same strict rules as one from a file.

Source: RFC 8949 §4.2.1, by ``verify.encoding``.
"""

from typing import TypeVar, cast

from verify.binding import Certification, Difference, DocumentInHand, FieldPackage, VisibleLine
from verify.documents.reading import Scanned
from verify.encoding import dumps, loads
from verify.reasons import Reason, Rejection

_FOUND, _REFUSED = 0, 1
Carried = TypeVar("Carried", str, int)


def written(scanned: Scanned) -> bytes:
    document = scanned.document
    carried = None if document is None else _document(document)
    return dumps([_FOUND, list(scanned.qr_texts), list(scanned.places), int(scanned.unread), carried])


def written_refusal(rejection: Rejection) -> bytes:
    return dumps([_REFUSED, rejection.reason.value, rejection.detail[:1000]])


def opened(data: bytes) -> Scanned:
    """What ``written`` wrote. Raises the Rejection that was carried, or DANGEROUS_FILE for anything else."""
    try:
        value = loads(data)
    except Rejection as error:
        raise Rejection(Reason.DANGEROUS_FILE) from error
    match value:
        case [0, list(texts), list(pages), int(unread), document]:
            found = None if document is None else _opened_document(document)
            return Scanned(_each(texts, str), found, bool(unread), _each(pages, int))
        case [1, str(reason), str(detail)] if reason in Reason.__members__:
            raise Rejection(Reason[reason], detail)
    raise Rejection(Reason.DANGEROUS_FILE)


def _document(document: DocumentInHand) -> list[object]:
    package = None if document.package is None else document.package.encoded()
    lines = [[line.place, line.text] for line in document.lines]
    certification = document.certification
    return [package, int(document.package_damaged), lines, None if certification is None else _signature(certification)]


def _signature(certification: Certification) -> list[object]:
    since = [[each.where, each.issued, each.found] for each in certification.since]
    return [certification.certificate, int(certification.intact), int(certification.whole_file), since]


def _each(values: list[object], kind: type[Carried]) -> tuple[Carried, ...]:
    if all(isinstance(value, kind) for value in values):
        return cast(tuple[Carried, ...], tuple(values))
    raise Rejection(Reason.DANGEROUS_FILE)


def _opened_document(value: object) -> DocumentInHand:
    match value:
        case [None | bytes() as package, int(damaged), list(lines), certification]:
            found, broken = _package(package)
            shown = tuple(_line(line) for line in lines)
            signed = None if certification is None else _opened_signature(certification)
            return DocumentInHand(found, shown, bool(damaged) or broken, signed)
    raise Rejection(Reason.DANGEROUS_FILE)


def _package(data: bytes | None) -> tuple[FieldPackage | None, bool]:
    if data is None:
        return None, False
    try:
        return FieldPackage.from_bytes(data), False
    except Rejection:
        return None, True


def _line(value: object) -> VisibleLine:
    match value:
        case [str(place), str(text)]:
            return VisibleLine(place, text)
    raise Rejection(Reason.DANGEROUS_FILE)


def _opened_signature(value: object) -> Certification:
    match value:
        case [None | bytes() as certificate, int(intact), int(whole), list(since)]:
            return Certification(certificate, bool(intact), bool(whole), tuple(_difference(each) for each in since))
    raise Rejection(Reason.DANGEROUS_FILE)


def _difference(value: object) -> Difference:
    match value:
        case [str(where), str(issued), str(found)]:
            return Difference(where, issued, found)
    raise Rejection(Reason.DANGEROUS_FILE)
