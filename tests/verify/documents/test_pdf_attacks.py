"""Cases 64–74 with real PDFs: never valid, for the right reason, and the place named."""

import pytest

from tests.verify.documents.genuine import genuine, look
from tests.verify.documents.pdf_attacks import ATTACKS, Attack
from verify.reasons import Reason

NAMED = {f"{case} {name}": attack for case, attacks in ATTACKS.items() for name, attack in attacks.items()}


def test_the_report_as_it_was_delivered_is_valid() -> None:
    answer = look(genuine().pdf)
    assert (answer.reason, answer.differences) == (Reason.OK, ())


@pytest.mark.parametrize("attack", NAMED.values(), ids=NAMED.keys())
def test_an_attacked_pdf_is_never_valid_and_what_was_changed_is_named(attack: Attack) -> None:
    answer = look(attack.build(genuine()))
    assert answer.reason is attack.reason, answer.differences
    hits = [each for each in answer.differences if attack.where in each.where and attack.shown in each.found]
    assert hits or not (attack.where or attack.shown), answer.differences
