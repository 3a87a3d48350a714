"""By which right the issuing service reads about a subject: as the subject itself whose identity was checked, under a
registered authorisation, else by the office's own duty to issue.

Rules kept:
* Online (SELF) nobody reads without a checked identity, and only about the company that signed in and its branches.
* Whoever names an authorisation asks under it, whatever else he says.
* At the desk the checked identity is the subject's too, and who serves is named; without one, and for another system
  (SERVICE), the office reads by its own duty.

Source: scheme of 2024, 二（五）（六）; inventory D06, D07.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from index.access import Authorised, Claim, Duty, Scope, SelfReading
from index.admission import admit
from index.channel import Channel
from index.records.reading import Reader
from index.rules.model import Office

MATTER = "签发专用信用报告"
SHOWN_PURPOSE = 60


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who asks. ``subject_code``: as whom, when it is not the subject itself that the report is about.

    ``authorisation``: under which number somebody else (``grantee``) asks; None = nobody else does.
    """

    channel: Channel
    actor: str
    identity_check: str
    purpose: str
    subject_code: str | None = None
    authorisation: str | None = None
    grantee: str = ""


def reader_for(engine: Engine, office: Office, code: str, applicant: Applicant, now: datetime) -> Reader:
    """A reader for one subject. Raises AccessDenied, after its audit line."""
    entitlement = admit(engine, _claim(code, applicant, office), code, scope=Scope.REPORT, now=now, office=office)
    return Reader(engine, entitlement=entitlement, now=now)


def _claim(code: str, applicant: Applicant, office: Office) -> Claim:
    shown = "".join(each for each in applicant.purpose if each.isprintable()).strip()[:SHOWN_PURPOSE]
    purpose = f"{MATTER}：{shown or '未指定用途'}"
    identity = applicant.identity_check.strip()
    if applicant.authorisation is not None:
        return Authorised(applicant.authorisation, applicant.grantee, purpose, applicant.actor)
    if applicant.channel is Channel.SELF or (applicant.channel is Channel.DESK and identity):
        return SelfReading(applicant.subject_code or code, identity, purpose, applicant.actor)
    return Duty(office.issuer_name, MATTER, applicant.actor, purpose)
