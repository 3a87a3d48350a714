"""Ports of our own: below the range from which the system takes those of outgoing connections, so that between the
question and the use of one nobody is given it by chance."""

import random
import socket

OURS = range(12_000, 32_000)


def free_port() -> int:
    """One on which nobody listens."""
    for port in random.SystemRandom().sample(OURS, 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("a hundred ports are taken")
