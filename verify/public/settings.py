"""What the public service is told when it starts: the folder it holds, the clock, and how much it takes on at once."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from verify.public.bodies import BodyLimits
from verify.public.limits import Rate

TYPED_RATE = Rate(burst=10, per_second=1 / 6)
NUMBER_RATE = Rate(burst=20, per_second=1 / 60)
FILE_RATE = Rate(burst=30, per_second=0.5)
BATCH_RATE = Rate(burst=20, per_second=1 / 15)
TOKEN_RATE = Rate(burst=300, per_second=50.0)
STATIC_RATE = Rate(burst=2000, per_second=200.0)


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """``seconds``: to send it all; ``answering_seconds``: to answer it; ``taking_seconds``: to take one line of that.
    ``batches``: at once. ``readers``: worker processes of all of them."""

    body_bytes: int = 256 * 1024 * 1024
    seconds: float = 600.0
    answering_seconds: float = 1800.0
    taking_seconds: float = 60.0
    files: int = 2000
    batches: int = 2
    readers: int = 2


@dataclass(frozen=True, slots=True)
class PublicSettings:
    """``folder``: the home's ``public/``. ``proxies``: addresses whose X-Forwarded-For is believed. ``scrapers``: other
    machines that may see ``/metrics``.

    ``typed``, ``files``, ``batches``, ``tokens``, ``static``: how often one client may ask. ``number``: how often
    anybody may try a code for one report number. ``memory``: the file that keeps what was seen
    (``verify.remembering``); None: kept until the process ends.
    """

    folder: Path
    clock: Callable[[], datetime]
    body: BodyLimits = field(default_factory=BodyLimits)
    typed: Rate = TYPED_RATE
    number: Rate = NUMBER_RATE
    files: Rate = FILE_RATE
    batches: Rate = BATCH_RATE
    tokens: Rate = TOKEN_RATE
    static: Rate = STATIC_RATE
    batch: BatchLimits = field(default_factory=BatchLimits)
    threads: int = 2
    waiting_max: int = 32
    uploads_max: int = 64
    proxies: frozenset[str] = frozenset()
    scrapers: frozenset[str] = frozenset()
    memory: Path | None = None
    monotonic: Callable[[], float] = time.monotonic
