"""By which right the person at the command line reads: the options, and the claim they make (docs/access.md)."""

import argparse
from typing import TYPE_CHECKING

from bot import clock, rooms
from bot.errors import UsageError
from bot.settings import Home

if TYPE_CHECKING:
    from index.access import Claim
    from index.records.reading import Reader
    from index.rules.model import Office

AT_THE_DESK = "窗口核对"
"""Matter and purpose of the office's own staff who say nothing else."""


def add_claim_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--unit", metavar="U", help="履职查询：查询单位（不填为本机构）")
    parser.add_argument("--matter", metavar="TEXT", help="履职查询：办理事项")
    parser.add_argument("--handler", metavar="NAME", help="履职查询：经办人")
    parser.add_argument("--purpose", metavar="TEXT", help="查询用途，记入审计（本机构不填为“窗口核对”）")
    parser.add_argument("--authorisation", metavar="NUMBER", help="授权查询：授权书编号")
    parser.add_argument("--grantee", metavar="NAME", help="授权查询：被授权人")
    parser.add_argument("--identity", metavar="TEXT", help="本人查询：怎样核对了身份，如“营业执照、经办人身份证”")


def claim_of(options: argparse.Namespace, office: "Office", code: str) -> "Claim":
    """The claim the options make; without any, the office's own duty. Raises UsageError for half a claim."""
    from index.access import Authorised, Duty, SelfReading

    _refuse_mixture(options)
    me, purpose = clock.operator(), options.purpose
    if options.authorisation is not None:
        return Authorised(options.authorisation, options.grantee or "", purpose or "授权查询", me)
    if options.identity is not None:
        return SelfReading(code, options.identity, purpose or "本人查询", me)
    if options.unit is not None:
        return Duty(options.unit, options.matter or "", options.handler or "", purpose or "", me)
    return Duty(office.issuer_name, options.matter or AT_THE_DESK, options.handler or me, purpose or AT_THE_DESK, me)


def _refuse_mixture(options: argparse.Namespace) -> None:
    duty = any(value is not None for value in (options.unit, options.matter, options.handler))
    authorised = options.authorisation is not None or options.grantee is not None
    if duty + authorised + (options.identity is not None) > 1:
        raise UsageError(
            "履职查询、授权查询、本人查询只能选一种。",
            next_step="履职：--unit --matter --handler --purpose；授权：--authorisation --grantee；本人：--identity。",
            code="CLAIM_MIXED",
        )
    if options.grantee is not None and options.authorisation is None:
        raise UsageError("没有填授权书编号。", next_step="请加 --authorisation NUMBER。", code="CLAIM_INCOMPLETE")


def reader_of(options: argparse.Namespace, home: Home, code: str) -> "Reader":
    """Admission to a subject's facts by the claim of the options. Raises UsageError, AccessDenied."""
    from index.admission import admit
    from index.records.reading import Reader

    engine, office, now = rooms.store(home), rooms.office(home), clock.now()
    entitlement = admit(engine, claim_of(options, office, code), code, now=now, office=office)
    return Reader(engine, entitlement=entitlement, now=now)
