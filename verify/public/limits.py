"""How often one client may ask, and who a client is. Pure: the moment is passed in, nothing sleeps.

* A token bucket per client: ``burst`` at once, then ``per_second``. Memory is bounded: the client unseen longest is
  forgotten first, which can only be to a client's advantage.
* An IPv6 client is its /64: one household or firm owns that many addresses.
* ``X-Forwarded-For`` is believed only from the proxies named in the settings, and only its last entry.
"""

import math
from collections import OrderedDict
from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network


@dataclass(frozen=True, slots=True)
class Rate:
    burst: int
    per_second: float


class Buckets:
    """``wait(client, now)`` is 0 and takes one token, or says how many seconds to wait."""

    def __init__(self, rate: Rate, *, clients: int = 20_000) -> None:
        self._rate = rate
        self._clients = clients
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str, now: float) -> int:
        """``now`` in seconds of a monotonic clock."""
        tokens, seen = self._left.pop(client, (float(self._rate.burst), now))
        tokens = min(float(self._rate.burst), tokens + max(0.0, now - seen) * self._rate.per_second)
        allowed = tokens >= 1.0
        self._left[client] = (tokens - 1.0 if allowed else tokens, now)
        if len(self._left) > self._clients:
            self._left.popitem(last=False)
        return 0 if allowed else max(1, math.ceil((1.0 - tokens) / self._rate.per_second))

    def __len__(self) -> int:
        return len(self._left)


def client_of(peer: str | None, forwarded_for: str | None, proxies: Set[str]) -> str:
    """The key under which a request is counted."""
    address = peer or ""
    if forwarded_for and address in proxies:
        address = forwarded_for.rsplit(",", 1)[-1].strip()
    return _counted_as(address)


@lru_cache(maxsize=8192)
def _counted_as(address: str) -> str:
    """Reading an address takes longer than everything else here; a client comes back."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(ip_network((parsed, 64), strict=False))
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)
