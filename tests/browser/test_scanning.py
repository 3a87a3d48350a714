"""What can be held before the page: photos chosen, pasted, dropped; the camera; all read in the browser."""

import base64
import hashlib
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageChops, ImageDraw
from playwright.sync_api import Browser, Page, expect

import verify.public
from bot.demo.forging import sign_with_own_key
from tests.browser.conftest import ARGUMENTS, CHROMIUM, PHONE, Opener, Served
from tests.browser.test_verification import scanned

pytestmark = pytest.mark.browser
PUBLIC = Path(str(verify.public.__file__)).parent
WATCHED = (
    "const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);"
    "navigator.mediaDevices.getUserMedia = async (wanted) => (window.filmed = await ask(wanted));"
)
# The camera is switched on when the test says so, and not before.
HELD = (
    "const on = navigator.mediaDevices.getUserMedia;"
    "const said = new Promise((resolve) => { window.action = resolve; });"
    "navigator.mediaDevices.getUserMedia = async (wanted) => { await said; return on(wanted); };"
)


@pytest.fixture(scope="module")
def first_page(demo_home) -> Image.Image:
    """Page 1 as a scanner gives it, 150 dpi."""
    import pypdfium2

    document = pypdfium2.PdfDocument(min(demo_home.reports.rglob("report.pdf")))
    picture = document[0].render(scale=150 / 72).to_pil().convert("RGB")
    document.close()
    return picture


def png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def photo(name: str, content: bytes, kind: str = "image/png") -> dict[str, object]:
    return {"name": name, "mimeType": kind, "buffer": content}


def start(opened: Opener, served: Served, posts: list[str]) -> Page:
    page = opened(PHONE)
    page.on("request", lambda request: posts.append(request.url) if request.method != "GET" else None)
    page.goto(f"{served.origin}/v")
    expect(page.get_by_role("button", name="用摄像头扫码")).to_be_visible()
    return page


@pytest.mark.parametrize("turned", [0, 7, 180])
def test_photo_of_the_page_is_read_in_the_browser(
    served: Served, opened: Opener, first_page: Image.Image, turned: int
) -> None:
    posts: list[str] = []
    page = start(opened, served, posts)
    picture = first_page.rotate(turned, expand=True, fillcolor="white")
    page.get_by_label("选择照片或拍照").set_input_files(photo("首页.png", png(picture)))
    expect(page.locator("#result h1")).to_have_text("有效")
    expect(page.locator(".verdict-basis")).to_contain_text("核验码没有发送")
    assert posts == []


def test_red_seal_over_the_code_is_no_obstacle(served: Served, opened: Opener) -> None:
    with Image.open(served.qr_png) as code:
        clean = code.convert("RGB").resize((600, 600))
    seal = Image.new("RGB", clean.size, "white")
    pen = ImageDraw.Draw(seal)
    pen.ellipse((90, 90, 510, 510), outline=(225, 20, 20), width=26)
    for at in range(160, 460, 60):
        pen.line((at, 150, at, 450), fill=(225, 20, 20), width=22)
    sealed = ImageChops.multiply(clean, seal)
    assert not zxingcpp.read_barcodes(sealed)
    posts: list[str] = []
    page = start(opened, served, posts)
    page.get_by_label("选择照片或拍照").set_input_files(photo("盖章.png", png(sealed)))
    expect(page.locator("#result h1")).to_have_text("有效")
    assert posts == []


