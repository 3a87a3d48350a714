"""The transparency log as a transcript: issue, revoke, cosign; a stolen key, an insider and a fork, and who notices.

The office and the second bureau are fictional. Each has its own home; they hand files to each other.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import insert

from bot import clock, rooms
from bot.__main__ import main
from bot.settings import Home
from index.store import tables
from index.store.engine import writing
from tests.journeys.conftest import Chenghe, Said
from tests.verify.sample import FACTS, moment
from verify.credential import sign
from verify.keyring import Signer
from verify.scanned import qr_text
from verify.transparency.leaves import issued, ref_of
from verify.transparency.merkle import leaf_hash, root_of
from verify.transparency.notes import sign_checkpoint
from verify.transparency.tiles import tiles_for
from verify.validity import SHANGHAI

COMPANY = "91320902MA1EX0M1XB"
SUBJECTS = f"""名称,统一社会信用代码,主体类型,法定代表人,成立日期,住所,登记状态,登记机关
盐城示例禾苗环保科技有限公司（虚构）,{COMPANY},公司,张示例,2019-05-06,示例路1号,存续,示例登记机关
"""
MORNING, NOON, EVENING = (f"2026-08-20T{hour}:00:00+08:00" for hour in ("10", "12", "18"))
PASSPHRASE = "示例口令，只用于测试，够长"
WITNESS = "neighbour.example.gov.cn/witness"


class TwoBureaus:
    """An office that has issued two reports and revoked one, and a bureau beside it."""

    def __init__(self, chenghe: Chenghe, folder: Path) -> None:
        self._chenghe = chenghe
        self.folder = folder
        self.home, self.other = folder / "home", folder / "other"
        self.first, self.second = json.loads((folder / "issued.json").read_text(encoding="utf-8"))

    def office(self, *arguments: object, status: int = 0) -> Said:
        said = self._chenghe(*arguments, home=self.home)
        assert said.status == status, said
        return said

    def bureau(self, *arguments: object, status: int = 0) -> Said:
        said = self._chenghe(*arguments, home=self.other)
        assert said.status == status, said
        return said

    def issue(self, now: str) -> dict[str, str]:
        words = ("report", "issue", "--subject", COMPANY, "--years", 1, "--now", now, "--out", self.folder / "out")
        issued: dict[str, str] = self.office(*words, "--json").json
        return issued

    @property
    def public(self) -> Path:
        return self.home / "public"

    def meet(self) -> None:
        """The bureau makes its key, the office lists it, and hands over its trust file."""
        word = self.bureau("log", "witness-key", "--name", WITNESS).out.strip()
        self.office("keys", "witness", "add", word)
        self.office("keys", "export", "--out", self.folder / "trust.json")

    def cosign(self, public: Path, status: int = 0) -> Said:
        paths = ("--trust", self.folder / "trust.json", "--out", self.folder / "cosigned")
        return self.bureau("log", "cosign", "--folder", public, *paths, status=status)

    def signer(self) -> Signer:
        """The office's signing key, in the hands of a thief."""
        return rooms.keys(Home(self.home)).signer_for(moment("2026-08-20T10:00:00"), now=clock.now())


