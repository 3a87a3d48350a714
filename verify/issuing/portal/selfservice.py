"""What a company's person may read of the subject they act for: always under its own entitlement, always audited."""

from index.access import SelfReading
from index.admission import admit
from index.errors import UnknownSubject
from index.records.model import CreditRecord, Subject
from index.records.reading import Reader
from verify.issuing.portal.forms import Asked
from verify.issuing.portal.room import Room, see
from verify.issuing.portal.sessions import Session

PURPOSE = "经营主体网上自助查询"
NOT_REGISTERED = "（本市没有登记）"


def subject_code(asked: Asked) -> str:
    """For whom this person acts now; sends them to choose when they have not."""
    if not asked.session.subject:
        raise see("/apply/subjects")
    return asked.session.subject


class SelfService:
    """Reads that block: for a thread."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def subject(self, session: Session, code: str) -> Subject:
        """Raises UnknownSubject in words for the subject itself."""
        found = self._reader(session, code).list_for(code).subject
        if found is None:
            raise UnknownSubject(
                f"本市没有登记统一社会信用代码为 {code} 的经营主体。",
                next_step="请核对账号绑定的代码；刚登记的，请过几个工作日再来，或联系信用办。",
            )
        return found

    def names(self, session: Session, codes: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        found = ((code, self._reader(session, code).list_for(code).subject) for code in codes)
        return tuple((code, NOT_REGISTERED if subject is None else subject.name) for code, subject in found)

    def records(self, session: Session, code: str) -> tuple[CreditRecord, ...]:
        """What is published; what is still being looked into is not shown to whom it is about."""
        return self._reader(session, code).list_for(code).records

    def _reader(self, session: Session, code: str) -> Reader:
        """Raises AccessDenied."""
        engine, now = self._room.engine, self._room.now()
        claim = SelfReading(code, f"统一身份认证登录，{session.who.name}", PURPOSE, session.who.actor)
        entitlement = admit(engine, claim, code, now=now, office=self._room.office)
        return Reader(engine, entitlement=entitlement, now=now)
