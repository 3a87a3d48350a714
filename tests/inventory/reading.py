"""What a report says, read back from the report itself by whoever holds its code."""

from tests.verify.issuing.office import TestOffice
from verify.issuing.orders import IssuedReport
from verify.public.shelf import Shelf
from verify.reasons import Reason


def printed(office: TestOffice, report: IssuedReport) -> dict[str, str]:
    """Place → text, after the docx in hand was found to be exactly what was issued."""
    answer = office.examine(report.docx, at=report.issued_at)
    assert (answer.reason, answer.differences) == (Reason.OK, ())
    assert answer.credential is not None
    package = Shelf(office.places.public).package_for(answer.credential)
    assert package is not None
    return {field.path: field.text for field in package.fields}


def documents(content: dict[str, str]) -> set[str]:
    """The document numbers of the violation records it shows."""
    return {text for place, text in content.items() if place.endswith("／决定书文号")}


def domains(content: dict[str, str]) -> dict[str, str]:
    """Domain → result, in the order of the table."""
    rows = [(place.split("／"), text) for place, text in content.items() if "分领域查询结果／第" in place]
    return {place[1].split(" ", 1)[1]: text for place, text in rows if place[2] == "查询结果"}


def notes(content: dict[str, str]) -> str:
    return "\n".join(text for place, text in content.items() if place.startswith("三、说明"))


def conclusion(content: dict[str, str]) -> str:
    return next(text for place, text in content.items() if place.endswith("／结论"))
