import json
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.verify.sample import ENTRY, ISSUER, KEY, KEYS, NOTICES, ROOT, STATUSES, STRANGER, TRUST, Office, moment
from verify.cose import sign1
from verify.errors import TrustError
from verify.keylist import TYP as KEY_LIST_TYP
from verify.keylist import KeyEntry, KeyList, open_key_list, sign_key_list
from verify.keyring import ED25519, Signer
from verify.status import StatusList, sign_status_list
from verify.trust import Root, Trust, dump, load, open_trust, refuse_rollback

PINNED = Root(ED25519, ROOT.public_key)
KEY_LIST = sign_key_list(KEYS, ROOT)
CONTENT = json.loads(dump(TRUST))


def opened(statuses: StatusList = STATUSES, signer: Signer = ROOT, keys: KeyList = KEYS) -> Trust:
    return open_trust(PINNED, sign_key_list(keys, ROOT), sign_status_list(statuses, signer))


def refused_code(act: object) -> str:
    assert callable(act)
    with pytest.raises(TrustError) as error:
        act()
    assert error.value.message.endswith("。")
    return error.value.code


def test_a_trust_file_comes_back_as_it_was_written() -> None:
    again = load(dump(TRUST))
    assert (again.keys, again.statuses, again.root) == (TRUST.keys, TRUST.statuses, TRUST.root)
    assert again.changes == TRUST.changes == NOTICES
    assert load(dump(TRUST).encode()).key_list == TRUST.key_list
    assert load(dump(Office(statuses=None).trust())).statuses is None
    assert load(dump(Office(changes=None).trust())).changes is None


def test_a_key_list_of_another_root_is_refused() -> None:
    assert refused_code(lambda: open_trust(Root(ED25519, STRANGER.public_key), KEY_LIST, None)) == "KEY_LIST_OTHER_ROOT"


def test_every_flipped_byte_of_the_key_list_is_refused() -> None:
    for place in range(len(KEY_LIST)):
        flipped = KEY_LIST[:place] + bytes([KEY_LIST[place] ^ 1]) + KEY_LIST[place + 1 :]
        with pytest.raises(TrustError):
            open_key_list(flipped, ED25519, ROOT.public_key)


def test_every_flipped_byte_of_the_status_list_is_refused() -> None:
    status_list = sign_status_list(replace(STATUSES, packed=bytes(64)), ROOT)
    for place in range(len(status_list)):
        flipped = status_list[:place] + bytes([status_list[place] ^ 1]) + status_list[place + 1 :]
        with pytest.raises(TrustError):
            open_trust(PINNED, KEY_LIST, flipped)


def test_a_status_list_is_signed_by_the_root_or_by_a_key_in_force() -> None:
    assert opened(signer=ROOT).statuses == opened(signer=KEY).statuses == STATUSES
    assert refused_code(lambda: opened(signer=STRANGER)) == "STATUS_LIST_SIGNATURE"
    late = replace(STATUSES, issued_at=ENTRY.not_after + timedelta(seconds=1))
    assert refused_code(lambda: opened(late, KEY)) == "STATUS_LIST_SIGNATURE"
    revoked = replace(KEYS, keys=(replace(ENTRY, revoked_at=moment("2026-09-30T00:00:00")),))
    assert refused_code(lambda: opened(signer=KEY, keys=revoked)) == "STATUS_LIST_SIGNATURE"


def test_the_status_list_of_another_issuer_is_refused() -> None:
    other = replace(STATUSES, uri="https://verify.other.example/status")
    assert refused_code(lambda: opened(other)) == "STATUS_LIST_OTHER_ISSUER"


def test_status_list_and_notice_list_cannot_stand_in_for_each_other() -> None:
    status_list, notice_list = TRUST.status_list, TRUST.notice_list
    assert refused_code(lambda: open_trust(PINNED, KEY_LIST, notice_list)) == "STATUS_LIST_OTHER_ISSUER"
    assert refused_code(lambda: open_trust(PINNED, KEY_LIST, status_list, status_list)) == "NOTICE_LIST_OTHER_ISSUER"


def test_a_notice_list_is_signed_like_a_status_list() -> None:
    status_list = TRUST.status_list
    for signer in (ROOT, KEY):
        assert open_trust(PINNED, KEY_LIST, status_list, sign_status_list(NOTICES, signer)).changes == NOTICES
    strange = sign_status_list(NOTICES, STRANGER)
    assert refused_code(lambda: open_trust(PINNED, KEY_LIST, status_list, strange)) == "NOTICE_LIST_SIGNATURE"
    assert refused_code(lambda: open_trust(PINNED, KEY_LIST, status_list, b"x")) == "NOTICE_LIST_INVALID"


def test_a_file_of_the_first_format_is_read_and_has_no_notice_list() -> None:
    first = {key: value for key, value in CONTENT.items() if key != "notice_list"}
    trust = load(json.dumps({**first, "format": "chenghe-trust-1"}))
    assert (trust.statuses, trust.changes, trust.notice_list) == (TRUST.statuses, None, None)
    assert json.loads(dump(trust))["format"] == "chenghe-trust-2"


