"""Writes tests/vectors/contents/sealed.json: one report's field package, its root, and both sealed files.

    python -m tests.vectors.contents

The credential, the package and the typed code are fixed (tests/verify/sample.py) and fictional; sealing is
deterministic, so the file comes out the same every time. docs/credential.md §4, §7, §11.
"""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

from tests.verify.sample import FACTS, ISSUER, PACKAGE, TOKEN
from verify.sealing import seal, seal_typed

FILE = Path(__file__).parent / "contents" / "sealed.json"
CODE = "7K3M-9Q2D-XW4T"
TYPED_AS = "ｙczx 20260820-0000017", "7k3m 9q2d xw4t"
"""The same number and code as somebody may type them."""


def content() -> str:
    """The text of the file."""
    number = FACTS.number(ISSUER.number_prefix)
    sealed, typed = seal(TOKEN, PACKAGE.to_bytes()), seal_typed(number, CODE, TOKEN)
    document: dict[str, Any] = {
        "about": "What a token opens, and what opens a token (docs/credential.md §4, §7). All of it is fictional.",
        "token_hex": TOKEN.hex(),
        "package_hex": PACKAGE.to_bytes().hex(),
        "seed_hex": PACKAGE.seed.hex(),
        "fields": [[field.path, field.kind, field.text] for field in PACKAGE.fields],
        "content_root_hex": PACKAGE.root().hex(),
        "sealed": {"locator": sealed.locator, "content": b64encode(sealed.ciphertext).decode()},
        "typed": {
            "number": number,
            "code": CODE,
            "as_typed": list(TYPED_AS),
            "locator": typed.locator,
            "content": b64encode(typed.ciphertext).decode(),
        },
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    FILE.write_text(content(), encoding="utf-8")


if __name__ == "__main__":
    main()
