"""Valid at bid opening? The page answers for another day, with the status the report had then: the log knows."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, Opener, listening
from tests.verify.issuing.office import ISSUED, SUBJECTS, TestOffice
from verify.public.app import build
from verify.public.settings import PublicSettings

pytestmark = pytest.mark.browser


def ask_for(page: Page, moment: str) -> None:
    page.get_by_text("换一个时刻再问").click()
    page.get_by_label("在哪一天、几点有效").fill(moment)
    page.get_by_role("button", name="按这个时刻核验").click()
    expect(page.locator(".verdict-asked")).to_be_visible()


def test_revoked_report_was_valid_when_bids_were_opened(
    tmp_path: Path, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("verify.issuing.private_keys.COST", 16)
    office = TestOffice(tmp_path, wall=ISSUED)
    office.add_subjects(SUBJECTS[:1])
    office.connect(*(domain.number for domain in office.office.domains), updated_on=date(2026, 8, 19))
    report = office.issue()
    office.wall += timedelta(days=3)
    office.issuing.revoke(report.number, reason="发现数据有误", actor="测试员", now=office.wall)
    office.wall += timedelta(hours=1)
    with listening(build(PublicSettings(folder=office.places.public, clock=lambda: office.wall))) as origin:
        page = opened(DESKTOP)
        page.clock.set_fixed_time(office.wall)
        page.goto(f"{origin}/v#{report.qr_text.partition('#')[2]}")
        expect(page.locator("#result h1")).to_have_text("已撤销")
        expect(page.locator(".verdict-basis")).to_contain_text("登记为：撤销")
        expect(page.locator(".domains tbody tr")).to_have_count(45)
        ask_for(page, f"{ISSUED + timedelta(days=1):%Y-%m-%dT09:30}")
        expect(page.locator("#result .verdict")).to_have_attribute("data-reason", "OK_THEN")
        expect(page.locator("#result h1")).to_have_text("所问时刻有效")
        expect(page.locator(".verdict-gist")).to_have_text("所问时刻真实有效，现在已经不能用")
        expect(page.locator("#result .verdict")).to_have_class("verdict late")  # not green: it is of no use now
        expect(page.locator("[data-notice=STATUS_CHANGED_SINCE]")).to_contain_text("所问时刻之后，报告的状态已经改变")
        page.get_by_text("换一个时刻再问").click()
        page.get_by_role("button", name="按现在核验").click()
        expect(page.locator("#result h1")).to_have_text("已撤销")
        expect(page.locator(".verdict-asked")).to_have_count(0)
        page.goto(f"{origin}/v/batch")
        page.locator("#files").set_input_files(
            {"name": "甲.txt", "mimeType": "text/plain", "buffer": report.qr_text.encode()}
        )
        page.locator("#when").fill(f"{ISSUED + timedelta(days=1):%Y-%m-%dT09:30}")
        page.locator("#send").click()
        expect(page.locator("#progress-words")).to_have_text("核验完成：1 份报告，1 份需要处理。")
        row = page.locator("table.batch tbody tr")
        expect(row).to_have_class("late")
        expect(row.locator(".badge-verdict")).to_have_text("所问时刻有效")
        expect(row.locator(".batch-said")).to_contain_text("现在不能再用")
    office.engine.dispose()
