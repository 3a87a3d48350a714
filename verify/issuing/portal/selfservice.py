"""What a company's person may read of the subject they act for: always under its own entitlement, always audited."""

from index.access import SelfReading
from index.admission import admit
from index.errors import UnknownSubject
from index.records.model import CreditRecord, Subject
from index.records.reading import Reader
from verify.issuing.portal.forms import Asked
from verify.issuing.portal.room import Room, see
from verify.issuing.portal.sessions import Session
from verify.public.problems import Problem, Refused

PURPOSE = "经营主体网上自助查询"
NOT_REGISTERED = "（本市没有登记）"


def subject_code(asked: Asked) -> str:
    """For whom this person acts now; sends them to choose when they have not.

    Raises Refused for a form that was made for another of their subjects, before they changed it in another window.
    """
    chosen = asked.session.subject
    if not chosen:
        raise see("/apply/subjects")
    if asked.fields.get("for", chosen) != chosen:
        raise Refused(_SWITCHED)
    return chosen


_SWITCHED = Problem(
    409,
    "SUBJECT_SWITCHED",
    "没有办理",
    "您在另一个窗口切换了办理主体，这份表单是为原来的主体填写的。",
    "请回到首页，确认办理主体后重新办理；需要办原来的主体，请先切换回去。",
)


class SelfService:
    """Reads that block: for a thread."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def subject(self, session: Session, code: str) -> Subject:
        """Raises UnknownSubject in words for the subject itself."""
        try:
            return self._reader(session, code).subject(code)
        except UnknownSubject as cause:
            raise UnknownSubject(
                f"本市没有登记统一社会信用代码为 {code} 的经营主体。",
                next_step="请核对账号绑定的代码；刚登记的，请过几个工作日再来，或联系信用办。",
            ) from cause

    def names(self, session: Session, codes: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        return tuple((code, self._name(session, code)) for code in codes)

    def _name(self, session: Session, code: str) -> str:
        try:
            return self._reader(session, code).subject(code).name
        except UnknownSubject:
            return NOT_REGISTERED

    def branches(self, session: Session, code: str) -> tuple[Subject, ...]:
        return self._reader(session, code).branches(code)

    def checked(self, session: Session) -> str:
        """How the identity was checked, as the ledger keeps it."""
        provider = self._room.provider(session.realm)
        issuer = "" if provider is None else provider.settings.issuer
        return f"统一身份认证登录（{issuer}），{session.who.name}"

    def records(self, session: Session, code: str) -> tuple[CreditRecord, ...]:
        """What is published; what is still being looked into is not shown to whom it is about."""
        return self._reader(session, code).list_for(code).records

    def _reader(self, session: Session, code: str) -> Reader:
        """Raises AccessDenied."""
        engine, now = self._room.engine, self._room.now()
        claim = SelfReading(code, f"统一身份认证登录，{session.who.name}", PURPOSE, session.who.actor)
        entitlement = admit(engine, claim, code, now=now, office=self._room.office)
        return Reader(engine, entitlement=entitlement, now=now)
