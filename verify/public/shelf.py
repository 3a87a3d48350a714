"""The two folders of sealed bytes beside the trust file: read by locator, opened by whoever holds the key.

* Only names with the shape of a locator are ever looked up, so no path can be built from what a visitor sends.
* An unknown number, a wrong code, a malformed one and an unreadable file are one and the same answer after one and the
  same work – scrypt, then one look for a file: TYPED_CODE_UNKNOWN.
* A sealed content that does not open, or whose root is not the signed one, is simply not shown.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from verify.binding import FieldPackage
from verify.credential import Credential
from verify.reasons import Reason, Rejection
from verify.sealing import SEALED_LIMIT_BYTES, is_locator, locator, open_sealed, typed_opening


@dataclass(frozen=True, slots=True)
class Shelf:
    """``folder`` holds ``sealed/`` and ``typed/``."""

    folder: Path

    def token_for(self, number: str, code: str) -> bytes:
        """The credential behind a typed number and code; some 50 ms of scrypt, whatever was typed. Raises Rejection.

        A disk that fails is an OSError: nobody is told that his code is unknown.
        """
        opening = typed_opening(number, code)
        ciphertext = _read(self.folder / "typed", opening.locator)
        if ciphertext is None:
            raise Rejection(Reason.TYPED_CODE_UNKNOWN)
        return opening.open(ciphertext)

    def package_for(self, credential: Credential) -> FieldPackage | None:
        """The issued content, or None when it is not here."""
        with suppress(OSError):
            return self._package(credential)
        return None

    def _package(self, credential: Credential) -> FieldPackage | None:
        ciphertext = _read(self.folder / "sealed", locator(credential.token))
        if ciphertext is None:
            return None
        try:
            package = FieldPackage.from_bytes(open_sealed(credential.token, ciphertext))
        except Rejection:
            return None
        return package if package.root() == credential.facts.content_root else None


def _read(folder: Path, name: str) -> bytes | None:
    if not is_locator(name):
        return None
    try:
        with (folder / name).open("rb") as file:
            return file.read(SEALED_LIMIT_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
