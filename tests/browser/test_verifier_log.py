"""Both verifiers on logs as large as they become: any width of the last tiles, several levels, grown and forked."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.verify.sample import ISSUED, KEYS, NOW, QR, Office
from tests.verify.transparency.sample import LOG_KEY, FictionalLog
from verify.check import authenticate, judge
from verify.registration import Act
from verify.transparency.evidence import Fetched, LogShelf
from verify.transparency.leaves import issued
from verify.transparency.notes import Checkpoint
from verify.trust import dump

pytestmark = pytest.mark.browser

TRUST = Office(keys=replace(KEYS, logs=(LOG_KEY,))).trust()
AUTHENTIC = authenticate(QR, TRUST, NOW)
LATER = ISSUED + timedelta(days=1)
SIZES = [(0, 0), (0, 252), (0, 253), (100, 153), (254, 0), (253, 1), (255, 256), (300, 5000), (66_000, 10)]
"""Leaves of others before ours, and between it and its suspension."""

ANSWER = """async ({modules, trust, scanned, now, seen}) => {
  const { authenticate, evidence, openTrust, verify } = await import(modules + "verifier.js");
  const { unbase64 } = await import(modules + "bytes.js");
  const [opened, moment] = [await openTrust(trust), new Date(now)];
  const { credential } = await authenticate(scanned, { trust: opened, now: moment.getTime() / 1000 });
  const fetchBytes = async (path) => {
    const content = await window.published(path);
    return content === null ? null : unbase64(content);
  };
  const found = await evidence(fetchBytes, opened, credential, seen);
  const answer = await verify(scanned, { trust: opened, at: moment, now: moment, log: found.log });
  return { answer, seen: found.seen };
}"""


def add_others(log: FictionalLog, count: int) -> None:
    """Leaves of reports that nobody asks for here."""
    kinds = [issued(ISSUED, b"another token %d" % number, ISSUED, 1 + number) for number in range(min(count, 301))]
    log.leaves += [kinds[number % 301] for number in range(count)]


class Both:
    """The two verifiers, each with what it has seen before."""

    def __init__(self, page: Page, modules: str) -> None:
        self._page, self._modules = page, modules
        self._files: Mapping[str, bytes] = {}
        self._seen: tuple[Checkpoint, ...] = ()
        self._theirs: list[dict[str, str]] = []
        page.expose_function("published", self._published)

    def _published(self, path: str) -> str | None:
        content = self._files.get(path)
        return None if content is None else b64encode(content).decode()

    def forget(self) -> None:
        self._seen, self._theirs = (), []

    def answer(self, files: Mapping[str, bytes]) -> dict[str, Any]:
        """What both say of this log."""
        self._files = files
        sent = {"modules": self._modules, "trust": dump(TRUST), "scanned": QR, "now": NOW.isoformat()}
        said = self._page.evaluate(ANSWER, {**sent, "seen": self._theirs})
        self._theirs = said["seen"]
        shelf = LogShelf(Fetched(files.get), TRUST.keys.logs, self._seen)
        log = shelf.evidence(AUTHENTIC.credential)
        ours = judge(AUTHENTIC, trust=TRUST, at=NOW, now=NOW, log=log).to_json()
        self._seen = shelf.seen
        assert said["answer"] == ours
        return ours


def test_logs_of_every_shape_prove_the_same_in_both(module_page: Page, modules: str) -> None:
    both = Both(module_page, modules)
    for before, between in SIZES:
        log = FictionalLog()
        add_others(log, before)
        place = log.issue(ISSUED + timedelta(seconds=2))
        young = dict(log.publish(LATER))
        add_others(log, between)
        log.change(Act.SUSPENDED, LATER)
        grown = dict(log.publish(LATER + timedelta(days=1)))
        both.forget()
        first, then = both.answer(young), both.answer(grown)
        assert (first["reason"], first["log"]["index"], first["log"]["tree_size"]) == ("OK", place, place + 1)
        assert (then["reason"], then["log"]["tree_size"]) == ("SUSPENDED", before + between + 3)
        assert both.answer(young)["reason"] == "LOG_FORKED"


def test_another_log_of_the_same_office_is_a_fork(module_page: Page, modules: str) -> None:
    page = module_page.context.new_page()
    page.goto(module_page.url)
    both = Both(page, modules)
    for others, more in ((0, 300), (300, 300), (300, 0)):
        log, other = FictionalLog(), FictionalLog()
        log.others(others, ISSUED)
        other.others(others, ISSUED + timedelta(seconds=1))
        for each in (log, other):
            each.issue(ISSUED + timedelta(seconds=2))
        other.others(more, LATER)
        both.forget()
        assert both.answer(dict(log.publish(LATER)))["reason"] == "OK"
        reason = both.answer(dict(other.publish(LATER)))["reason"]
        assert reason == ("OK" if others == 0 else "LOG_FORKED")
    page.close()


def test_a_full_tile_stands_in_for_the_partial_one_that_was_taken_away(module_page: Page, modules: str) -> None:
    page = module_page.context.new_page()
    page.goto(module_page.url)
    both = Both(page, modules)
    log = FictionalLog()
    log.others(98, ISSUED)
    log.issue(ISSUED + timedelta(seconds=2))
    young = dict(log.publish(LATER))
    log.others(400, LATER)
    later = dict(log.publish(LATER))
    gone = {path: data for path, data in (later | young).items() if ".p/" not in path}
    assert both.answer(gone)["log"]["tree_size"] == 100
    none = {path: data for path, data in gone.items() if "tile/0" not in path}
    both.forget()
    assert both.answer(none)["log"] is None
    page.close()
