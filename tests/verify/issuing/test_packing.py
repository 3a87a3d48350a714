"""Answers verify/issuing/packing.py: any program opens the zip, and it says what went in."""

import io
import zipfile
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from verify.documents.archive import members
from verify.issuing.packing import member, packed
from verify.validity import SHANGHAI

MOMENT = datetime(2026, 8, 20, 23, 59, 58, tzinfo=SHANGHAI)
NAMES = st.from_regex(r"[a-z]{1,8}(/[a-z喆]{1,8})?\.xml", fullmatch=True)


@given(st.dictionaries(NAMES, st.binary(max_size=4000), min_size=1, max_size=6))
def test_a_strict_reader_finds_every_member_whole_and_dated(contents: dict[str, bytes]) -> None:
    data = packed([member(name, content) for name, content in contents.items()], MOMENT)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == list(contents)
        assert {info.date_time for info in archive.infolist()} == {(2026, 8, 20, 23, 59, 58)}
        assert {name: archive.read(name) for name in contents} == contents
    assert members(data) == contents


def test_the_same_members_give_the_same_bytes() -> None:
    made = [packed([member("a.xml", b"a" * 1000)], MOMENT) for _ in range(2)]
    assert made[0] == made[1]
