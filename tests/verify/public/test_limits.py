"""How often one client may ask."""

from hypothesis import given
from hypothesis import strategies as st

from verify.public.limits import Buckets, Rate, client_of


def test_burst_then_one_every_ten_seconds() -> None:
    buckets = Buckets(Rate(burst=2, per_second=0.1))
    assert [buckets.wait("a", now) for now in (0, 0, 0, 9, 10, 10)] == [0, 0, 10, 1, 0, 10]


def test_clients_do_not_share() -> None:
    buckets = Buckets(Rate(burst=1, per_second=0.1))
    assert [buckets.wait(client, 0) for client in "aab"] == [0, 10, 0]


def test_memory_is_bounded_and_the_longest_unseen_is_forgotten() -> None:
    buckets = Buckets(Rate(burst=1, per_second=0.001), clients=3)
    for number in range(100):
        buckets.wait(str(number), number)
    assert len(buckets) == 3
    assert buckets.wait("99", 99) > 0
    assert buckets.wait("0", 99) == 0


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=60).map(sorted))
def test_never_more_than_burst_and_rate_allow(moments: list[float]) -> None:
    buckets = Buckets(Rate(burst=5, per_second=0.5))
    granted = [now for now in moments if buckets.wait("a", now) == 0]
    for first in range(len(granted)):
        for last in range(first, len(granted)):
            assert last - first + 1 <= 5 + (granted[last] - granted[first]) * 0.5 + 1e-6


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    buckets = Buckets(Rate(burst=1, per_second=1))
    assert buckets.wait("a", 100) == 0
    assert buckets.wait("a", 50) > 0


def test_forwarded_address_is_believed_only_from_a_known_proxy() -> None:
    assert client_of("10.0.0.9", "203.0.113.5", frozenset()) == "10.0.0.9"
    assert client_of("10.0.0.9", "203.0.113.5", frozenset({"10.0.0.9"})) == "203.0.113.5"
    assert client_of("10.0.0.9", "1.1.1.1, 203.0.113.5", frozenset({"10.0.0.9"})) == "203.0.113.5"
    assert client_of("10.0.0.9", "rubbish\r\n", frozenset({"10.0.0.9"})) == "unknown"
    assert client_of(None, None, frozenset()) == "unknown"


def test_an_ipv6_client_is_its_network() -> None:
    assert client_of("2001:db8:1:2::5", None, frozenset()) == client_of("2001:db8:1:2:ffff::9", None, frozenset())
    assert client_of("2001:db8:1:2::5", None, frozenset()) != client_of("2001:db8:1:3::5", None, frozenset())
    assert client_of("::ffff:192.0.2.7", None, frozenset()) == "192.0.2.7"
