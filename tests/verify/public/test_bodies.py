"""Bodies from enemies: whatever is sent, the answer is a refusal or the fields, never a fault."""

import asyncio
from contextlib import contextmanager

import pytest
from aiohttp import StreamReader, hdrs
from aiohttp.base_protocol import BaseProtocol
from aiohttp.test_utils import make_mocked_request
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.public.bodies import BodyLimits, SentFile, display_name, form, form_with_file, json_object
from verify.public.problems import Refused

LIMITS = BodyLimits(file_bytes=2000, small_bytes=500)
BOUNDARY = "b0undary"
_HEADER = st.sampled_from(
    [
        b'Content-Disposition: form-data; name="file"; filename="a.docx"',
        b'Content-Disposition: form-data; name="token"',
        b"Content-Disposition: form-data; filename*=UTF-8''%e4%b8%ad.png; name=file",
        b'Content-Disposition: form-data; name="file"; filename="\xe4\xb8\xad\\".png"',
        b'Content-Disposition: ;;;="',
        b"Content-Length: -5",
        b"Content-Transfer-Encoding: base64",
        b"Content-Type: multipart/mixed; boundary=x",
        b"no colon here",
        b"",
    ]
)
_PART = st.tuples(st.lists(_HEADER, max_size=3), st.binary(max_size=60)).map(
    lambda part: b"\r\n".join([*part[0], b"", part[1]])
)
_BODY = st.one_of(
    st.lists(_PART, max_size=4).map(
        lambda parts: b"".join(b"--b0undary\r\n" + part + b"\r\n" for part in parts) + b"--b0undary--\r\n"
    ),
    st.lists(_PART, max_size=3).map(lambda parts: b"--b0undary\r\n".join(parts)),
    st.binary(max_size=200),
)


def request_of(body: bytes, kind: str):
    reader = StreamReader(BaseProtocol(asyncio.get_running_loop()), 2**16)
    reader.feed_data(body)
    reader.feed_eof()
    return make_mocked_request("POST", "/v", headers={hdrs.CONTENT_TYPE: kind}, payload=reader)


@contextmanager
def refusal_allowed():
    try:
        yield
    except Refused as refused:
        if refused.problem.status not in (400, 413):
            raise


@settings(max_examples=300, deadline=None)
@given(_BODY)
def test_any_multipart_body_is_read_or_refused(body: bytes) -> None:
    async def read() -> None:
        with refusal_allowed():
            values = await form_with_file(request_of(body, f"multipart/form-data; boundary={BOUNDARY}"), LIMITS)
            for value in values.values():
                assert isinstance(value, str) or len(value.content) <= LIMITS.file_bytes

    asyncio.run(read())


@given(st.binary(max_size=600))
def test_any_form_or_json_is_read_or_refused(body: bytes) -> None:
    async def read() -> None:
        for reader, kind in ((form, "application/x-www-form-urlencoded"), (json_object, "application/json")):
            with refusal_allowed():
                assert all(isinstance(name, str) for name in await reader(request_of(body, kind), LIMITS))

    asyncio.run(read())


async def test_file_arrives_byte_for_byte() -> None:
    content = bytes(range(256)) + b"\r\n--b0undar\r\n\r\n --b0undary"
    head = b'--b0undary\r\nContent-Disposition: form-data; name="file"; filename="a.docx"\r\n\r\n'
    body = head + content + b"\r\n--b0undary--\r\n"
    values = await form_with_file(request_of(body, f"multipart/form-data; boundary={BOUNDARY}"), LIMITS)
    assert values == {"file": SentFile("a.docx", content)}


async def test_first_of_two_fields_counts() -> None:
    body = b"token=1&token=2"
    assert await form(request_of(body, "application/x-www-form-urlencoded"), LIMITS) == {"token": "1"}


async def test_one_byte_over_the_limit_is_too_large() -> None:
    kind = "application/x-www-form-urlencoded"
    assert len((await form(request_of(b"a" * 500, kind), LIMITS))["a" * 500]) == 0
    with pytest.raises(Refused) as refused:
        await form(request_of(b"a" * 501, kind), LIMITS)
    assert refused.value.problem.status == 413


@given(st.text(max_size=300))
def test_shown_name_is_short_printable_and_no_path(name: str) -> None:
    shown = display_name(name)
    assert 0 < len(shown) <= 120
    assert not {"/", "\\", "\n", "\r", "\x00", "\u202e"} & set(shown)
    shown.encode("utf-8")


def test_name_keeps_its_last_component() -> None:
    assert display_name("C:\\报告\\a.docx") == "a.docx"
    assert display_name("../../etc/passwd") == "passwd"
    assert display_name("/") == "未命名文件"
