"""Two columns are read one after the other; dates at the margin stay with their words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from experts.credentials.inspection.columns import MOST_WIDTH, in_reading_order


def page(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


SIDEBAR = page("""
Imani Okafor, MD
Cardiologist, heart failure and imaging of the heart in adults
Contact                    Experience
imani@example.org          Attending cardiologist
Boston, MA                 Brightwater Heart Clinic, Boston
                           Jan 2015 to present
Languages                  Runs the heart failure clinic and teaches
English (native)           residents on rounds.
Igbo, C1                   Resident in internal medicine
                           Invented General Hospital
""")


def test_a_narrow_column_is_read_to_its_end_before_the_wide_one():
    assert in_reading_order(SIDEBAR) == [
        "Imani Okafor, MD", "Cardiologist, heart failure and imaging of the heart in adults",
        "Contact", "imani@example.org", "Boston, MA", "Languages", "English (native)", "Igbo, C1",
        "Experience", "Attending cardiologist", "Brightwater Heart Clinic, Boston", "Jan 2015 to present",
        "Runs the heart failure clinic and teaches", "residents on rounds.", "Resident in internal medicine",
        "Invented General Hospital",
    ]  # fmt: skip


def test_dates_at_the_right_margin_stay_in_their_line():
    rows = page("""
Senior associate, Larch LLP                2018 to 2024
Associate, Cardexa Legal                   2013 to 2018
Clerk, Invented Court                      2011 to 2013
LL.M., University of Warsaw                2009 to 2011
LL.B., University of Warsaw                2006 to 2009
""")
    assert in_reading_order(rows)[0] == "Senior associate, Larch LLP\t2018 to 2024"
    assert len(in_reading_order(rows)) == 5


def test_dates_at_the_left_margin_stay_in_their_line_too():
    rows = page("""
2018 to 2024     Senior associate, Larch LLP
2013 to 2018     Associate, Cardexa Legal
2011 to 2013     Clerk, Invented Court
2009 to 2011     LL.M., University of Warsaw
2006 to 2009     LL.B., University of Warsaw
""")
    assert in_reading_order(rows)[1] == "2013 to 2018\tAssociate, Cardexa Legal"


def test_a_heading_at_the_margin_comes_before_what_stands_beside_it():
    rows = page("""
EXPERIENCE      Attending cardiologist, Brightwater Clinic
                Runs the clinic and teaches residents
                Reviews cases of others every week
                Writes plainly about what is not known
                Sits on the board of the clinic
                Leads the audit of its charts
EDUCATION       MBBS, University of Lagos
                Fellowship in Boston
""")
    found = in_reading_order(rows)
    assert found[:2] == ["EXPERIENCE", "Attending cardiologist, Brightwater Clinic"]
    assert found.index("EDUCATION") == found.index("MBBS, University of Lagos") - 1


@given(st.lists(st.text(alphabet=st.sampled_from("ab 2019\t-é"), max_size=60), max_size=40))
def test_no_word_is_lost_or_made_up(rows):
    words = sorted("".join("".join(rows).split()))
    assert sorted("".join("".join(in_reading_order(rows)).split())) == words


@given(st.lists(st.text(max_size=MOST_WIDTH * 2), max_size=20))
def test_any_lines_will_do(rows):
    assert isinstance(in_reading_order(rows), list)
