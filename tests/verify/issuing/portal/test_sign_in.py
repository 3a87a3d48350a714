"""Answers verify/issuing/portal/{signing,gate,sessions,claims}.py: signing in at a real provider, and mallory."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from cryptography.fernet import Fernet
from sqlalchemy import select

from index.store import tables
from tests.ports import free_port
from tests.provider import COMPANY_PERSON, STAFF, MockProvider
from tests.verify.issuing.office import SHOP, TestOffice
from tests.verify.issuing.portal.browsing import Browser
from tests.verify.issuing.portal.conftest import serving

SESSION = "__Host-chenghe-apply"


async def test_a_company_signs_in_and_sees_its_overview(portal: Browser, mock: MockProvider) -> None:
    assert "登录后办理" in (await portal.get("/apply")).text
    home = await portal.sign_in("apply", mock.person("p-1", **COMPANY_PERSON))
    assert home.status == 200, home.text
    assert "盐城示例喆堃𬭎环保科技有限公司（虚构）" in home.text
    assert "王示例" not in home.text


async def test_the_request_to_the_provider_is_code_with_pkce(portal: Browser) -> None:
    asked = parse_qs(urlsplit(await portal.sent_to("apply")).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"{portal.origin}/apply/signed-in"]
    assert all(len(asked[name][0]) >= 43 for name in ("state", "nonce", "code_challenge"))
    again = parse_qs(urlsplit(await portal.sent_to("apply")).query)
    assert not {asked[name][0] for name in ("state", "nonce", "code_challenge")} & {
        again[name][0] for name in ("state", "nonce", "code_challenge")
    }


async def test_the_cookie_is_for_this_host_alone_and_says_nothing(portal: Browser, mock: MockProvider) -> None:
    back = await portal.back_from(await portal.sent_to("apply"), mock.person("p-1", **COMPANY_PERSON))
    answer = await portal.get(back, follow=False)
    assert answer.headers["Location"] == "/apply"
    cookie = portal.cookie(SESSION)
    assert cookie
    assert "91320902" not in cookie
    for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert word in answer.headers["Set-Cookie"]


async def test_b09_whoever_is_not_verified_is_refused(portal: Browser, mock: MockProvider) -> None:
    for claims, code in (
        ({"real_name": "no"}, "NOT_VERIFIED"),
        ({"real_name": None}, "NOT_VERIFIED"),
        ({"uscc": ""}, "NO_SUBJECT"),
        ({"uscc": "91320902MA1EX0M1X0"}, "NO_SUBJECT"),
        ({"uscc": ["' OR 1=1 --"]}, "NO_SUBJECT"),
        ({"uscc": {"code": "91320902MA1EX0M1XB"}}, "NO_SUBJECT"),
    ):
        answer = await portal.sign_in("apply", mock.person("p-2", **COMPANY_PERSON | claims))
        assert code in answer.text
        assert answer.status >= 400
        assert not portal.cookie(SESSION)


async def test_staff_of_an_unknown_unit_or_without_a_task_are_refused(portal: Browser, mock: MockProvider) -> None:
    assert "UNIT_UNKNOWN" in (await portal.sign_in("desk", mock.person("s-1", **STAFF | {"unit": "某局"}))).text
    assert "NO_TASK" in (await portal.sign_in("desk", mock.person("s-2", **STAFF | {"role": ["reader"]}))).text


async def test_a_company_session_opens_no_desk(portal: Browser, mock: MockProvider) -> None:
    await portal.sign_in("apply", mock.person("p-1", **COMPANY_PERSON))
    assert "给信用办窗口和各责任单位的工作人员使用" in (await portal.get("/desk/cases")).text
    portal.set_cookie("__Host-chenghe-desk", portal.cookie(SESSION))
    assert "给信用办窗口和各责任单位的工作人员使用" in (await portal.get("/desk/cases")).text


async def test_login_csrf_an_answer_begun_in_another_browser_is_refused(portal: Browser, mock: MockProvider) -> None:
    """Mallory signs in as himself and makes the victim's browser end that sign-in."""
    mallory = Browser(portal.origin)
    back = await mallory.back_from(await mallory.sent_to("apply"), mock.person("mallory", **COMPANY_PERSON))
    await mallory.close()
    for begun in (False, True):
        if begun:
            await portal.sent_to("apply")
        answer = await portal.get(back)
        assert "SIGN_IN_REFUSED" in answer.text
        assert not portal.cookie(SESSION)


async def test_an_answer_is_taken_once(portal: Browser, mock: MockProvider) -> None:
    begun = await portal.sent_to("apply")
    thief = portal.copy()
    back = await portal.back_from(begun, mock.person("p-1", **COMPANY_PERSON))
    assert (await portal.get(back)).status == 200
    assert "SIGN_IN_REFUSED" in (await thief.get(back)).text
    assert not thief.cookie(SESSION)
    await thief.close()


