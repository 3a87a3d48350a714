"""Answers verify/issuing/portal/claims.py and sessions.py: whatever a provider says, whatever a cookie holds."""

from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request
from cryptography.fernet import Fernet
from hypothesis import given, settings
from hypothesis import strategies as st

from index.rules.offices import load_profile
from verify.issuing.portal.claims import Clerk, Person, clerk_of, person_of
from verify.issuing.portal.oidc.errors import SignInError
from verify.issuing.portal.sessions import Sessions
from verify.issuing.portal.settings import CompanyRealm, ProviderSettings, Realm, StaffRealm, Task
from verify.subject import check_character
from verify.validity import SHANGHAI

OFFICE = load_profile("yancheng")
PROVIDER = ProviderSettings("https://id.example", "chenghe", ("openid",))
COMPANY = CompanyRealm(PROVIDER, "uscc", "name", MappingProxyType({"level": frozenset({"3", "true"})}))
STAFF = StaffRealm(PROVIDER, "unit", "name", "role", MappingProxyType({Task.ISSUE: frozenset({"window"})}))
CODE = "91320902MA1EX0M1XB"
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=SHANGHAI)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from((CODE, "市生态环境局", "window")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=6,
)
CLAIMS = st.fixed_dictionaries(
    {"sub": st.text(min_size=1, max_size=255)},
    optional=dict.fromkeys(("uscc", "name", "level", "unit", "role"), VALUES),
)


@given(CLAIMS)
@settings(max_examples=200)
def test_any_claims_are_a_verified_person_of_true_codes_or_a_refusal(claims: dict[str, Any]) -> None:
    try:
        person = person_of(claims, COMPANY)
    except SignInError:
        return
    assert person.subjects == (CODE,)
    level = claims["level"]
    assert set(level if isinstance(level, list) else [level]) & {"3", 3, "true", True}
    assert len(person.actor) <= 100
    assert person.name.isprintable()


@given(CLAIMS)
@settings(max_examples=200)
def test_any_claims_are_a_clerk_of_a_unit_with_a_task_or_a_refusal(claims: dict[str, Any]) -> None:
    try:
        clerk = clerk_of(claims, STAFF, OFFICE)
    except SignInError:
        return
    assert clerk.unit in {unit for domain in OFFICE.domains for unit in domain.units} | {OFFICE.issuer_name}
    assert clerk.tasks == {Task.ISSUE}
    assert len(clerk.actor) <= 100


@pytest.mark.parametrize(("level", "verified"), [(True, True), ("3", True), (3, True), (False, False), (None, False)])
def test_a_required_claim_may_be_text_number_or_truth(level: object, verified: bool) -> None:
    claims = {"sub": "p", "uscc": CODE, "level": level}
    if verified:
        assert person_of(claims, COMPANY).subjects == (CODE,)
    else:
        with pytest.raises(SignInError, match="实名"):
            person_of(claims, COMPANY)


def test_more_subjects_than_a_page_can_offer_are_refused() -> None:
    bodies = [f"91320902MC{number:07d}" for number in range(51)]
    codes = [body + check_character(body) for body in bodies]
    assert len(person_of({"sub": "p", "uscc": codes[:50], "level": "3"}, COMPANY).subjects) == 50
    with pytest.raises(SignInError, match="超过 50 个"):
        person_of({"sub": "p", "uscc": codes, "level": "3"}, COMPANY)


class Kept:
    """A response as far as cookies go."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}

    def set_cookie(self, name: str, value: str, **options: object) -> None:
        self.cookies[name] = value


def asking(cookies: dict[str, str]) -> Any:
    header = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return make_mocked_request("GET", "/apply", headers={"Cookie": header})


@pytest.mark.parametrize(
    ("realm", "who"),
    [
        (Realm.COMPANY, Person("p-1", "王**", tuple(f"91320902MC{number:08d}" for number in range(50)))),
        (Realm.STAFF, Clerk("w-1", "李窗口", "市生态环境局", frozenset(Task))),
    ],
)
def test_a_session_comes_back_as_it_went_and_fits_a_cookie(realm: Realm, who: Person | Clerk) -> None:
    sessions, response = Sessions(Fernet.generate_key()), Kept()
    session = sessions.start(realm, who, NOW, None)
    sessions.keep(response, session, NOW)  # type: ignore[arg-type]
    ((name, value),) = response.cookies.items()
    assert len(name) + len(value) < 4000
    opened = sessions.opened(asking(response.cookies), realm, NOW + timedelta(minutes=5))
    assert opened is not None
    assert (opened.session, opened.fresh) == (session, True)
    assert Sessions(Fernet.generate_key()).opened(asking(response.cookies), realm, NOW) is None


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126, blacklist_characters='";,\\'), max_size=300))
@settings(max_examples=100)
def test_any_text_in_a_cookie_is_nobody(value: str) -> None:
    sessions = Sessions(Fernet.generate_key())
    for realm in Realm:
        request = asking({f"__Host-chenghe-{realm}": value, f"__Host-chenghe-{realm}-sign-in": value})
        assert sessions.opened(request, realm, NOW) is None
        assert sessions.take_attempt(request, realm, NOW) is None
