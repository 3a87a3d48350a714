"""What of a subject and its records is shown to whom: pure decisions over an entitlement.

| who | which records | what of them |
| the office, and the unit that provided the record | all that may be made public | masked, with the note |
| the subject itself | published ones, its own repaired and withdrawn ones too | masked, without the note |
| the authorised, other units | those a report could show today, and permits | masked, without the note |

Rules kept:
* What must not be made public is shown to nobody (B03); what no document decided (立案、约谈、举报、信访) only inside.
* One mask: the names of those who represent the subject or did before, and numbers of persons, wherever they stand.
* An individual business's address is the home of a person: only he himself sees it, and his own name in full.

Source: 个人信息保护法 arts. 6, 28, 34, 45; scheme of 2024, 二（一）, 三（一）（四）; 信用修复管理办法.
"""

from dataclasses import replace
from datetime import date

from index.access import Entitlement, Ground
from index.masking import mask_name, mask_persons
from index.records.inclusion import VIOLATION_KINDS, not_shared
from index.records.model import CreditRecord, RecordKind, Secrecy, Subject, SubjectKind
from index.records.versions import Version

DECIDED = VIOLATION_KINDS | {RecordKind.NO_PENALTY, RecordKind.PERMIT}
"""Kinds with a decision that the subject was given."""
SHARED = VIOLATION_KINDS | {RecordKind.PERMIT}
SECRECY = "secrecy"
ITSELF = (Ground.SELF, Ground.PARENT)


def is_shown(record: CreditRecord, entitlement: Entitlement, day: date) -> bool:
    """Whether who holds the entitlement sees the record on ``day``."""
    if record.secrecy is not Secrecy.NONE:
        return False
    if _is_inside(record, entitlement):
        return True
    if entitlement.ground in ITSELF:
        return record.published and record.kind in DECIDED
    return record.kind in SHARED and not_shared(record, day) is None


def shown_subject(subject: Subject, entitlement: Entitlement) -> Subject:
    """The subject as the holder sees it."""
    individual = subject.kind is SubjectKind.INDIVIDUAL_BUSINESS
    if individual and entitlement.ground is Ground.SELF:
        return subject
    person = subject.legal_representative
    return replace(
        subject,
        legal_representative=mask_name(person) if person else person,
        address=None if individual else subject.address,
    )


def shown_record(record: CreditRecord, entitlement: Entitlement, person: str | None) -> CreditRecord:
    """The record as the holder sees it. ``person``: the representative or operator, who may stand in the texts."""
    return replace(
        record,
        violation=mask_persons(record.violation, person),
        facts=mask_persons(record.facts, person),
        legal_basis=mask_persons(record.legal_basis, person),
        category=mask_persons(record.category, person),
        content=mask_persons(record.content, person),
        licence=mask_persons(record.licence, person),
        note=mask_persons(record.note, person) if _is_inside(record, entitlement) else "",
    )


def shown_version(version: Version, person: str | None) -> Version:
    """An earlier version, masked; of one that was secret on either side, nothing but that it was."""
    if _was_secret(version):
        secrecy = tuple(change for change in version.changes if change.field == SECRECY)
        return replace(version, before={}, changes=secrecy)
    return replace(
        version,
        before={name: _shown(value, person) for name, value in version.before.items()},
        changes=tuple(
            replace(change, before=_shown(change.before, person), after=_shown(change.after, person))
            for change in version.changes
        ),
    )


def shown_subject_version(version: Version, subject: Subject) -> Version:
    """An earlier version of a subject, masked as the subject is; of a change nobody may see only that there was one."""
    individual = SubjectKind.INDIVIDUAL_BUSINESS in (subject.kind, version.before.get("kind"))

    def shown(name: str, value: object) -> object:
        if name == "legal_representative" and isinstance(value, str):
            return mask_name(value)
        return None if name == "address" and individual else value

    return replace(
        version,
        before={name: shown(name, value) for name, value in version.before.items()},
        changes=tuple(
            replace(change, before=shown(change.field, change.before), after=shown(change.field, change.after))
            for change in version.changes
        ),
    )


def _shown(value: object, person: str | None) -> object:
    return mask_persons(value, person) if isinstance(value, str) else value


def _was_secret(version: Version) -> bool:
    sides = [version.before.get(SECRECY), *(change.after for change in version.changes if change.field == SECRECY)]
    return any(side != Secrecy.NONE.value for side in sides)


def _is_inside(record: CreditRecord, entitlement: Entitlement) -> bool:
    if entitlement.ground is Ground.DUTY:
        return entitlement.unit in (record.source_unit, record.provider)
    return entitlement.ground is Ground.OFFICE