def test_a_file_of_a_later_format_says_that_the_program_is_too_old() -> None:
    with pytest.raises(TrustError) as error:
        load(json.dumps({**CONTENT, "format": "chenghe-trust-3"}))
    assert (error.value.code, error.value.next_step) == ("TRUST_FORMAT_UNKNOWN", "请升级核验程序后重试。")


def test_two_keys_with_one_kid_are_refused() -> None:
    twice = replace(KEYS, keys=(ENTRY, replace(ENTRY, report_types=(1, 2))))
    assert refused_code(lambda: sign_key_list(twice, ROOT)) == "KEY_LIST_KID_COLLISION"


@pytest.mark.parametrize(
    "keys",
    [
        replace(KEYS, version=0),
        replace(KEYS, issuer=replace(ISSUER, number_prefix="yczx")),
        replace(KEYS, issuer=replace(ISSUER, verify_url="https://verify.example.gov.cn/")),
        replace(KEYS, issuer=replace(ISSUER, verify_url="https://Verify.example.gov.cn")),
        replace(KEYS, issuer=replace(ISSUER, name="")),
        replace(KEYS, keys=(replace(ENTRY, public_key=bytes(31)),)),
        replace(KEYS, keys=(KeyEntry(-7, KEY.public_key, ENTRY.not_before, ENTRY.not_after, (1,)),)),
    ],
)
def test_a_key_list_that_breaks_a_rule_cannot_be_signed(keys: KeyList) -> None:
    with pytest.raises(TrustError):
        sign_key_list(keys, ROOT)


def test_nothing_rolls_back() -> None:
    older = Office(keys=replace(KEYS, version=2)).trust()
    earlier = Office(statuses=replace(STATUSES, issued_at=STATUSES.issued_at - timedelta(seconds=1))).trust()
    older_notices = Office(changes=replace(NOTICES, issued_at=NOTICES.issued_at - timedelta(seconds=1))).trust()
    stranger_root = open_trust(Root(ED25519, STRANGER.public_key), sign_key_list(KEYS, STRANGER), None)
    refuse_rollback(TRUST, TRUST)
    refuse_rollback(TRUST, older)
    for new, code in (
        (older, "KEY_LIST_ROLLBACK"),
        (earlier, "STATUS_LIST_ROLLBACK"),
        (Office(statuses=None).trust(), "STATUS_LIST_ROLLBACK"),
        (older_notices, "NOTICE_LIST_ROLLBACK"),
        (Office(changes=None).trust(), "NOTICE_LIST_ROLLBACK"),
        (stranger_root, "ROOT_CHANGED"),
    ):
        with pytest.raises(TrustError) as error:
            refuse_rollback(new, TRUST)
        assert error.value.code == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[" * 100_000,
        json.dumps({**CONTENT, "extra": 1}),
        json.dumps({**CONTENT, "format": "chenghe-trust-3"}),
        json.dumps({**CONTENT, "format": ["chenghe-trust-2"]}),
        json.dumps({**CONTENT, "format": "chenghe-trust-1"}),
        json.dumps({key: value for key, value in CONTENT.items() if key != "notice_list"}),
        json.dumps({**CONTENT, "notice_list": CONTENT["status_list"]}),
        json.dumps({**CONTENT, "issuer": "另一个机构"}),
        json.dumps({**CONTENT, "key_list": "!"}),
        json.dumps({**CONTENT, "key_list": None}),
        json.dumps({**CONTENT, "status_list": CONTENT["key_list"]}),
        json.dumps({**CONTENT, "root": {"algorithm": "ES256", "public_key": "AA=="}}),
        json.dumps({**CONTENT, "root": {"algorithm": "Ed25519", "public_key": "AA=="}}),
        json.dumps({**CONTENT, "root": {"algorithm": ["Ed25519"], "public_key": "AA=="}}),
    ],
)
def test_any_other_file_is_refused(text: str) -> None:
    with pytest.raises(TrustError) as error:
        load(text)
    assert error.value.next_step


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_json_is_no_trust_file_even_where_it_is_said_twice(word: str) -> None:
    text = dump(TRUST).replace("{", f'{{"issuer": {word},', 1)
    assert refused_code(lambda: load(text)) == "TRUST_FILE_INVALID"


def test_what_is_wrong_with_a_list_is_one_sentence_about_the_list() -> None:
    broken = sign1(b"\xc0\x00", ROOT, KEY_LIST_TYP)
    for act in (lambda: open_trust(PINNED, broken, None), lambda: open_trust(PINNED, KEY_LIST, b"\xd2")):
        with pytest.raises(TrustError) as error:
            act()
        message = error.value.message
        assert message.count("。") == 1
        assert "核验码" not in message
