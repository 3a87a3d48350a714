"""Errors of the office's own knowledge: policy texts, records, rules.

    OfficeError
    ├── PolicyError            a policy text cannot be read, found or stored
    │   ├── UnreadablePolicy
    │   └── UnknownPolicy
    ├── SearchError            the index cannot answer
    ├── RecordError            a subject or record cannot be read, found or stored
    │   ├── UnreadableImport
    │   ├── UnknownSubject
    │   └── SubjectRefused
    ├── QuestionError          the question log cannot take it, or does not have it
    │   └── UnknownQuestion
    ├── CaseError              an objection or repair cannot be taken, found or moved on
    │   └── UnknownCase
    ├── RuleError              the office's rule data is missing or contradicts itself
    ├── StoreError             the database cannot be opened or is newer than this program
    ├── AuthorisationError     a signed authorisation cannot be taken, found or revoked
    ├── AuditError             the audit cannot be read, or what it is compared with
    ├── DirectoryError         a list of staff, a member or an account cannot be taken or found
    └── AccessDenied           nobody may read this without duty and purpose

Every error carries a stable ``code``, a sentence for staff (Chinese) and the next step (Chinese).
"""


class OfficeError(Exception):
    """A question the office could not answer. ``str(error)`` is the Chinese sentence."""

    code = "OFFICE_ERROR"

    def __init__(self, message: str, *, next_step: str, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step
        if code is not None:
            self.code = code


class PolicyError(OfficeError):
    code = "POLICY_ERROR"


class UnreadablePolicy(PolicyError):
    code = "POLICY_UNREADABLE"


class UnknownPolicy(PolicyError):
    code = "POLICY_UNKNOWN"


class SearchError(OfficeError):
    code = "SEARCH_ERROR"


class RecordError(OfficeError):
    code = "RECORD_ERROR"


class UnreadableImport(RecordError):
    code = "IMPORT_UNREADABLE"


class UnknownSubject(RecordError):
    code = "SUBJECT_UNKNOWN"


class SubjectRefused(RecordError):
    code = "SUBJECT_REFUSED"


class QuestionError(OfficeError):
    code = "QUESTION_ERROR"


class UnknownQuestion(QuestionError):
    code = "QUESTION_UNKNOWN"


class CaseError(OfficeError):
    code = "CASE_ERROR"


class UnknownCase(CaseError):
    code = "CASE_UNKNOWN"


class RuleError(OfficeError):
    code = "RULE_ERROR"


class StoreError(OfficeError):
    code = "STORE_ERROR"


class AccessDenied(OfficeError):
    code = "ACCESS_DENIED"


class AuthorisationError(OfficeError):
    code = "AUTHORISATION_ERROR"


class AuditError(OfficeError):
    code = "AUDIT_ERROR"


class DirectoryError(OfficeError):
    code = "DIRECTORY_ERROR"
