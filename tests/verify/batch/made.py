"""Reports of a fictional tender: codes signed for many subjects, zips as enemies and old programs pack them."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace

from tests.verify.sample import FACTS, KEY, NOW, STRANGER, TRUST, URL
from verify.credential import sign
from verify.documents.examine import Means
from verify.keyring import Ed25519Signer
from verify.scanned import qr_text
from verify.subject import ALPHABET, check_character

MEANS = Means(TRUST, NOW, NOW)


def subject_code(number: int) -> str:
    body = f"91320902MA{number:07d}"[:17]
    assert all(character in ALPHABET for character in body)
    return body + check_character(body)


def company(number: int) -> str:
    return f"盐城示例第{number}建设有限公司"


def code_text(number: int, signer: Ed25519Signer = KEY, **changes: object) -> str:
    """The QR text of a report of company ``number``."""
    facts = replace(
        FACTS,
        sequence=number,
        status_index=number,
        subject_code=subject_code(number),
        subject_name=company(number),
        **changes,  # type: ignore[arg-type]
    )
    return qr_text(sign(facts, signer), URL)


def forged_text(number: int) -> str:
    return code_text(number, STRANGER)


def zipped(files: Mapping[str, bytes], *, raw_names: str = "utf-8") -> io.BytesIO:
    """With names in ``raw_names`` and no flag that says so, unless it is UTF-8."""
    out = io.BytesIO()
    letters = dict(zip(files, "abcdefgh", strict=False)) if raw_names != "utf-8" else {}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(letters[name] * len(name.encode(raw_names)) if letters else name, content)
    data = out.getvalue()
    for name, letter in letters.items():
        data = data.replace(letter.encode() * len(name.encode(raw_names)), name.encode(raw_names))
    return io.BytesIO(data)


def lying(data: bytes) -> bytes:
    """A zip whose directory claims more than any directory of so many files may be."""
    place = data.rindex(b"PK\x05\x06") + 12
    return data[:place] + b"\xff\xff\xff\x7f" + data[place + 4 :]