def test_photo_that_takes_long_says_nothing_about_what_was_asked_after_it(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.add_init_script("""
      const read = new Promise((done) => { window.finishReading = done; });
      let begun = null;
      window.begun = new Promise((done) => { begun = done; });
      window.BarcodeDetector = class {
        static async getSupportedFormats() { return ["qr_code"]; }
        async detect() { begun(true); return [{ rawValue: await read }]; }
      };""")
    page.goto(f"{served.origin}/v")
    page.get_by_label("选择照片或拍照").set_input_files(photo("首页.png", served.qr_png.read_bytes()))
    assert page.evaluate("begun")
    genuine = scanned(served)
    forged = sign_with_own_key(f"https://verify.example.gov.cn/v#{genuine}").partition("#")[2]
    page.goto(f"{served.origin}/v#{forged}")
    expect(page.locator("#result h1")).to_have_text("核验不通过")
    link = f"{served.origin}/v#{genuine}"
    page.evaluate("(link) => { finishReading(link); return new Promise((done) => setTimeout(done)); }", link)
    assert page.locator("#result h1").is_visible()
    expect(page.locator("#result h1")).to_have_text("核验不通过")


def test_photo_without_a_code_is_said_and_sent_only_when_wanted(served: Served, opened: Opener) -> None:
    posts: list[str] = []
    page = start(opened, served, posts)
    blank = png(Image.new("RGB", (800, 600), "white"))
    page.get_by_label("选择照片或拍照").set_input_files(photo("空白.png", blank))
    expect(page.locator("#progress")).to_contain_text("没有在这张照片里找到核验码")
    expect(page.locator("#progress")).to_be_in_viewport(ratio=1)
    assert posts == []
    page.get_by_role("button", name="上传照片，由服务器识别").click()
    expect(page.locator("#result h1")).to_have_text("无法识别")
    assert posts == [f"{served.origin}/v"]


def test_two_codes_in_one_photo_are_not_chosen_between(served: Served, opened: Opener) -> None:
    codes = sorted(served.home.reports.rglob("qr.png"))[:2]
    both = Image.new("RGB", (1300, 700), "white")
    for at, path in enumerate(codes):
        with Image.open(path) as code:
            both.paste(code.convert("RGB").resize((560, 560)), (60 + 620 * at, 60))
    page = start(opened, served, [])
    page.get_by_label("选择照片或拍照").set_input_files(photo("两份.png", png(both)))
    expect(page.locator("#progress")).to_contain_text("不止一个核验码")


def test_verdict_is_put_away_when_something_else_is_given(served: Served, opened: Opener) -> None:
    page = start(opened, served, [])
    page.goto(f"{served.origin}/v#{scanned(served)}")
    expect(page.locator("#result h1")).to_have_text("有效")
    give(page, "paste", file=b"no picture")
    expect(page.locator("#progress")).to_contain_text("不是浏览器能打开的图片")
    expect(page.locator("#result")).to_be_hidden()


def test_file_that_is_no_picture_is_said(served: Served, opened: Opener) -> None:
    page = start(opened, served, [])
    page.get_by_label("选择照片或拍照").set_input_files(photo("坏.png", b"no picture"))
    expect(page.locator("#progress")).to_contain_text("不是浏览器能打开的图片")


def give(
    page: Page, kind: str, *, text: str = "", file: bytes = b"", name: str = "照片.png", mime: str = "image/png"
) -> None:
    """A paste or a drop on the page, as the browser hands it over."""
    page.evaluate(
        """([kind, text, file, name, mime]) => {
          const transfer = new DataTransfer();
          const bytes = Uint8Array.from(atob(file), (c) => c.charCodeAt(0));
          if (file) transfer.items.add(new File([bytes], name, {type: mime}));
          if (text) transfer.setData("text/plain", text);
          const options = {bubbles: true, cancelable: true};
          const event = kind === "paste" ? new ClipboardEvent("paste", {...options, clipboardData: transfer})
            : new DragEvent(kind, {...options, dataTransfer: transfer});
          document.body.dispatchEvent(event);
        }""",
        [kind, text, base64.b64encode(file).decode(), name, mime],
    )


@pytest.mark.parametrize("way", ["paste", "drop"])
def test_picture_and_text_are_pasted_and_dropped(served: Served, opened: Opener, way: str) -> None:
    posts: list[str] = []
    page = start(opened, served, posts)
    give(page, way, file=served.qr_png.read_bytes())
    expect(page.locator("#result h1")).to_have_text("有效")
    give(page, way, text="123")
    expect(page.locator("#result h1")).to_have_text("无法识别")
    give(page, way, text=f"https://verify.example.gov.cn/v#{scanned(served)}")
    expect(page.locator("#result h1")).to_have_text("有效")
    assert posts == []


def test_dropped_report_is_compared_by_the_server(served: Served, opened: Opener) -> None:
    posts: list[str] = []
    page = start(opened, served, posts)
    give(page, "dragover")
    assert "dropping" in (page.locator("body").get_attribute("class") or "")
    mime = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    give(page, "drop", file=served.docx.read_bytes(), name="报告.docx", mime=mime)
    expect(page.locator("#result h1")).to_have_text("有效")
    expect(page.locator(".verdict-basis")).to_contain_text("文件由服务器比对")
    assert posts == [f"{served.origin}/v"]
    assert "dropping" not in (page.locator("body").get_attribute("class") or "")


def test_text_pasted_into_a_field_stays_there(served: Served, opened: Opener) -> None:
    page = start(opened, served, [])
    field = page.get_by_role("textbox", name="报告编号")
    field.focus()
    field.evaluate(
        """(e) => {
          const transfer = new DataTransfer();
          transfer.setData("text/plain", "YTZX");
          e.dispatchEvent(new ClipboardEvent("paste", {bubbles: true, cancelable: true, clipboardData: transfer}));
        }"""
    )
    expect(page.locator("#result")).to_be_hidden()
    expect(field).to_be_visible()


def test_reader_of_the_platform_is_used_where_there_is_one(served: Served, opened: Opener) -> None:
    page = opened(PHONE)
    page.add_init_script(
        f"""window.BarcodeDetector = class {{
          static async getSupportedFormats() {{ return ["qr_code"]; }}
          async detect() {{ return [{{rawValue: "https://x.example/menu"}}, {{rawValue: "{scanned(served)}"}}]; }}
        }};"""
    )
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(f"{served.origin}/v")
    page.get_by_label("选择照片或拍照").set_input_files(photo("p.png", png(Image.new("RGB", (9, 9)))))
    expect(page.locator("#result h1")).to_have_text("有效")
    assert not [url for url in requested if "/vendor/" in url]


# ---- the camera: a fake device that films the first page ----


@pytest.fixture(scope="module")
def film(first_page: Image.Image, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Motion JPEG: some frames of desk, then the upper right of the page, held a little askew."""
    desk = Image.new("RGB", (1280, 720), (120, 96, 70))
    width = first_page.width
    corner = first_page.crop((width // 2, 0, width, width * 9 // 32))
    held = corner.resize((1280, 720)).rotate(5, fillcolor=(120, 96, 70))
    path = tmp_path_factory.mktemp("film") / "film.mjpeg"
    with path.open("wb") as file:
        for picture in [desk] * 5 + [held] * 25:
            picture.save(file, "JPEG", quality=85)
    return path


@pytest.fixture(scope="module")
def filming(film: Path, browser: Browser) -> Iterator[Browser]:
    """A browser of its own, because the film is given on its command line."""
    fake = ("--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}")
    another = browser.browser_type.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *fake])
    yield another
    another.close()


def test_camera_reads_the_code_and_is_switched_off(served: Served, opened: Opener, filming: Browser) -> None:
    page = opened(PHONE, by=filming, permissions=["camera"])
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method != "GET" else None)
    page.add_init_script(WATCHED + HELD)
    page.goto(f"{served.origin}/v")
    page.get_by_role("button", name="用摄像头扫码").click()
    expect(page.get_by_role("dialog", name="用摄像头扫码")).to_be_visible()
    page.evaluate("action()")
    expect(page.locator("#result h1")).to_have_text("有效")
    assert page.evaluate("window.filmed.getTracks().map((track) => track.readyState)") == ["ended"]
    assert page.get_by_role("dialog").count() == 0
    assert posts == []


def test_camera_is_switched_off_when_the_dialog_is_closed(served: Served, opened: Opener, filming: Browser) -> None:
    page = opened(PHONE, by=filming, may_complain=True, permissions=["camera"], service_workers="block")
    page.add_init_script(WATCHED)
    page.route("**/vendor/**", lambda route: None)  # the reader never arrives, so that the camera stays on
    page.goto(f"{served.origin}/v")
    page.get_by_role("button", name="用摄像头扫码").click()
    expect(page.locator("dialog video")).to_have_js_property("paused", False)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="用摄像头扫码")).to_be_focused()
    assert page.evaluate("window.filmed.getTracks().map((track) => track.readyState)") == ["ended"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("NotAllowedError", "没有得到允许"),
        ("NotFoundError", "没有找到摄像头"),
        ("NotReadableError", "正被别的程序使用"),
    ],
)
def test_camera_that_does_not_work_is_explained(served: Served, opened: Opener, fault: str, said: str) -> None:
    page = opened(PHONE)
    page.add_init_script(
        f"navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', '{fault}'));"
    )
    page.goto(f"{served.origin}/v")
    page.get_by_role("button", name="用摄像头扫码").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("status")).to_contain_text(said)
    expect(dialog.get_by_role("status")).to_contain_text("选择照片或拍照")
    dialog.get_by_role("button", name="关闭").click()
    expect(dialog).to_have_count(0)


def test_torch_is_offered_where_the_camera_has_one(served: Served, opened: Opener, filming: Browser) -> None:
    page = opened(PHONE, by=filming, permissions=["camera"])
    page.add_init_script(
        "MediaStreamTrack.prototype.getCapabilities = () => ({torch: true});"
        "MediaStreamTrack.prototype.applyConstraints = async (wanted) => { window.wanted = wanted; };"
        "window.BarcodeDetector = class { static async getSupportedFormats() { return ['qr_code']; }"
        " async detect() { return [{rawValue: 'menu'}]; } };"
    )
    page.goto(f"{served.origin}/v")
    page.get_by_role("button", name="用摄像头扫码").click()
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("不是专用信用报告的核验码")
    torch = page.get_by_role("button", name="手电筒")
    torch.click()
    expect(torch).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("window.wanted") == {"advanced": [{"torch": True}]}


def test_vendored_reader_is_the_one_written_down() -> None:
    decision = (PUBLIC.parents[1] / "docs/decisions/0190-zxing-reads-photos-in-the-browser.md").read_text("utf-8")
    table = dict(re.findall(r"\| `([^`]+)` \| `[^`]+` \| `([0-9a-f]{64})` \|", decision))
    folder = PUBLIC / "static/vendor/zxing"
    files = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.suffix != ".txt" and path.is_file()
    }
    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()} == table
