"""The text of a Word document in the order of reading: tables, columns made of tables, boxes, heads of pages."""

from __future__ import annotations

import io

import docx

from experts.credentials.inspection.verdict import clean_text
from experts.credentials.inspection.word import inspect_docx

BOX = (
    '<w:p xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><w:r><w:t>Before the box</w:t></w:r><w:r>'
    "<mc:AlternateContent><mc:Choice Requires='wps'><w:txbxContent><w:p><w:r><w:t>Languages</w:t></w:r></w:p>"
    "<w:p><w:r><w:t>Igbo</w:t><w:tab/><w:t>C1</w:t></w:r></w:p></w:txbxContent></mc:Choice>"
    "<mc:Fallback><w:txbxContent><w:p><w:r><w:t>Languages</w:t></w:r></w:p></w:txbxContent></mc:Fallback>"
    "</mc:AlternateContent></w:r></w:p>"
)


def lines(document) -> list[str]:
    out = io.BytesIO()
    document.save(out)
    return clean_text(inspect_docx(out.getvalue()).text).splitlines()


def test_a_table_of_single_lines_is_read_row_by_row():
    document = docx.Document()
    table = document.add_table(2, 2)
    for row, (when, what) in zip(
        table.rows, [("2015 to 2019", "Attending"), ("2010 to 2015", "Resident")], strict=True
    ):
        row.cells[0].text, row.cells[1].text = when, what
    assert lines(document) == ["2015 to 2019\tAttending", "2010 to 2015\tResident"]


def test_columns_made_of_a_table_are_read_one_after_the_other():
    document = docx.Document()
    cells = document.add_table(1, 2).rows[0].cells
    cells[0].text, cells[1].text = "Languages\nIgbo, C1", "Experience\nAttending cardiologist\nBrightwater Clinic"
    assert lines(document) == ["Languages", "Igbo, C1", "Experience", "Attending cardiologist", "Brightwater Clinic"]


def test_a_cell_that_spans_columns_is_read_once():
    document = docx.Document()
    cells = document.add_table(1, 3).rows[0].cells
    cells[0].merge(cells[1]).text = "Education"
    assert lines(document) == ["Education"]


def test_text_in_boxes_is_read_once():
    document = docx.Document()
    document.element.body.insert(0, docx.oxml.parse_xml(BOX))
    assert lines(document) == ["Before the box", "Languages", "Igbo\tC1"]


def test_the_head_of_a_page_comes_first():
    document = docx.Document()
    document.add_paragraph("Cardiologist")
    document.sections[0].header.paragraphs[0].text = "Imani Okafor"
    assert lines(document) == ["Imani Okafor", "Cardiologist"]