async def test_an_answer_too_late_is_refused(city: TestOffice, portal: Browser, mock: MockProvider) -> None:
    begun = await portal.sent_to("apply")
    city.wall += timedelta(minutes=11)
    back = await portal.back_from(begun, mock.person("p-1", **COMPANY_PERSON))
    assert "SIGN_IN_REFUSED" in (await portal.get(back)).text


async def test_an_answer_for_one_side_does_not_end_the_sign_in_of_the_other(
    portal: Browser, mock: MockProvider
) -> None:
    await portal.sent_to("desk")
    back = await portal.back_from(await portal.sent_to("apply"), mock.person("p-1", **COMPANY_PERSON))
    assert "SIGN_IN_REFUSED" in (await portal.get(back.replace("/apply/", "/desk/"))).text


async def test_a_refusal_at_the_provider_is_said_kindly(portal: Browser) -> None:
    state = parse_qs(urlsplit(await portal.sent_to("apply")).query)["state"][0]
    answer = await portal.get(f"/apply/signed-in?error=access_denied&state={state}")
    assert "您在认证平台取消了登录" in answer.text


async def test_a_session_set_before_is_not_continued(portal: Browser, mock: MockProvider) -> None:
    """Session fixation: what mallory planted in the victim's browser is worth nothing after the sign-in."""
    await portal.sign_in("apply", mock.person("mallory", **COMPANY_PERSON | {"uscc": SHOP}))
    planted = portal.copy()
    await portal.sign_in("apply", mock.person("p-1", **COMPANY_PERSON))
    assert "盐城示例喆堃" in (await portal.get("/apply")).text
    assert "登录后办理" in (await planted.get("/apply")).text
    await planted.close()


async def test_signing_out_ends_the_session_and_its_copies(portal: Browser, mock: MockProvider) -> None:
    home = await portal.sign_in("apply", mock.person("p-1", **COMPANY_PERSON))
    thief = portal.copy()
    answer = await portal.post("/apply/sign-out", {"token": home.token})
    assert "已经退出" in answer.text
    assert f"{mock.issuer}/oauth2/end_session?" in answer.text
    for browser in (portal, thief):
        assert "登录后办理" in (await browser.get("/apply")).text
    await thief.close()


async def test_an_idle_session_ends_and_so_does_a_long_one(
    city: TestOffice, portal: Browser, mock: MockProvider
) -> None:
    await portal.sign_in("apply", mock.person("p-1", **COMPANY_PERSON))
    city.wall += timedelta(minutes=19)
    assert "开过的报告" in (await portal.get("/apply")).text
    city.wall += timedelta(minutes=21)
    assert "登录已经超时" in (await portal.get("/apply")).text


async def test_eight_hours_are_the_end_even_for_the_busy(city: TestOffice, portal: Browser, mock: MockProvider) -> None:
    await portal.sign_in("apply", mock.person("p-1", **COMPANY_PERSON))
    for _ in range(26):
        city.wall += timedelta(minutes=18)
        await portal.get("/apply")
    assert "开过的报告" in (await portal.get("/apply")).text
    city.wall += timedelta(minutes=18)
    assert "登录已经超时" in (await portal.get("/apply")).text


async def test_a_changed_cookie_is_no_cookie(portal: Browser, mock: MockProvider) -> None:
    await portal.sign_in("apply", mock.person("p-1", **COMPANY_PERSON))
    cookie = portal.cookie(SESSION)
    for changed in (cookie[:-4] + "AAAA", cookie[1:], "x" * 3900, "{}"):
        portal.set_cookie(SESSION, changed)
        assert "登录后办理" in (await portal.get("/apply")).text


async def test_a_cookie_of_another_version_of_the_program_is_no_cookie(
    city: TestOffice, portal: Browser, mock: MockProvider
) -> None:
    key = Fernet((city.home / "keys" / "portal-key").read_bytes())
    for values in ("{}", '{"realm":"apply","number":"1"}', '{"realm":"apply","attempt":{"state":1}}', "[]", "7"):
        sealed = key.encrypt_at_time(values.encode(), int(city.wall.timestamp())).decode()
        for name, path in ((SESSION, "/apply"), (f"{SESSION}-sign-in", "/apply/signed-in?state=1&code=1")):
            portal.set_cookie(name, sealed)
            assert (await portal.get(path)).status in (200, 422)