@pytest.fixture(scope="module")
def issued_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The office as every test finds it; issuing is what takes long."""
    folder = tmp_path_factory.mktemp("bureaus")
    home = ("--home", str(folder / "home"))
    (folder / "subjects.csv").write_text(SUBJECTS, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as out:
        patch.setenv("CHENGHE_KEY_PASSPHRASE", PASSPHRASE)
        main(["subjects", "import", str(folder / "subjects.csv"), *home])
        issued = [_issue(out, folder, now, home) for now in (MORNING, NOON)]
        main(["report", "revoke", issued[0]["number"], "--reason", "申请人撤回", "--now", EVENING, *home])
    (folder / "issued.json").write_text(json.dumps(issued), encoding="utf-8")
    return folder


def _issue(out: StringIO, folder: Path, now: str, home: tuple[str, str]) -> dict[str, str]:
    out.truncate(out.seek(0))
    words = ("report", "issue", "--subject", COMPANY, "--years", "1", "--now", now, "--out", str(folder / "out"))
    main([*words, "--json", *home])
    issued: dict[str, str] = json.loads(out.getvalue())
    return issued


@pytest.fixture
def bureaus(chenghe: Chenghe, issued_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TwoBureaus:
    monkeypatch.setenv("CHENGHE_KEY_PASSPHRASE", PASSPHRASE)
    shutil.copytree(issued_once, tmp_path, dirs_exist_ok=True)
    return TwoBureaus(chenghe, tmp_path)


def codes(said: Said) -> list[str]:
    return [finding["code"] for finding in said.json["findings"]]


def test_the_office_looks_after_its_own_log(bureaus: TwoBureaus) -> None:
    said = bureaus.office("log", "audit")
    assert said.err.splitlines()[-3:] == [
        f"已逐条核对 4 条登记、2 份报告，检查点 {_checkpoint_at(bureaus)}。",
        "与先前的检查点核对：没有（这是第一次，已记下，供下次核对）。",
        "没有发现问题。",
    ]
    shown = bureaus.office("log", "show").out.splitlines()
    assert shown[1] == "条数　　　4（签发 2，撤销 1）"
    assert shown[-1] == "2026-08-20　2 份"
    bureaus.issue(EVENING)
    again = bureaus.office("log", "audit", "--json")
    assert (again.json["compared"], codes(again)) == ([{"with": "上次审计", "size": 4}], [])


def test_a_verifier_is_told_when_the_report_was_registered_and_what_became_of_it(bureaus: TwoBureaus) -> None:
    (entry,) = bureaus.office("verify", bureaus.first["qr_text"], "--at", EVENING, "--json", status=1).json
    assert (entry["verdict"], entry["log"]["index"], entry["log"]["logged_at"]) == ("revoked", 1, MORNING)
    assert [change["status"] for change in entry["log"]["changes"]] == ["revoked"]
    (then,) = bureaus.office("verify", bureaus.first["qr_text"], "--at", NOON, "--json").json
    assert then["reason"] == "OK_THEN"


def test_a_second_bureau_cosigns_and_every_verifier_sees_it(bureaus: TwoBureaus) -> None:
    bureaus.meet()
    said = bureaus.cosign(bureaus.public)
    assert "第一次共签，没有先前的检查点可比" in said.err
    taken = bureaus.office("log", "cosigned", bureaus.folder / "cosigned")
    assert f"已收下 {WITNESS} 对 4 条的共签" in taken.err
    assert bureaus.office("log", "show", "--json").json["witnesses"] == [WITNESS]
    (entry,) = bureaus.office("verify", bureaus.second["qr_text"], "--at", EVENING, "--json").json
    assert entry["log"]["witnesses"] == [WITNESS]


def test_a_cosignature_that_comes_after_the_log_has_grown_still_counts_for_the_audit(bureaus: TwoBureaus) -> None:
    bureaus.meet()
    bureaus.cosign(bureaus.public)
    bureaus.issue(EVENING)
    bureaus.office("log", "cosigned", bureaus.folder / "cosigned")
    assert bureaus.office("log", "show", "--json").json["witnesses"] == []
    audited = bureaus.office("log", "audit", "--json").json
    assert audited["compared"] == [{"with": "共签的检查点", "size": 4}]
    assert "与上次共签的一致，只增不改" in bureaus.cosign(bureaus.public).err


def test_the_second_bureau_needs_no_copy_of_the_folder(bureaus: TwoBureaus, site: str) -> None:
    bureaus.meet()
    trust = ("--url", site, "--trust", bureaus.folder / "trust.json")
    bureaus.bureau("log", "cosign", *trust, "--out", bureaus.folder / "cosigned")
    bureaus.office("log", "cosigned", bureaus.folder / "cosigned")
    said = bureaus.bureau("log", "audit", *trust)
    assert said.err.splitlines()[-1] == "没有发现问题。"
    assert "与先前的检查点核对：共签的检查点（4 条）。" in said.err
    assert bureaus.bureau("log", "show", *trust, "--json").json["witnesses"] == [WITNESS]


@pytest.fixture
def site(bureaus: TwoBureaus) -> Iterator[str]:
    """The public folder on a plain web server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(bureaus.public))) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Not on the terminal of the tests."""


def test_a_report_backdated_with_a_stolen_key_is_noticed_by_verifier_and_audit(bureaus: TwoBureaus) -> None:
    qr = qr_text(
        sign(replace(FACTS, issued_at=moment("2026-08-20T15:00:00"), sequence=9), bureaus.signer()), "https://a.cn"
    )
    (entry,) = bureaus.office("verify", qr, "--at", EVENING, "--json", status=2).json
    assert (entry["verdict"], entry["reason"]) == ("indeterminate", "LOG_NOT_REGISTERED")
    said = bureaus.office("log", "audit", "--reports", qr, bureaus.folder / "out", status=1)
    (found, next_step) = said.out.splitlines()
    assert found == "✗ YCZX202608200000009：报告有本机构的签名，但没有登记在日志中（签发 2026-08-20 15:00:00）。"
    assert "keys revoke" in next_step


def test_a_report_registered_late_by_an_insider_is_noticed_by_verifier_and_audit(bureaus: TwoBureaus) -> None:
    facts = replace(FACTS, issued_at=moment("2026-08-20T11:00:00"), sequence=9)
    token = sign(facts, bureaus.signer())
    _insert_leaf(bureaus, token, issued(moment("2026-08-20T19:00:00"), token, facts.issued_at, 9))
    (entry,) = bureaus.office("verify", qr_text(token, "https://a.cn"), "--at", EVENING, "--json", status=2).json
    assert (entry["verdict"], entry["reason"]) == ("indeterminate", "LOG_BACKDATED")
    said = bureaus.office("log", "audit", "--json", status=1)
    assert codes(said) == ["BACKDATED", "LEAF_NOT_IN_LEDGER"]
    assert said.json["findings"][0]["message"] == (
        "第 4 条（YCZX202608200000009）：倒签：登记时间比报告上的签发时间晚一小时以上"
        "（签发 2026-08-20 11:00:00，登记 2026-08-20 19:00:00）。"
    )


def test_a_forked_log_is_noticed_by_the_second_bureau_and_by_the_audit(bureaus: TwoBureaus) -> None:
    """Somebody with the log's key drops the revocation and signs the shorter past anew."""
    bureaus.meet()
    bureaus.office("log", "checkpoint", "--out", bureaus.folder / "before")
    bureaus.cosign(bureaus.public)
    fork = bureaus.folder / "fork"
    shutil.copytree(bureaus.public, fork)
    _fork(bureaus, fork)
    said = bureaus.cosign(fork, status=2)
    assert "登记日志与先前的检查点不一致：先前 4 条" in said.err
    assert "LOG_FORKED" in said.err
    words = ("--folder", fork, "--trust", bureaus.folder / "trust.json", "--from", bureaus.folder / "before")
    audited = bureaus.office("log", "audit", *words, "--json", status=1)
    assert "LOG_FORKED" in codes(audited)
    assert "与先前的检查点不一致" in bureaus.office("log", "audit", *words, status=1).out


