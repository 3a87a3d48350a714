"""Verification codes in a PDF: a report, a print of one, a scan. Like a picture: what it says is not compared.

* pdfium parses it in a child process of its own (``pdf_pages``), bounded in time and memory: a file made to crash or
  to take over the reader ends that process, and pdfium must not run in two threads at once.
* The child is told nothing but the bytes; it answers with texts and nothing else.

Decision: docs/decisions/0141.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import verify
from verify.reasons import Reason, Rejection

MAGIC = b"%PDF-"
SECONDS = 45
ANSWER_LIMIT_BYTES = 1024 * 1024
_KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT")


def read_pdf(data: bytes) -> tuple[str, ...]:
    """The QR texts it shows, in reading order. Raises Rejection for what cannot be opened, in time or at all."""
    command = [sys.executable, "-m", "verify.documents.pdf_pages"]
    try:
        done = subprocess.run(  # noqa: S603 - our own program; the file is never on the line
            command, input=data, capture_output=True, timeout=SECONDS, env=_environment(), check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Rejection(Reason.DANGEROUS_FILE) from error
    if done.returncode != 0 or len(done.stdout) > ANSWER_LIMIT_BYTES:
        raise Rejection(Reason.DANGEROUS_FILE)
    match json.loads(done.stdout):
        case {"texts": list(texts)}:
            return tuple(str(text) for text in texts)
        case {"reason": str(reason)}:
            raise Rejection(Reason(reason))
    raise Rejection(Reason.DANGEROUS_FILE)


def _environment() -> dict[str, str]:
    """Nothing of ours but where the code is."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    root = str(Path(next(iter(verify.__path__))).parent)
    return {**kept, "PYTHONPATH": root, "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"}
