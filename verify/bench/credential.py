"""``python -m verify.bench.credential``: a credential check beside the one raw signature verification within it.

* Both work on the same credentials, each different, in slices; the three works take turns slice by slice, so that what
  else the machine does hits all alike.
* The figures: the least time of each slice over the rounds, added up. What is more is what neighbours on the machine
  took, from Python's many small steps more than from one long multiplication (the standard library's ``timeit`` says
  the same of its figures). The medians are printed beside them.
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

ROUNDS = 60
SLICE = 25
LEAST = 0.9
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Measured:
    """Microseconds each, (least, median)."""

    raw: tuple[float, float]
    from_token: tuple[float, float]
    from_text: tuple[float, float]

    @property
    def ratio(self) -> float:
        return self.raw[0] / self.from_token[0]

    def table(self) -> str:
        rows = (
            ("raw Ed25519 verification", self.raw),
            ("check(token)", self.from_token),
            ("check(QR text)", self.from_text),
        )
        lines = [
            f"| {name} | {least:.1f} | {1e6 / least:.0f} | {self.raw[0] / least:.3f} | {median:.1f} "
            f"| {self.raw[1] / median:.3f} |"
            for name, (least, median) in rows
        ]
        heads = ["| | µs | a second and core | of raw | median µs | of raw |", "|---|---|---|---|---|---|"]
        return "\n".join([*heads, *lines])


def measure(count: int) -> Measured:
    """``count`` credentials a round."""
    office = BenchOffice.made()
    tokens = office.tokens(count)
    texts = [qr_text(token, URL) for token in tokens]
    signed = [(each.signature, each.message) for each in map(open_sign1, tokens)]
    verify = Ed25519PublicKey.from_public_bytes(office.signer.public_key).verify
    trust, now = office.trust, office.now

    def raw(part: slice) -> None:
        for signature, message in signed[part]:
            verify(signature, message)

    def from_token(part: slice) -> None:
        for token in tokens[part]:
            check(token, trust=trust, at=now, now=now)

    def from_text(part: slice) -> None:
        for text in texts[part]:
            check(text, trust=trust, at=now, now=now)

    scans: list[str | bytes] = [*tokens, *texts]
    for scanned in scans:
        if check(scanned, trust=trust, at=now, now=now).reason is not Reason.OK:
            raise AssertionError("a genuine credential is not valid")
    return Measured(*(_summed(each, count) for each in _in_turns((raw, from_token, from_text), count)))


def _in_turns(works: Sequence[Callable[[slice], None]], count: int) -> list[list[list[float]]]:
    """Processor seconds of each work, of each slice, in each round. Every other round in the opposite order."""
    parts = [slice(start, start + SLICE) for start in range(0, count, SLICE)]
    spent: list[list[list[float]]] = [[[] for _ in parts] for _ in works]
    pairs = list(zip(works, spent, strict=True))
    for round_ in range(ROUNDS):
        for number, part in enumerate(parts):
            for work, times in pairs if round_ % 2 else reversed(pairs):
                began = time.process_time()
                work(part)
                times[number].append(time.process_time() - began)
    return spent


def _summed(slices: Sequence[Sequence[float]], count: int) -> tuple[float, float]:
    """Microseconds a credential: from the least time of each slice, and from the median."""
    return 1e6 * sum(map(min, slices)) / count, 1e6 * sum(map(statistics.median, slices)) / count


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
    print(f"\ncheck(token): {measured.ratio:.3f} of raw; asked for: {LEAST}")
    if given.memory:
        early, late = memory(MILLION)
        print(f"{MILLION:,} checks: {early} KiB at most after a tenth, {late} KiB after all")
    return 0 if measured.ratio >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