def test_a_log_that_was_edited_without_its_key_is_noticed(bureaus: TwoBureaus) -> None:
    tile = next((bureaus.public / "log" / "tile" / "0" / "000.p").iterdir())
    for each in tile.parent.iterdir():
        each.write_bytes(bytes(32) + each.read_bytes()[32:])
    assert codes(bureaus.office("log", "audit", "--json", status=1)) == ["TILE_FALSE"]


def test_a_checkpoint_that_the_log_did_not_sign_is_noticed(bureaus: TwoBureaus) -> None:
    checkpoint = bureaus.public / "log" / "checkpoint"
    origin, size, *rest = checkpoint.read_text(encoding="utf-8").split("\n")
    checkpoint.write_text("\n".join([origin, str(int(size) - 1), *rest]), encoding="utf-8")
    said = bureaus.office("log", "audit", status=1)
    assert said.out.startswith("✗ 检查点没有日志的有效签名（登记日志的检查点不可用：签名无效）。")
    assert "已逐条核对" not in said.err
    shutil.rmtree(bureaus.public / "log")
    assert "（LOG_NOT_FOUND）" in bureaus.office("log", "audit", status=2).err


def test_a_log_whose_files_are_missing_is_not_judged(bureaus: TwoBureaus) -> None:
    shutil.rmtree(bureaus.public / "log" / "tile" / "entries")
    assert "（TILE_MISSING）" in bureaus.office("log", "audit", status=2).err


