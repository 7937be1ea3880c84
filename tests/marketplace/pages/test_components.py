"""What the components promise: exact words, names for everybody, nothing of a person's text taken as markup."""

from __future__ import annotations

import re
from datetime import date, datetime

import pytest
from django import forms

from marketplace.pages import charts, differences, formats
from marketplace.pages.fields import parts_of
from tests.marketplace.pages.drawing import EVIL, NOW, draw

pytestmark = [pytest.mark.urls("tests.marketplace.pages.gallery_urls"), pytest.mark.usefixtures("utc")]


# -------------------------------------------------------------------------------------------------------- states


@pytest.mark.parametrize(
    ("state", "tone"), [("PAID", "success"), ("held", "warning"), ("Rejected", "danger"), ("UNKNOWN", "unknown")]
)
def test_a_state_has_one_tone(state: str, tone: str) -> None:
    assert draw('<c-pill :state="state">x</c-pill>', state=state) == f'<span class="pill pill-{tone}">x</span>'


def test_a_state_nobody_has_heard_of_is_plain() -> None:
    assert draw('<c-pill state="WONDERING">x</c-pill>') == '<span class="pill">x</span>'


def test_a_page_may_give_its_own_tones() -> None:
    assert draw("{{ state|tone_of_state:mine }}", state="OPEN", mine={"OPEN": "info"}) == "info"


def test_no_state_stands_under_two_tones() -> None:
    words = [word for states in formats.TONES.values() for word in states.split()]
    assert sorted(words) == sorted(set(words))


# ------------------------------------------------------------------------------------------------------- controls


def test_a_button_that_is_off_has_its_reason_beside_it() -> None:
    html = draw('<c-button disabled reason="You prepared it.">Approve</c-button>')
    assert re.search(r'<button type="submit" disabled\s+class="btn"', html)
    assert '<span class="hint">You prepared it.</span>' in html


def test_a_link_that_is_off_is_no_link() -> None:
    html = draw('<c-button href="/x" :disabled="off">Go</c-button>', off=True)
    assert "<a" not in html
    assert "/x" not in html


def test_a_button_that_is_only_an_icon_has_a_name() -> None:
    html = draw('<c-button icon="pencil" label="Change" />')
    assert 'aria-label="Change"' in html
    assert "btn-icon" in html


def test_unnamed_attributes_go_to_the_element_escaped() -> None:
    html = draw('<c-button hx-post="/x" :data-note="evil" data-two="{{ evil }}">Go</c-button>', evil=EVIL)
    assert 'hx-post="/x"' in html
    escaped = "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"
    assert f'data-note="{escaped}"' in html
    assert f'data-two="{escaped}"' in html


@pytest.mark.parametrize(
    "source",
    [
        '<c-button :label="evil">{{ evil }}</c-button>',
        '<c-pill :state="evil">{{ evil }}</c-pill>',
        '<c-card :title="evil" :id="evil">{{ evil }}</c-card>',
        '<c-tile :label="evil" :value="evil" :sub="evil" />',
        '<c-note :title="evil">{{ evil }}</c-note>',
        '<c-empty :title="evil">{{ evil }}</c-empty>',
        '<c-fact :label="evil" :value="evil" />',
        '<c-event :title="evil">{{ evil }}</c-event>',
        '<c-chip :href="evil" :count="evil">{{ evil }}</c-chip>',
        '<c-copy :label="evil" :value="evil" />',
        '<c-avatar :name="evil" alone />',
        '<c-labmark :name="evil" />',
        '<c-req :label="evil" :note="evil" />',
        '<c-step :label="evil" :hint="evil" />',
        '<c-diff :rows="rows" />',
        '<c-approval :prepared_by="evil" :comment="evil" :asked="evil" />',
        '<c-palette-found :groups="groups" />',
        '<c-markdown :text="evil" />',
    ],
)
def test_a_persons_text_is_never_markup(source: str) -> None:
    html = draw(source, evil=EVIL, rows=[(EVIL, EVIL, "x")], groups=[(EVIL, [(EVIL, EVIL, "/")])], now=NOW)
    assert "<script" not in html
    assert 'id=""' not in html


def test_inline_parts_bring_no_space_around_them() -> None:
    html = draw(
        '(<c-money :minor="100" />,<c-pill>x</c-pill>,<c-tag>y</c-tag>,<c-icon name="x" />,<c-when :at="at" />)', at=NOW
    )
    assert re.sub(r"<[^>]*>", "", html) == "($1.00,x,y,,Wed 18 Nov)"


