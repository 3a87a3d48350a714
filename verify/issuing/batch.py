"""Many reports in one request: whose they are, written down before the first is issued, and one order for each.

Rules kept:
* A request with an idempotency key is written down with its subjects: repeated tomorrow, when the company has another
  branch, it stands for the same subjects, and each of them gets the report it got before.
* One key, one request: other subjects, years or purpose under it are refused.
* Each subject's order has a key of its own made from the request's, so that after a crash the issued ones are found
  and the others are issued once.
* At most ``SUBJECTS_MAX`` at once; a subject named twice gets one report.

Source: issue of a parent company with many branches (上市核查: 分公司/子公司 each need one); design §6 (idempotency).
"""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, insert, select

from index.rules.model import Office
from index.store import tables
from index.store.engine import writing
from verify.errors import IssuingError
from verify.issuing.content import purpose_in
from verify.issuing.entitling import Applicant, reader_for
from verify.issuing.ledger import Doer, note
from verify.issuing.orders import BatchRequest, IssueRequest

SUBJECTS_MAX = 1000


@dataclass(frozen=True, slots=True)
class Batches:
    """The batch requests of one office."""

    engine: Engine
    office: Office

    def orders(self, request: BatchRequest, key: str, now: datetime) -> tuple[IssueRequest, ...]:
        """One order for each subject of the request, in its order. ``key``: the request's, or one made for it.

        Raises IssuingError (BATCH_EMPTY, BATCH_TOO_LARGE, IDEMPOTENCY_KEY_REUSED, PURPOSE_UNKNOWN), UnknownSubject.
        """
        asked = _asked(request, purpose_in(self.office, request.purpose))
        codes = self._written_down(key, asked)
        if codes is None:
            codes = self._write_down(key, asked, self._codes(request, now), Doer(request.actor, now))
        return tuple(_order(request, code, key) for code in codes)

    def _codes(self, request: BatchRequest, now: datetime) -> tuple[str, ...]:
        """Whom the request stands for today, each once."""
        codes: tuple[str, ...] = request.subject_codes
        if request.parent_code is not None:
            applicant = Applicant(request.channel, request.actor, request.identity_check, request.purpose)
            reader = reader_for(self.engine, self.office, request.parent_code, applicant, now)
            parent = reader.subject(request.parent_code)
            branches = tuple(branch.code for branch in reader.branches(parent.code))
            codes = (parent.code, *branches) if request.with_parent else branches
        return _bounded(tuple(dict.fromkeys(codes)), request.parent_code)

    def _written_down(self, key: str, asked: str) -> tuple[str, ...] | None:
        with self.engine.connect() as connection:
            return _found(connection, key, asked)

    def _write_down(self, key: str, asked: str, codes: tuple[str, ...], doer: Doer) -> tuple[str, ...]:
        """Another process may have been faster: then its list holds."""
        with writing(self.engine) as connection:
            found = _found(connection, key, asked)
            if found is None:
                row = {"key": key, "asked": asked, "subject_codes": json.dumps(codes)}
                row_of = row | {"created_at": doer.now, "actor": doer.actor}
                connection.execute(insert(tables.report_requests).values(row_of))
                note(connection, doer, "report.batch", key, f"{len(codes)} 个主体")
        return codes if found is None else found


def _found(connection: Connection, key: str, asked: str) -> tuple[str, ...] | None:
    table = tables.report_requests
    row = connection.execute(select(table.c.asked, table.c.subject_codes).where(table.c.key == key)).first()
    if row is None:
        return None
    if row.asked != asked:
        raise key_reused()
    return tuple(json.loads(row.subject_codes))


def key_reused() -> IssuingError:
    return IssuingError(
        "同一个幂等键已经用于另一份申请。",
        next_step="请为新的申请换一个幂等键（Idempotency-Key，命令行为 --key）。",
        code="IDEMPOTENCY_KEY_REUSED",
    )


def _asked(request: BatchRequest, purpose: str) -> str:
    """What makes two requests the same; who asks and when does not."""
    asked = {
        "parent": request.parent_code,
        "with_parent": request.with_parent,
        "subjects": list(request.subject_codes),
        "years": request.years,
        "purpose": purpose,
    }
    return json.dumps(asked, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _bounded(codes: tuple[str, ...], parent_code: str | None) -> tuple[str, ...]:
    if not codes:
        whose = f"没有登记隶属于 {parent_code} 的分支机构" if parent_code else "没有写明任何主体"
        raise IssuingError(
            f"批量申请是空的：{whose}。",
            next_step="请先导入分支机构的登记信息（“隶属主体代码”一栏），或逐个列出统一社会信用代码。",
            code="BATCH_EMPTY",
        )
    if len(codes) > SUBJECTS_MAX:
        raise IssuingError(
            f"一次申请了 {len(codes)} 份报告，最多 {SUBJECTS_MAX} 份。",
            next_step="请分成几次申请，每次用不同的幂等键。",
            code="BATCH_TOO_LARGE",
        )
    return codes


def _order(request: BatchRequest, code: str, key: str) -> IssueRequest:
    return IssueRequest(
        subject_code=code,
        years=request.years,
        purpose=request.purpose,
        moment=request.moment,
        actor=request.actor,
        idempotency_key=f"{key}/{code}",
        channel=request.channel,
        identity_check=request.identity_check,
        request=key,
        applicant=request.applicant or request.parent_code,
    )
