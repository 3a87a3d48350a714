"""``python -m tests.load.messages`` for two seconds: every message of every platform is answered exactly once.

How long they wait is measured by the command, where nothing else runs; here no time is judged.
"""

from pathlib import Path

from tests.load.messages import Load, under


async def test_messages_of_all_platforms_are_answered_once_while_calls_fail(tmp_path: Path) -> None:
    seen = await under(Load(seconds=2.0, per_second=20.0, share=0.2), tmp_path)
    assert len(seen.said) == 40
    assert seen.wrong == []
