"""Our own reader against the contents any other implementation can open (docs/credential.md §11)."""

import json
from base64 import b64decode

from tests.vectors.contents import FILE, content
from verify.binding import Field, FieldPackage
from verify.credential import decode
from verify.sealing import locator, open_sealed, typed_opening

KNOWN = json.loads(FILE.read_text(encoding="utf-8"))
TOKEN = bytes.fromhex(KNOWN["token_hex"])


def test_the_file_is_what_the_script_writes() -> None:
    assert FILE.read_text(encoding="utf-8") == content()


def test_the_token_opens_the_package_whose_root_it_signed() -> None:
    package = open_sealed(TOKEN, b64decode(KNOWN["sealed"]["content"]))
    assert (package.hex(), locator(TOKEN)) == (KNOWN["package_hex"], KNOWN["sealed"]["locator"])
    read = FieldPackage.from_bytes(package)
    assert (read.seed.hex(), read.fields) == (KNOWN["seed_hex"], tuple(Field(*field) for field in KNOWN["fields"]))
    assert read.root().hex() == KNOWN["content_root_hex"] == decode(TOKEN).facts.content_root.hex()


def test_number_and_code_open_the_token_however_they_are_typed() -> None:
    typed = KNOWN["typed"]
    for number, code in ((typed["number"], typed["code"]), typed["as_typed"]):
        opening = typed_opening(number, code)
        assert opening.locator == typed["locator"]
        assert opening.open(b64decode(typed["content"])) == TOKEN