class Everything(forms.Form):
    """One field of every kind that forms here use."""

    title = forms.CharField(help_text="Shown to labs", label="Title")
    nickname = forms.CharField(required=False)
    starts_on = forms.DateField()
    starts_at = forms.DateTimeField()
    kind = forms.ChoiceField(choices=[("a", "First"), ("b", "Second")])
    choice = forms.ChoiceField(choices=[("a", "First"), ("b", "Second")], widget=forms.RadioSelect)
    many = forms.MultipleChoiceField(choices=[("a", "First")], widget=forms.CheckboxSelectMultiple, required=False)
    agreed = forms.BooleanField(label="I agree")
    text = forms.CharField(widget=forms.Textarea, min_length=60)
    file = forms.FileField()
    secret = forms.CharField(widget=forms.HiddenInput)


def test_a_field_with_an_error_points_to_its_words() -> None:
    html = draw('<c-field :field="form.title" autocomplete="off" />', form=Everything({}))
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_title_hint id_title_error"' in html
    assert '<div class="hint" id="id_title_hint">Shown to labs</div>' in html
    assert re.search(r'<p class="error" id="id_title_error">.*<span>This field is required.</span></p>', html)
    assert 'autocomplete="off"' in html
    assert '<label class="label" for="id_title">Title</label>' in html


def test_a_field_without_an_error_is_not_marked() -> None:
    html = draw('<c-field :field="form.nickname" />', form=Everything())
    assert "aria-invalid" not in html
    assert "aria-describedby" not in html
    assert '<span class="opt">(optional)</span>' in html


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("title", "input"),
        ("starts_on", "input"),
        ("kind", "select"),
        ("choice", "radios"),
        ("many", "checks"),
        ("agreed", "check"),
        ("text", "textarea"),
        ("file", "file"),
        ("secret", "hidden"),
    ],
)
def test_every_widget_has_its_way_to_be_drawn(name: str, kind: str) -> None:
    assert parts_of(Everything()[name]).kind == kind


def test_days_and_moments_use_the_browsers_own_pickers() -> None:
    form = Everything(initial={"starts_on": date(2026, 11, 23), "starts_at": datetime(2026, 11, 23, 9, 30)})
    assert 'type="date" name="starts_on" value="2026-11-23"' in draw('<c-field :field="form.starts_on" />', form=form)
    assert 'type="datetime-local" name="starts_at" value="2026-11-23T09:30"' in draw(
        '<c-field :field="form.starts_at" />', form=form
    )


def test_a_group_of_choices_has_a_legend_and_may_say_what_follows() -> None:
    html = draw(
        '<c-field :field="form.choice" cards :hints="hints" />', form=Everything({}), hints={"a": "The clock stops"}
    )
    assert '<legend class="label">Choice</legend>' in html
    assert '<fieldset class="field field-group" aria-describedby="id_choice_error">' in html
    assert '<span class="hint">The clock stops</span>' in html
    assert html.count('type="radio"') == 2


def test_a_hidden_field_is_only_its_control() -> None:
    assert draw('<c-field :field="form.secret" />', form=Everything()).strip() == (
        '<input type="hidden" name="secret" id="id_secret">'
    )


def test_a_false_attribute_takes_one_away() -> None:
    class WithPlaceholder(forms.Form):
        name = forms.CharField(widget=forms.TextInput(attrs={"placeholder": "Name"}))

    assert "placeholder" not in draw('<c-field :field="form.name" :placeholder="False" />', form=WithPlaceholder())


def test_the_words_above_a_form_link_to_each_field() -> None:
    html = draw('<c-form-errors :form="form" />', form=Everything({}))
    assert 'role="alert"' in html
    assert '<a class="link" href="#id_title">Title</a>: This field is required.' in html
    assert "9 fields need a correction." in html


def test_a_form_without_errors_says_nothing_above_it() -> None:
    assert draw('<c-form-errors :form="form" />', form=Everything()).strip() == ""


# ------------------------------------------------------------------------------------------------- long work, charts


@pytest.mark.parametrize(("state", "asks"), [("running", True), ("waiting", True), ("done", False), ("failed", False)])
def test_a_progress_row_asks_again_only_while_something_happens(state: str, asks: bool) -> None:
    html = draw('<c-progress id="p" label="Import" :done="50" :total="200" :state="state" url="/p" />', state=state)
    assert ('hx-trigger="load delay:2s"' in html) is asks
    assert f'aria-valuenow="{100 if state == "done" else 25}"' in html


