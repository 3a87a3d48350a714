"""``typesetter``: fonts are looked for once. ``identity``: a document certificate of a sample office."""

from datetime import datetime
from pathlib import Path

import pytest

from verify.issuing.pdf.certificates import DocumentCertificates, DocumentIdentity
from verify.issuing.pdf.typesetting import Typesetter
from verify.validity import SHANGHAI

MOMENT = datetime(2026, 8, 20, 10, 0, tzinfo=SHANGHAI)
ISSUER = "示例签发机构（虚构）"


@pytest.fixture(scope="session")
def typesetter() -> Typesetter:
    return Typesetter()


@pytest.fixture(scope="session")
def identity(tmp_path_factory: pytest.TempPathFactory) -> DocumentIdentity:
    return certificates(tmp_path_factory.mktemp("certificates"), provisions=True).identity_for(MOMENT)


def certificates(folder: Path, *, provisions: bool = False, secret: str | None = None) -> DocumentCertificates:
    return DocumentCertificates(folder / "keys", ISSUER, provisions=provisions, passphrase=lambda: secret)