def test_a_line_of_the_ledger_without_its_leaf_is_noticed(bureaus: TwoBureaus) -> None:
    """The published log and the database are of different days."""
    shutil.copytree(bureaus.public, bureaus.folder / "yesterday")
    bureaus.issue(EVENING)
    shutil.rmtree(bureaus.public)
    shutil.copytree(bureaus.folder / "yesterday", bureaus.public)
    assert codes(bureaus.office("log", "audit", "--json", status=1)) == ["UNPUBLISHED"]


def test_an_older_trust_file_is_refused_by_who_has_seen_a_newer_one(bureaus: TwoBureaus) -> None:
    """The office lists the bureau; whoever withholds that file would hide its cosignatures."""
    bureaus.office("keys", "export", "--out", bureaus.folder / "old.json")
    bureaus.meet()
    words = ("log", "show", "--folder", bureaus.public, "--trust")
    bureaus.bureau(*words, bureaus.folder / "trust.json")
    assert "（KEY_LIST_ROLLBACK）" in bureaus.bureau(*words, bureaus.folder / "old.json", status=2).err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("log", "show", "--folder", "nowhere"), "TRUST_FILE_MISSING"),
        (("log", "audit", "--from", "nowhere"), "FILE_NOT_OPENED"),
        (("log", "cosigned", "nowhere"), "FILE_NOT_OPENED"),
        (("log", "cosign"), "WITNESS_KEY_MISSING"),
        (("log", "witness-key", "--name", "第二机构"), "WITNESS_NAME"),
        (("log", "audit", "--url", "gopher://a"), "TRUST_FILE_MISSING"),
    ],
)
def test_what_cannot_be_answered_says_the_next_step(bureaus: TwoBureaus, words: tuple[str, ...], code: str) -> None:
    said = bureaus.office(*words, status=2)
    assert f"（{code}）" in said.err
    assert "下一步" in said.err


def _checkpoint_at(bureaus: TwoBureaus) -> str:
    shown = bureaus.office("log", "show", "--json").json
    return str(shown["checkpoint_at"])[:19].replace("T", " ")


def _insert_leaf(bureaus: TwoBureaus, token: bytes, leaf: bytes) -> None:
    """As an insider with the database would, and the office publishes it."""
    at = moment("2026-08-20T19:00:00").astimezone(SHANGHAI)
    row = {"position": 4, "content": leaf, "at": at, "ref": ref_of(token), "number": bureaus.second["number"]}
    with writing(rooms.store(Home(bureaus.home))) as connection:
        connection.execute(insert(tables.log_leaves).values(row))
    bureaus.office("keys", "export")


def _fork(bureaus: TwoBureaus, fork: Path) -> None:
    with rooms.store(Home(bureaus.home)).connect() as connection:
        leaves = [row.content for row in connection.execute(tables.log_leaves.select())][:3]
    keys = rooms.keys(Home(bureaus.home))
    for path, content in tiles_for(0, leaves, lambda _: None):
        (fork / "log" / path).parent.mkdir(parents=True, exist_ok=True)
        (fork / "log" / path).write_bytes(content)
    root = root_of([leaf_hash(leaf) for leaf in leaves])
    text = sign_checkpoint(keys.log_key().origin, 3, root, keys.log_signer(), clock.now() + timedelta(seconds=1))
    (fork / "log" / "checkpoint").write_text(text, encoding="utf-8")
