"""Errors of what the office vouches for.

    VerifyError
    ├── TrustError             the pinned key list or status list cannot be used
    ├── KeyringError           no key, wrong key, unreadable key file
    ├── DocumentError          a file cannot be opened as what it claims to be
    ├── Rejection              verify.reasons: what decoders raise; check() makes an answer of it
    └── IssuingError           a report cannot be issued, found or revoked
        └── BasisExpired       no policy basis is in force on the issue day

"This report is not genuine" is an answer (``verify.check.Verification``), not an error: errors are raised only
where we cannot answer. Every error carries a stable ``code``, a Chinese sentence and the next step.
"""


class VerifyError(Exception):
    """``str(error)`` is the Chinese sentence."""

    code = "VERIFY_ERROR"

    def __init__(self, message: str, *, next_step: str, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step
        if code is not None:
            self.code = code


class TrustError(VerifyError):
    code = "TRUST_ERROR"


class KeyringError(VerifyError):
    code = "KEYRING_ERROR"


class DocumentError(VerifyError):
    code = "DOCUMENT_ERROR"


class IssuingError(VerifyError):
    code = "ISSUING_ERROR"


class BasisExpired(IssuingError):
    code = "BASIS_EXPIRED"
