"""``python -m verify.bench.credential``: a credential check beside the one raw signature verification within it.

* Both work on the same credentials, each different, each seen once per round; rounds of the two take turns, so that
  what else the machine does hits both. The ratio is that of the medians.
* Raw: ``Ed25519PublicKey.verify`` of cryptography on message and signature cut out beforehand; nothing else.
* Check: ``check(token)``, and the same from the QR's text: all nine steps without document and log.
* ``--memory``: a million checks, and what the process holds before and after.

Asked for by issue 5: at least 0.9 of the raw verifications a second on the same core.
"""

import argparse
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from verify.bench.office import URL, BenchOffice
from verify.check import check
from verify.cose import open_sign1
from verify.reasons import Reason
from verify.scanned import qr_text

ROUNDS = 40
LEAST = 0.9
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Measured:
    """Microseconds each, medians over the rounds."""

    raw: float
    from_token: float
    from_text: float

    def table(self) -> str:
        rows = (
            ("raw Ed25519 verification", self.raw),
            ("check(token)", self.from_token),
            ("check(QR text)", self.from_text),
        )
        lines = [f"| {name} | {each:.1f} | {1e6 / each:.0f} | {self.raw / each:.3f} |" for name, each in rows]
        return "\n".join(["| | µs | a second and core | of raw |", "|---|---|---|---|", *lines])


def measure(count: int) -> Measured:
    """``count`` credentials a round."""
    office = BenchOffice.made()
    tokens = office.tokens(count)
    texts = [qr_text(token, URL) for token in tokens]
    signed = [(each.signature, each.message) for each in map(open_sign1, tokens)]
    verify = Ed25519PublicKey.from_public_bytes(office.signer.public_key).verify
    trust, now = office.trust, office.now

    def raw() -> None:
        for signature, message in signed:
            verify(signature, message)

    def from_token() -> None:
        for token in tokens:
            assert check(token, trust=trust, at=now, now=now).reason is Reason.OK

    def from_text() -> None:
        for text in texts:
            assert check(text, trust=trust, at=now, now=now).reason is Reason.OK

    times = _in_turns((raw, from_token, from_text))
    return Measured(*(1e6 * statistics.median(each) / count for each in times))


def _in_turns(works: Sequence[Callable[[], None]]) -> list[list[float]]:
    """Processor seconds of each work in each round."""
    spent: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for work, times in zip(works, spent, strict=True):
            began = time.process_time()
            work()
            times.append(time.process_time() - began)
    return spent


def memory(checks: int) -> tuple[int, int]:
    """KiB held at most: after the first tenth of ``checks``, and after all of them; every tenth one is a refusal."""
    office = BenchOffice.made()
    tokens = office.tokens(2000)
    wrong = [token[:-1] + bytes([token[-1] ^ 1]) for token in tokens]
    held = []
    for done in range(checks):
        token = wrong[done % 2000] if done % 10 == 0 else tokens[done % 2000]
        answer = check(token, trust=office.trust, at=office.now, now=office.now)
        if done in (checks // 10, checks - 1):
            answer.to_json()
            held.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return held[0], held[1]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m verify.bench.credential", description="核验一枚核验码的速度")
    parser.add_argument("--count", type=int, default=500, choices=range(1, 20_001), metavar="N", help="每轮多少枚")
    parser.add_argument("--memory", action="store_true", help="再核验一百万次，看内存是否增长")
    given = parser.parse_args(arguments)
    measured = measure(given.count)
    print(measured.table())
    ratio = measured.raw / measured.from_token
    print(f"\ncheck(token): {ratio:.3f} of raw; asked for: {LEAST}")
    if given.memory:
        early, late = memory(MILLION)
        print(f"{MILLION:,} checks: {early} KiB at most after a tenth, {late} KiB after all")
    return 0 if ratio >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
