"""Files of public registers in their real formats: what is read, what is left out, and which files are refused in words."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date

import pytest

from experts.registries.reading import (
    LEFT_OUT,
    FideReader,
    NppesReader,
    OfacReader,
    Row,
    Unreadable,
    fingerprint,
)
from experts.registries.reading.base import whole_number
from marketplace.kernel.errors import Invalid
from tests.factories.experts_registries import FIDE_FILE, NPPES_FILE, OFAC_FILES


def rows_of(reader):
    return [one for one in reader.records() if isinstance(one, Row)]


def lines_of(path):
    return list(csv.reader(io.StringIO(path.read_text())))


def written(path, rows):
    with path.open("w", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
    return path


def test_the_sample_of_nppes_has_the_330_columns_of_the_real_file():
    assert {len(row) for row in lines_of(NPPES_FILE)} == {330}


def test_nppes_gives_people_with_their_licences_and_leaves_organisations_out():
    reader = NppesReader(NPPES_FILE)
    reader.check()
    records = list(reader.records())
    assert [one == LEFT_OUT for one in records] == [False, False, False, True, False, False, False]
    first = records[0].values
    assert (first["number"], first["last_name"], first["first_name"], first["middle_name"]) == (
        "1234567893", "OKAFOR", "IMANI", "CHIDINMA",
    )  # fmt: skip
    assert first["licences"][0] == {"taxonomy": "207RC0000X", "number": "220148", "state": "MA", "primary": True}
    assert (first["enumerated_on"], first["practice_state"]) == (date(2012, 5, 23), "MA")
    gone = records[4].values
    assert (gone["last_name"], gone["deactivated_on"]) == ("", date(2024, 6, 15))
    assert (reader.is_whole, reader.list_on()) == (True, date(2026, 11, 9))
    assert reader.progress() == (NPPES_FILE.stat().st_size, NPPES_FILE.stat().st_size)


def test_nppes_is_read_from_the_zip_of_cms_as_well(tmp_path):
    path = tmp_path / "NPPES_Data_Dissemination_November_2026.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(NPPES_FILE, NPPES_FILE.name)
        archive.writestr("npidata_pfile_20050523-20261109_fileheader.csv", "NPI\n")
        archive.writestr("othername_pfile_20050523-20261109.csv", "NPI\n")
        archive.writestr("NPPES_Data_Dissemination_Readme.pdf", "x")
    reader = NppesReader(path)
    reader.check()
    assert rows_of(reader) == rows_of(NppesReader(NPPES_FILE))
    assert (reader.is_whole, reader.list_on()) == (True, date(2026, 11, 9))


def test_a_weekly_file_is_no_whole_list():
    reader = NppesReader(NPPES_FILE.with_name("npidata_pfile_20261102-20261108.csv"))
    assert (reader.is_whole, reader.list_on()) == (False, date(2026, 11, 8))


def test_rows_that_make_no_sense_are_named_by_their_line_and_the_rest_is_read(tmp_path):
    header, first, *_rest = lines_of(NPPES_FILE)
    strange_number, strange_day, short = ["12345", *first[1:]], list(first), first[:200]
    strange_day[header.index("Last Update Date")] = "2026-11-09"
    path = written(tmp_path / "npi.csv", [header, strange_number, strange_day, short, first])
    records = list(NppesReader(path).records())
    assert [one.words[:30] for one in records if isinstance(one, Unreadable)] == [
        "line 2: “12345” is no NPI", "line 3: “2026-11-09” is no day", "line 4: 200 columns instead of",
    ]  # fmt: skip
    assert len([one for one in records if isinstance(one, Row)]) == 1


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (["NPI", "Endpoint Type", "Endpoint"], "It looks like the endpoint file"),
        (["NPI", "Provider Other Organization Name"], "the file of other names"),
        (["NPI", "Provider Secondary Practice Location Address- Address Line 1"], "further practice locations"),
        (["Name", "Rating"], "the column “NPI” is missing"),
    ],
)
def test_another_file_of_nppes_is_refused_with_what_to_take_instead(tmp_path, header, words):
    path = written(tmp_path / "file.csv", [header, ["1"] * len(header)])
    with pytest.raises(Invalid, match=words):
        NppesReader(path).check()


def test_a_header_without_rows_an_empty_and_a_missing_file_are_refused(tmp_path):
    alone = written(tmp_path / "npidata_pfile_fileheader.csv", lines_of(NPPES_FILE)[:1])
    empty = tmp_path / "empty.csv"
    empty.touch()
    for path, words in ((alone, "no rows"), (empty, "is empty"), (tmp_path / "none.csv", "There is no file")):
        with pytest.raises(Invalid, match=words):
            NppesReader(path).check()


def test_a_zip_without_the_list_says_what_is_inside(tmp_path):
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("cat.png", "x")
    for reader in (NppesReader(path), FideReader(path), OfacReader(path, path, path)):
        with pytest.raises(Invalid, match="Inside: cat.png"):
            reader.check()


def test_a_damaged_zip_is_refused_in_words(tmp_path):
    path = tmp_path / "list.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(FIDE_FILE, "players_list_xml.xml")
    content = bytearray(path.read_bytes())
    content[150:250] = b"\xff" * 100
    path.write_bytes(content)
    with pytest.raises(Invalid, match="damaged|not whole"):
        list(FideReader(path).records())


# --------------------------------------------------------------------------------------------------------------- FIDE


def test_fide_gives_players_with_titles_federation_and_year_of_birth():
    reader = FideReader(FIDE_FILE)
    reader.check()
    rows = [row.values for row in rows_of(reader)]
    assert [(row["number"], row["name"], row["federation"]) for row in rows[:2]] == [
        ("99900011", "Brandvold, Ingrid", "NOR"), ("99900012", "Tavares Lima, Joao Pedro", "BRA"),
    ]  # fmt: skip
    assert [(row["title"], row["women_title"], row["rating"]) for row in rows[:3]] == [
        ("WGM", "WGM", 2310), ("GM", "", 2544), ("", "", None),
    ]  # fmt: skip
    assert (rows[3]["name"], rows[3]["birth_year"]) == ("Weiss, Jörg", 1979)


def test_fide_knows_the_short_titles_of_older_lists(tmp_path):
    path = tmp_path / "old.xml"
    path.write_text(FIDE_FILE.read_text().replace("<title>GM</title>", "<title>g</title>"))
    assert rows_of(FideReader(path))[1].values["title"] == "GM"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("<html><body>404</body></html>", "begins with <html>"),
        ("ID Number Name Fed Sex Tit\n99900011 Brandvold", "not whole XML"),
        ("<playerslist></playerslist>", "holds no player"),
        ("<playerslist><player><id>1</id></player></playerslist>", "has no <country>"),
    ],
)
def test_what_is_not_the_xml_list_is_refused(tmp_path, content, words):
    path = tmp_path / "players.xml"
    path.write_text(content)
    with pytest.raises(Invalid, match=words):
        FideReader(path).check()


def test_a_list_that_is_cut_off_gives_what_is_there_and_then_refuses(tmp_path):
    path = tmp_path / "cut.xml"
    path.write_text(FIDE_FILE.read_text()[:1500])
    reader, seen = FideReader(path), []
    reader.check()
    with pytest.raises(Invalid, match="download it again"):
        seen.extend(reader.records())
    assert FideReader(path).progress()[0] == 0


def test_entities_of_a_hostile_list_are_not_opened(tmp_path):
    path = tmp_path / "bomb.xml"
    bomb = '<!DOCTYPE a [<!ENTITY b "boom"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
    text = FIDE_FILE.read_text().replace("<playerslist>", f"{bomb}<playerslist>").replace("Brandvold", "&b;&c;")
    path.write_text(text)
    names = [row.values["name"] for row in rows_of(FideReader(path))]
    assert not any("boom" in name or "root" in name for name in names)


# --------------------------------------------------------------------------------------------------------------- OFAC


def test_ofac_gives_entries_aliases_and_addresses_and_nothing_for_minus_zero():
    reader = OfacReader(*OFAC_FILES)
    reader.check()
    records = list(reader.records())
    assert all(isinstance(one, Row) for one in records)
    tables = [one.table for one in records]
    assert [tables.count(name) for name in ("sanctionentry", "sanctionalias", "sanctionaddress")] == [5, 3, 2]
    first, company = records[0].values, records[1].values
    assert (first["ent_num"], first["name"], first["kind"]) == (900101, "KORVAREN, Oleksandr Petrovich", "individual")
    assert first["remarks"].startswith("DOB 12 Mar 1961; POB Nowhere")
    assert (company["kind"], company["title"]) == ("entity", "")
    assert records[3].values["remarks"] == ""
    assert records[4].values["name"] == "PEÑALOZA, Renato"  # the file is in Windows-1252
    assert records[-1].values["address"] == ""
    done, total = reader.progress()
    assert done == total == sum(path.stat().st_size for path in OFAC_FILES)


def test_files_of_ofac_in_the_wrong_order_are_refused_by_name():
    sdn, alt, add = OFAC_FILES
    with pytest.raises(Invalid, match=r"alt\.csv is not OFAC's sdn\.csv.*It looks like alt\.csv"):
        OfacReader(alt, sdn, add).check()
    with pytest.raises(Invalid, match=r"sdn\.csv is not OFAC's add\.csv"):
        OfacReader(sdn, alt, sdn).check()


def test_a_header_is_no_list_of_ofac(tmp_path):
    path = tmp_path / "sdn.csv"
    path.write_text("ent_num,SDN_Name,SDN_Type,Program,Title,Call_Sign,Vess_type,Tonnage,GRT,Vess_flag,Owner,Remarks\n")
    with pytest.raises(Invalid, match="without a header"):
        OfacReader(path, *OFAC_FILES[1:]).check()


# -------------------------------------------------------------------------------------------------------------- files


def test_a_file_is_known_again_by_its_bytes_and_not_by_its_name(tmp_path):
    copy = tmp_path / "other-name.csv"
    copy.write_bytes(NPPES_FILE.read_bytes())
    seen = []
    assert fingerprint([copy], lambda done, total: seen.append((done, total))) == fingerprint([NPPES_FILE])
    assert seen[-1] == (copy.stat().st_size, copy.stat().st_size)
    copy.write_bytes(NPPES_FILE.read_bytes() + b"\n")
    assert fingerprint([copy]) != fingerprint([NPPES_FILE])
    assert fingerprint(OFAC_FILES) != fingerprint(OFAC_FILES[::-1])


@pytest.mark.parametrize(("text", "number"), [("2310", 2310), ("0", None), ("", None), (None, None), ("99999", None)])
def test_what_fits_no_column_is_no_number(text, number):
    assert whole_number(text) == number
