"""What an attacker would try, for the demonstration: edit one cell of a report; sign its facts with one's own key."""

from pathlib import Path


def edit_one_cell(report: Path, target: Path) -> Path:
    """A copy of ``report`` in which the first cell that says "有 n 条" says "未查询到" instead."""
    from docx import Document

    document = Document(str(report))
    cells = (cell for table in document.tables for row in table.rows for cell in row.cells)
    cell = next(cell for cell in cells if cell.text.startswith("有 "))
    run, *others = cell.paragraphs[0].runs
    run.text = "未查询到"
    for other in others:
        other.text = ""
    document.save(str(target))
    return target


def sign_with_own_key(qr_text: str) -> str:
    """The QR text of the same facts under a key that is not the office's."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from verify.credential import decode, sign
    from verify.keyring import Ed25519Signer
    from verify.scanned import qr_text as text_of
    from verify.scanned import read

    claimed = decode(read(qr_text).token)
    forged = sign(claimed.facts, Ed25519Signer(Ed25519PrivateKey.generate()))
    return text_of(forged, qr_text.partition("/v#")[0])
