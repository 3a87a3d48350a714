"""A conversation in the terminal: piped in, typed, written down."""

import io
import json
import os
import pty
import stat
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from bot.__main__ import main
from index.questions.listing import askings_of, entries_of
from index.questions.model import Channel
from index.questions.store import QuestionStore

RULES = """云汀市渡口许可办法（虚构样例）
第一条 办理渡口许可证不收取费用。
第二条 渡口许可证有效期为三年，自发放之日起计算。
第三条 本办法自2025年3月1日起施行，有效期至2030年2月28日。
"""
QUESTION = "渡口许可证有效期多久？"
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "rules.txt").write_text(RULES, encoding="utf-8")
    assert main(["policies", "add", str(tmp_path / "rules.txt"), "--home", str(tmp_path / "home")]) == 0
    return tmp_path / "home"


class Chat:
    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *lines: str | bytes, options: tuple[str, ...] = ()) -> tuple[str, str]:
        """What stood on stdout and stderr."""
        sent = b"".join((line if isinstance(line, bytes) else line.encode("utf-8")) + b"\n" for line in lines)
        self._capsys.readouterr()
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(sent), encoding="utf-8"))
        assert main(["chat", "--home", str(self.home), *options]) == 0
        captured = self._capsys.readouterr()
        return captured.out, captured.err


@pytest.fixture
def chat(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Chat:
    return Chat(home, monkeypatch, capsys)


def test_what_is_piped_in_is_answered_line_by_line_and_reads_as_a_transcript(chat: Chat) -> None:
    out, _ = chat(QUESTION, "", "食堂几点开饭？")
    assert out.index(f"问：{QUESTION}") < out.index("三年") < out.index("问：食堂几点开饭？")
    assert "[1] 《云汀市渡口许可办法（虚构样例）》第二条　〔现行有效〕" in out


def test_a_follow_up_is_understood_and_forgotten_when_asked(chat: Chat) -> None:
    followed, _ = chat(QUESTION, "那收费吗？")
    assert "按上文理解为：“渡口许可证" in followed
    assert "不收取费用" in followed
    forgotten, said = chat(QUESTION, "/清空", "那收费吗？")
    assert "按上文理解为" not in forgotten
    assert "前面的对话已忘掉" in said


def test_the_day_may_be_chosen_before_and_in_between(chat: Chat) -> None:
    late, _ = chat(QUESTION, options=("--as-of", "2031-01-01"))
    assert "〔有效期已届满〕" in late
    moved, said = chat("/日期 2031-01-01", QUESTION, "/日期", "/日期 明天")
    assert "〔有效期已届满〕" in moved
    assert "以下按 2031-01-01 的效力回答" in said
    assert "看不懂日期" in said


@pytest.mark.parametrize("word", ["/帮助", "/help"])
def test_help_tells_the_commands(chat: Chat, word: str) -> None:
    _, said = chat(word)
    for command in ("/日期", "/清空", "/有用", "/没用", "/退出"):
        assert command in said


@pytest.mark.parametrize("word", ["/退出", "/quit", "/exit"])
def test_leaving_leaves_the_rest_unasked(chat: Chat, word: str) -> None:
    out, _ = chat(word, QUESTION)
    assert QUESTION not in out


def test_unknown_commands_are_no_questions(chat: Chat, home: Path) -> None:
    _, said = chat("/shutdown", "/有用")
    assert "不认识 /shutdown" in said
    assert "还没有可以评价的答复" in said


def test_questions_and_feedback_go_into_the_log(chat: Chat, home: Path) -> None:
    chat(QUESTION, "/没用 太短")
    store = QuestionStore(home / "questions.db")
    (entry,) = entries_of(store)
    (asking,) = askings_of(store, entry.number, 9)
    store.close()
    assert (asking.line.channel, asking.line.question) == (Channel.TERMINAL, QUESTION)
    assert [(given.verdict.value, given.note) for given in asking.feedback] == [("useless", "太短")]


def test_the_transcript_is_readable_private_and_goes_on(chat: Chat, tmp_path: Path) -> None:
    path = tmp_path / "对话.md"
    chat(QUESTION, "/日期 2031-01-01", options=("--transcript", str(path)))
    chat("食堂几点开饭？", options=("--transcript", str(path)))
    text = path.read_text("utf-8")
    assert text.count("# 诚核对话记录") == 2
    assert text.index(f"问：{QUESTION}") < text.index("三年") < text.index("2031-01-01") < text.index("问：食堂")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_transcript_that_cannot_be_written_is_said_at_once(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["chat", "--home", str(home), "--transcript", str(tmp_path / "nowhere" / "x.md")]) == 2
    assert "TRANSCRIPT" in capsys.readouterr().err


def test_bytes_that_are_no_text_and_endless_lines_are_survived(chat: Chat, tmp_path: Path) -> None:
    path = tmp_path / "t.md"
    out, _ = chat(b"\xff\xfe\x1b[2J", "问" * 600, b"x" * 200_000, QUESTION, options=("--transcript", str(path)))
    assert "\x1b" not in out
    assert "\x1b" not in path.read_text("utf-8")
    assert "问题超过了 500 个字" in out
    assert "三年" in out


class Model(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        said = {"choices": [{"message": {"content": "渡口许可证的有效期为3年，自发放之日起计算。另需缴费十元。"}}]}
        body = json.dumps(said).encode("utf-8")
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        pass


def test_a_language_model_may_say_it_in_other_words(chat: Chat, home: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Model) as model:
        Thread(target=model.serve_forever, daemon=True).start()
        settings = f'address = "http://127.0.0.1:{model.server_port}/v1"\nmodel = "m"\nchannels = ["terminal"]\n'
        (home / "language-model.toml").write_text(settings, encoding="utf-8")
        out, _ = chat(QUESTION)
        model.shutdown()
    assert "答：渡口许可证的有效期为3年，自发放之日起计算。" in out
    assert "十元" not in out
    assert "“渡口许可证有效期为三年，自发放之日起计算。”" in out


def test_at_a_terminal_it_prompts_and_ends_with_the_input(home: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "chat", "--home", str(home)],
        stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    os.close(theirs)
    os.write(ours, f"{QUESTION}\n".encode() + b"\x04")
    out, said = process.communicate(timeout=300)
    os.close(ours)
    assert process.returncode == 0
    assert "三年" in out.decode("utf-8")
    assert "请输入问题" in said.decode("utf-8")


def test_days_are_counted_and_codes_checked_as_in_every_chat(chat: Chat) -> None:
    (chat.home / "public").mkdir()
    out, _ = chat("2026年5月6日起20个工作日是哪天", "核验 YCZX202608200000001", "7K3M-2QXP-9TRW", QUESTION)
    assert "2026年6月2日" in out
    assert "chenghe verify" in out
    assert out.index("请再发手输核验码") < out.index("【无法确认】") < out.index("三年")


def test_records_and_acts_are_refused_with_the_reason_and_nothing_is_made(chat: Chat) -> None:
    wishes = ("查一下91320902MA1EX0M1XB", "代开报告", "提异议", "我的任务", "我的账号")
    out, _ = chat(*wishes, "多少钱？")
    assert out.count("终端里认不出您是谁，不查询记录，也不办理业务。下一步：") == len(wishes)
    assert not (chat.home / "office.db").exists()
    assert [entry.question for entry in entries_of(QuestionStore(chat.home / "questions.db"))] == ["多少钱？"]
