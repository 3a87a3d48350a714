"""What the result page may say of each verdict."""

from datetime import timedelta

from tests.verify.public.published import ISSUED_AT, NAME, NOW, STRANGER, token, trust_text
from verify.check import check
from verify.public.result import TONES, result_of
from verify.reasons import Verdict
from verify.trust import load


def test_every_verdict_has_its_colour_and_green_is_for_valid_only() -> None:
    assert set(TONES) == set(Verdict)
    assert [verdict for verdict, tone in TONES.items() if tone == "good"] == [Verdict.VALID]
    assert TONES[Verdict.EXPIRED] != TONES[Verdict.ALTERED]


def test_last_second_of_the_month_is_written_as_24_hours() -> None:
    trust = load(trust_text())
    result = result_of(check(token(), trust=trust, at=NOW, now=NOW))
    assert {row.name: row.value for row in result.report}["核验有效期至"] == "2026年12月16日24时"
    assert result.checked_at == "2026年11月21日 09:00:00"
    late = result_of(check(token(), trust=trust, at=ISSUED_AT + timedelta(days=40), now=NOW))
    assert (late.verdict, late.tone) == ("expired", "late")


def test_what_was_valid_at_another_moment_is_not_called_valid_without_more() -> None:
    trust = load(trust_text())
    result = result_of(check(token(), trust=trust, at=NOW - timedelta(days=1), now=NOW), NOW)
    assert (result.verdict, result.headline) == ("valid", "所问时刻有效")
    assert (result.asked_at, result.checked_at) == ("2026年11月20日 09:00:00", "2026年11月21日 09:00:00")
    assert result.period == "查询时间范围 2023年11月14日至2026年11月13日"


def test_forged_credential_shows_no_name() -> None:
    result = result_of(check(token(STRANGER), trust=load(trust_text()), at=NOW, now=NOW))
    assert result.report == ()
    assert result.conclusion == ""
    assert NAME not in result.message
