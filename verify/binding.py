"""The report's fields as a Merkle tree, and the comparison of what is visible with what was issued.

* A ``Field`` is one line of the report: its path (where a person finds it), its kind, its text in NFC.
* Leaf i = SHA-256(0x00 ‖ salt_i ‖ CBOR[path, kind, text]), salt_i = HMAC-SHA256(seed, i as 4 bytes), node =
  SHA-256(0x01 ‖ left ‖ right), shaped as in RFC 6962 §2.1. The root is signed in the credential; without the seed no
  text can be guessed from a leaf.
* ``compare`` aligns the visible lines with the fields in order; where all words agree, table cells must also stand in
  the issued row and column (``placing``). Every difference is named by the issued path, or, for
  something inserted, by the place where it stands. Only canonical equivalence (NFC) is equal; look-alike letters and
  invisible characters are differences and are made visible.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise
from unicodedata import normalize

from verify.alignment import align, made_visible
from verify.encoding import dumps, loads
from verify.placing import moved
from verify.reasons import Reason, Rejection
from verify.transparency.merkle import root_of

FORMAT = 1
SEED_BYTES = 32
FIELDS_MAX = 20_000
TEXT_MAX = 20_000
PATH_MAX = 400
PACKAGE_LIMIT_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Field:
    """``path`` reads like 一、分领域查询结果／第13行 生态环境领域／查询结果; ``kind`` is a short word, e.g. cell."""

    path: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class FieldPackage:
    """Every visible line of one report in document order, and the seed of its salts (32 random bytes)."""

    seed: bytes
    fields: tuple[Field, ...]

    def root(self) -> bytes:
        """The 32-byte content root."""
        keyed = hmac.new(self.seed, digestmod="sha256")
        return _tree([_leaf(keyed.copy(), number, field) for number, field in enumerate(self.fields)])

    def encoded(self) -> bytes:
        """The bytes, not looked at: for who reads them back before relying on them."""
        rows = [_row(field.path, field.kind, field.text) for field in self.fields]
        opening, places = dumps([FORMAT, self.seed, []]), dumps([None] * len(rows))
        return opening[:-1] + places[: len(places) - len(rows)] + b"".join(rows)

    def to_bytes(self) -> bytes:
        """Raises ValueError for a package that ``from_bytes`` would refuse."""
        data = self.encoded()
        try:
            self.from_bytes(data)
        except Rejection as error:
            raise ValueError(str(error)) from error
        return data

    @classmethod
    def from_bytes(cls, data: bytes) -> "FieldPackage":
        """Raises Rejection, and nothing else."""
        if len(data) > PACKAGE_LIMIT_BYTES:
            raise Rejection(Reason.PACKAGE_DAMAGED, "过大")
        match loads(data):
            case [int(version), bytes(seed), list(rows)] if version == FORMAT and len(seed) == SEED_BYTES:
                if 1 <= len(rows) <= FIELDS_MAX:
                    return cls(seed, tuple(_field(row) for row in rows))
        raise Rejection(Reason.PACKAGE_DAMAGED)


@dataclass(frozen=True, slots=True)
class VisibleLine:
    """One line a person can see; ``place`` says where, in words, for lines that were never issued."""

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """``issued`` is empty for something inserted, ``found`` for something removed."""

    where: str
    issued: str
    found: str

    def to_json(self) -> dict[str, str]:
        return {"where": self.where, "issued": self.issued, "found": self.found}


@dataclass(frozen=True, slots=True)
class Certification:
    """What a reader found of a PDF's own signature; only ``verify.check`` says whether its certificate is one of ours.

    ``certificate``: SHA-256 of the signer's certificate (DER), None when there is no signature. ``intact``: the signed
    bytes are unchanged and the signature holds under that certificate. ``whole_file``: it covers every byte of it.
    ``since``: what came after it, each thing named.
    """

    certificate: bytes | None
    intact: bool
    whole_file: bool
    since: tuple[Difference, ...] = ()

    @property
    def sound(self) -> bool:
        return self.certificate is not None and self.intact and self.whole_file and not self.since


@dataclass(frozen=True, slots=True)
class DocumentInHand:
    """What a reader found in a file: the package it carries (or the sealed one), and every line it shows.

    ``package_damaged``: the file carries something in the package's place that is no package.
    ``certification``: a PDF's; None for a kind of file that has none. A PDF's ``lines`` are those of its pages.
    """

    package: FieldPackage | None
    lines: tuple[VisibleLine, ...]
    package_damaged: bool = False
    certification: Certification | None = None


def compare(package: FieldPackage, lines: Sequence[VisibleLine]) -> list[Difference]:
    """Every line that differs from what was issued, in reading order; empty when nothing does.

    A field issued empty has no line. Text found where it stands is named by its path.
    """
    printed = [number for number, field in enumerate(package.fields) if field.text]
    issued = [package.fields[number].text for number in printed]
    found = [normalize("NFC", line.text) for line in lines]
    blanks = _blanks(package, printed)
    differences = []
    for change in align(issued, found):
        text = lines[change.found].text if change.found is not None else ""
        if change.issued is not None:
            field = package.fields[printed[change.issued]]
        elif change.found is not None:
            empty = blanks[change.before]
            field = empty.pop(0) if empty else Field(lines[change.found].place, "", "")
        differences.append(Difference(field.path, field.text, made_visible(text, field.text)))
    return differences or _moved([package.fields[number] for number in printed], lines)


def _moved(fields: Sequence[Field], lines: Sequence[VisibleLine]) -> list[Difference]:
    """Same words, another place: asked only when all words are the same, so that they pair off."""
    numbers = moved([field.path for field in fields], [line.place for line in lines])
    return [
        Difference(fields[number].path, fields[number].text, f"‹移到{lines[number].place}›{fields[number].text}")
        for number in numbers
    ]


def _blanks(package: FieldPackage, printed: list[int]) -> list[list[Field]]:
    """For each printed field, and for the end, the empty fields right before it."""
    bounds = [-1, *printed, len(package.fields)]
    return [list(package.fields[start + 1 : end]) for start, end in pairwise(bounds)]


def _field(row: object) -> Field:
    match row:
        case [str(path), str(kind), str(text)]:
            if len(path) <= PATH_MAX and len(kind) <= 40 and len(text) <= TEXT_MAX and text == normalize("NFC", text):
                return Field(path, kind, text)
    raise Rejection(Reason.PACKAGE_DAMAGED)


def _leaf(salting: hmac.HMAC, number: int, field: Field) -> bytes:
    """``salting``: HMAC-SHA256 under the seed, nothing said yet."""
    salting.update(number.to_bytes(4))
    return sha256(b"\x00" + salting.digest() + _row(field.path, field.kind, field.text)).digest()


@lru_cache(maxsize=4096)
def _row(path: str, kind: str, text: str) -> bytes:
    """A field in CBOR. Remembered: most cells of one report stand in the next one too."""
    return dumps([path, kind, normalize("NFC", text)])


def _tree(leaves: list[bytes]) -> bytes:
    if not leaves:
        raise ValueError("a package has at least one field")
    return root_of(leaves)
