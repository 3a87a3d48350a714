"""Cases 64–74 with real files, PDF and docx: never valid, for the right reason, and the place named."""

import pytest

from tests.verify.documents.attacks import FILES, Attack, build
from tests.verify.documents.genuine import genuine, look
from verify.reasons import WORDING, Reason, Verdict

NAMED = {f"{case} {name}": attack for case, attacks in FILES.items() for name, attack in attacks.items()}


def test_the_report_as_it_was_delivered_is_valid() -> None:
    for data in (genuine().pdf, genuine().docx.docx()):
        answer = look(data)
        assert (answer.reason, answer.differences) == (Reason.OK, ())


@pytest.mark.parametrize("attack", NAMED.values(), ids=NAMED.keys())
def test_an_attacked_document_is_never_valid_and_what_was_changed_is_named(attack: Attack) -> None:
    answer = look(attack.build(genuine()))
    assert answer.reason is attack.reason, answer.differences
    hits = [each for each in answer.differences if attack.where in each.where and attack.shown in each.found]
    assert hits or not (attack.where or attack.shown), answer.differences


def test_the_table_covers_every_case_of_documents_and_expects_none_to_be_valid() -> None:
    assert set(FILES) == set(range(64, 75))
    assert all(WORDING[attack.reason].verdict is not Verdict.VALID for attack in NAMED.values())
    assert [reason for _, _, reason in build(64)] == [attack.reason for attack in FILES[64].values()]