async def test_a_form_needs_its_token_and_our_origin(portal: Browser, mock: MockProvider) -> None:
    home = await portal.sign_in("apply", mock.person("p-1", **COMPANY_PERSON))
    for origin in ("https://other.example", "null", f"{portal.origin}.example"):
        answer = await portal.post("/apply/sign-out", {"token": home.token}, Origin=origin)
        assert (answer.status, "FORM_FROM_ELSEWHERE" in answer.text) == (403, True)
    for site in ("cross-site", "same-site", "none"):
        answer = await portal.post("/apply/sign-out", {"token": home.token}, **{"Sec-Fetch-Site": site})
        assert "FORM_FROM_ELSEWHERE" in answer.text
    for token in ({}, {"token": ""}, {"token": "x" * 32}):
        answer = await portal.post("/apply/sign-out", token)
        assert (answer.status, "FORM_OUTDATED" in answer.text) == (403, True)
    assert "开过的报告" in (await portal.get("/apply")).text


async def test_a_form_filled_in_before_the_end_can_be_sent_after_signing_in_again(
    city: TestOffice, portal: Browser, mock: MockProvider
) -> None:
    sub = mock.person("p-1", **COMPANY_PERSON)
    form = await portal.sign_in("apply", sub)
    city.wall += timedelta(minutes=30)
    assert "填好的内容还在那里" in (await portal.post("/apply/reports", {"token": form.token})).text
    city.wall -= timedelta(minutes=30)
    await portal.sign_in("apply", sub)
    assert (await portal.get("/apply")).token == form.token


async def test_the_token_of_one_person_is_not_anothers(portal: Browser, mock: MockProvider) -> None:
    first = await portal.sign_in("apply", mock.person("p-1", **COMPANY_PERSON))
    second = await portal.sign_in("apply", mock.person("p-9", **COMPANY_PERSON))
    assert first.token != second.token


async def test_nobody_is_sent_to_an_address_of_the_callers(portal: Browser, mock: MockProvider) -> None:
    for path in ("/apply?next=https://other.example", "/apply/sign-in?next=//other.example", "/apply//other.example"):
        answer = await portal.get(path, follow=False)
        assert "other.example" not in answer.headers.get("Location", "")


async def test_every_sign_in_leaves_an_audit_line(city: TestOffice, portal: Browser, mock: MockProvider) -> None:
    await portal.sign_in("apply", mock.person("p-1", **COMPANY_PERSON))
    with city.engine.connect() as connection:
        line = connection.execute(select(tables.audit).where(tables.audit.c.action == "portal.sign-in")).one()
    assert "p-1" in line.actor
    assert line.detail == COMPANY_PERSON["uscc"]


async def test_pages_carry_the_strict_headers(portal: Browser) -> None:
    for path in ("/apply", "/desk", "/guide", "/apply/nowhere"):
        headers = (await portal.get(path)).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "same-origin"


async def test_without_settings_the_guides_are_there_and_nobody_signs_in(city: TestOffice) -> None:
    async with serving(city, free_port()) as browser:
        assert (await browser.get("/guide")).status == 200
        assert "网上登录还没有开通" in (await browser.get("/apply")).text
        assert "SIGN_IN_NOT_SET_UP" in (await browser.get("/apply/sign-in")).text


async def test_several_subjects_are_chosen_among_and_no_others(portal: Browser, mock: MockProvider) -> None:
    both = COMPANY_PERSON | {"uscc": [COMPANY_PERSON["uscc"], SHOP]}
    chooser = await portal.sign_in("apply", mock.person("p-3", **both))
    assert "为哪个主体办理" in chooser.text
    home = await portal.post("/apply/subject", {"token": chooser.token, "code": SHOP})
    assert "盐都区示例小吃店（虚构）" in home.text
    other = await portal.post("/apply/subject", {"token": chooser.token, "code": "91320981MA1EX0M44E"})
    assert other.status == 404
    assert "盐都区示例小吃店（虚构）" in (await portal.get("/apply")).text


async def test_a_form_made_for_one_subject_does_nothing_for_another(
    city: TestOffice, portal: Browser, mock: MockProvider
) -> None:
    """Two windows: the form of the first must not issue a report for the subject chosen in the second."""
    both = COMPANY_PERSON | {"uscc": [COMPANY_PERSON["uscc"], SHOP]}
    chooser = await portal.sign_in("apply", mock.person("p-3", **both))
    await portal.post("/apply/subject", {"token": chooser.token, "code": COMPANY_PERSON["uscc"]})
    form = await portal.get("/apply/preview?years=1")
    sent = {name: form.field(name) for name in ("token", "for", "key", "years", "purpose")}
    await portal.post("/apply/subject", {"token": chooser.token, "code": SHOP})
    answer = await portal.post("/apply/reports", sent)
    assert (answer.status, "SUBJECT_SWITCHED" in answer.text) == (409, True)
    assert city.count("ledger") == 0