def test_a_meter_keeps_within_its_whole() -> None:
    assert 'width="100%"' in draw('<c-meter :value="7" :of="5" />')
    assert 'width="0%"' in draw('<c-meter :value="7" :of="0" />')
    assert 'width="37.5%"' in draw('<c-meter :value="3" :of="8" />')


def test_numbers_in_pictures_are_the_same_in_every_language(settings: object) -> None:
    from django.utils import translation

    with translation.override("de"):
        assert 'width="37.5%"' in draw('<c-meter :value="3" :of="8" />')
        assert draw("{{ a|number:2 }}", a=1234.5) == "1.234,50"


@pytest.mark.parametrize(("span", "step"), [(160, 40), (1.0, 0.25), (0.37, 0.1), (110_880, 40_000), (0, 1.0)])
def test_scales_have_round_steps(span: float, step: float) -> None:
    assert charts.nice_step(span) == pytest.approx(step)


def test_a_scale_uses_one_unit_and_the_same_decimals() -> None:
    assert charts.scale_labels([0, 40_000, 80_000, 120_000], "$") == ["$0", "$40k", "$80k", "$120k"]
    assert charts.scale_labels([0.4, 0.6, 0.8, 1.0]) == ["0.4", "0.6", "0.8", "1.0"]


def test_counts_have_no_fractions_on_their_scale() -> None:
    counted = charts.bar_picture(["a", "b"], [[1, 0]])
    measured = charts.bar_picture(["a", "b"], [[1.0, 0.5]])
    assert [tick.label for tick in counted.ticks] == ["0", "1"]
    assert [tick.label for tick in measured.ticks] == ["0.00", "0.25", "0.50", "0.75", "1.00"]


def test_stacked_bars_stand_on_each_other() -> None:
    picture = charts.bar_picture(["a", "b"], [[40, 80], [40, 20]], unfinished=True)
    assert [(bar.y, bar.height, bar.paint, bar.faded) for bar in picture.bars] == [
        (94.0, 56.0, "accent", False),
        (38.0, 56.0, "second", False),
        (38.0, 112.0, "accent", True),
        (10.0, 28.0, "second", True),
    ]
    assert picture.right == charts.RIGHT


def test_whiskers_below_the_floor_are_marked() -> None:
    picture = charts.line_picture(["a", "b"], [0.7, 0.6], intervals=[(0.6, 0.8), (0.5, 0.7)], reference=0.67)
    assert [dot.bad for dot in picture.dots] == [False, True]
    assert picture.right == charts.RIGHT_WITH_LABEL


def test_a_projection_begins_where_the_facts_end() -> None:
    picture = charts.line_picture(["a", "b", "c"], [100, 50, 0], projected=1, area=True)
    assert picture.line.split()[-1] == picture.projection.split()[0]
    assert picture.area.startswith(f"{picture.line.split(',')[0]},150 ")


def test_a_series_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="one number per label"):
        charts.bar_picture(["a", "b"], [[1]])


def test_an_empty_chart_is_still_a_chart() -> None:
    assert "<svg" in draw('<c-bar-chart label="Nothing yet" :labels="none" :series="series" />', none=[], series=[])
    assert "<svg" in draw('<c-line-chart label="Nothing yet" :labels="none" :values="none" />', none=[])


def test_every_chart_has_its_numbers_behind_it() -> None:
    series = [{"name": "Pay", "values": [1200, 800]}, {"name": "Fee", "values": [120, 80], "texts": ["$1.20", "$0.80"]}]
    html = draw(
        '<c-bar-chart label="Spend" :labels="weeks" :series="series" head="Week" />', weeks=["W1", "W2"], series=series
    )
    assert re.findall(r'<t[hd] [^>]*>([^<]*)</t[hd]>', html) == [
        "Week", "Pay", "Fee", "W1", "1,200", "$1.20", "W2", "800", "$0.80",
    ]  # fmt: skip


def test_a_diff_marks_only_the_words_that_changed() -> None:
    line = differences.lines_of([("Surname", "Ravi <Menezes>", "Ravi <Menezes> Duarte")])[0]
    assert (line.before, line.after) == ("Ravi &lt;Menezes&gt;", "Ravi &lt;Menezes&gt;<ins> Duarte</ins>")


def test_a_very_long_diff_is_not_compared_word_by_word() -> None:
    line = differences.lines_of([("Text", "a " * 9_000, "b " * 9_000)])[0]
    assert line.before.startswith("<del>a a")
