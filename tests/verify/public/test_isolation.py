"""The public service alone: no index, no issuing, nothing heavy until a file is uploaded."""

import subprocess
import sys

FOREIGN = ("index", "bot", "verify.issuing", "sqlalchemy", "alembic", "whoosh", "opencc", "docx")


def test_a_fresh_interpreter_loads_nothing_of_the_office() -> None:
    program = "import sys, verify.public.app; print('\\n'.join(sys.modules))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    loaded = set(run.stdout.split())
    assert "verify.check" in loaded
    assert [name for name in loaded if name.split(".")[0] in FOREIGN or name.startswith("verify.issuing")] == []
