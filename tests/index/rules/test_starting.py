"""Answers index/rules/starting.py and unverified.py."""

from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import RuleError
from index.rules.offices import OPTIONAL, PROFILES, REQUIRED, copy_profile, load_office, load_profile
from index.rules.starting import start_office
from index.rules.unverified import UNVERIFIED, unverified


@pytest.mark.parametrize("profile", PROFILES)
def test_an_office_started_from_a_profile_is_that_office(tmp_path: Path, profile: str) -> None:
    assert (
        start_office(tmp_path / "office", profile=profile) == load_profile(profile) == load_office(tmp_path / "office")
    )


def test_every_file_is_there_and_begins_with_notes_for_the_clerk(tmp_path: Path) -> None:
    start_office(tmp_path / "office", city="青禾市")
    assert {file.name for file in (tmp_path / "office").iterdir()} == {*REQUIRED, *OPTIONAL}
    for file in (tmp_path / "office").iterdir():
        lines = file.read_text(encoding="utf-8-sig").splitlines()
        assert lines[0].startswith("# ")
        assert sum(line.startswith("# ") for line in lines) >= 3, file.name
        assert file.read_bytes().startswith(b"\xef\xbb\xbf") == (file.suffix == ".csv")


def test_another_city_is_a_draft_without_a_basis_in_which_everything_is_to_be_checked(tmp_path: Path) -> None:
    office = start_office(tmp_path / "office", city="青禾市")
    assert (office.city, office.sample, office.bases) == ("青禾市", True, ())
    assert office.domains[44].unit_text.startswith("市发改委（青禾供电公司）")
    assert ("国家税务总局青禾市税务局", "市税务局") in office.unit_aliases
    assert all(domain.source == UNVERIFIED for domain in office.domains)
    assert len(unverified(office)) == 5 + 3 + 45 + 13
    texts = [file.read_text(encoding="utf-8-sig") for file in (tmp_path / "office").iterdir()]
    data = [line for text in texts for line in text.splitlines() if not line.startswith("#")]
    assert not any("盐城" in line for line in data)


def test_a_draft_does_not_become_a_real_office_by_one_word(tmp_path: Path) -> None:
    start_office(tmp_path / "office", city="青禾市")
    file = tmp_path / "office" / "office.toml"
    file.write_text(file.read_text("utf-8").replace("sample = true", "sample = false"), encoding="utf-8")
    with pytest.raises(RuleError) as caught:
        load_office(tmp_path / "office")
    assert caught.value.code == "OFFICE_UNVERIFIED"
    assert "issuer_name" in caught.value.message


def test_the_mark_is_found_wherever_it_is_left() -> None:
    office = load_profile("yunting")
    assert unverified(office) == ()
    first = replace(office.domains[0], source=f"附件（{UNVERIFIED}）")
    changed = replace(
        office,
        platform=UNVERIFIED,
        domains=(first, *office.domains[1:]),
        sources=(*office.sources, ("金融", UNVERIFIED), (office.bases[0].title, UNVERIFIED)),
    )
    assert unverified(changed) == (
        "office.toml 的 platform",
        "office.toml 的用途“金融”",
        f"bases.csv 的《{office.bases[0].title}》",
        "domains.csv 的序号 1",
    )


def test_what_names_no_source_is_not_verified_either() -> None:
    office = load_profile("yunting")
    without = replace(office, sources=(), domains=tuple(replace(domain, source="") for domain in office.domains))
    assert len(unverified(without)) == len(office.purposes) + len(office.bases) + len(office.domains)


def test_taking_the_column_of_sources_away_makes_no_real_office(tmp_path: Path) -> None:
    copy_profile("yunting", tmp_path / "office")
    folder = tmp_path / "office"
    file = folder / "office.toml"
    file.write_text(file.read_text("utf-8").replace("sample = true", "sample = false"), encoding="utf-8")
    assert not load_office(folder).sample
    lines = (folder / "domains.csv").read_text(encoding="utf-8").splitlines()
    (folder / "domains.csv").write_text("\n".join(line.rsplit(",", 1)[0] for line in lines[1:]), encoding="utf-8")
    with pytest.raises(RuleError) as caught:
        load_office(folder)
    assert caught.value.code == "OFFICE_UNVERIFIED"
    assert "domains.csv 的序号 1" in caught.value.message


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "office").mkdir()
    (tmp_path / "office" / "notes.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(RuleError) as caught:
        start_office(tmp_path / "office")
    assert caught.value.code == "OFFICE_EXISTS"
    assert [file.name for file in (tmp_path / "office").iterdir()] == ["notes.txt"]
    assert [file.name for file in tmp_path.iterdir()] == ["office"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "office").mkdir()
    start_office(tmp_path / "office", profile="yunting")
    assert load_office(tmp_path / "office").city == "云汀市"


@pytest.mark.parametrize("city", ["青禾", "市", "Springfield", '青禾"市', "青禾\n市", "../青禾市"])
def test_what_is_no_city_writes_nothing(tmp_path: Path, city: str) -> None:
    with pytest.raises(RuleError) as caught:
        start_office(tmp_path / "office", city=city)
    assert caught.value.code == "CITY"
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "office").write_text("keep", encoding="utf-8")
    for folder in (tmp_path / "office", tmp_path / "office" / "inside"):
        with pytest.raises(RuleError) as caught:
            start_office(folder)
        assert caught.value.code in ("OFFICE_EXISTS", "OFFICE_NOT_WRITABLE")
    assert (tmp_path / "office").read_text(encoding="utf-8") == "keep"
