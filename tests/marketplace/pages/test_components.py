"""What the components promise: exact words, names for everybody, nothing of a person's text taken as markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.template import engines
from django.template.loader import get_template
from django.utils import timezone

from marketplace.kernel import registry
from marketplace.pages import charts, context, differences, formats, navigation
from marketplace.pages.fields import parts_of
from marketplace.pages.icons import UnknownIcon, draw_icon, shapes
from tests.marketplace.pages.drawing import NOW, draw

pytestmark = pytest.mark.urls("tests.marketplace.pages.gallery_urls")
TEMPLATES = Path(settings.BASE_DIR) / "templates"
COMPONENTS = sorted((TEMPLATES / "cotton").rglob("*.html"))
NAMES = {str(path.relative_to(TEMPLATES / "cotton"))[:-5].replace("/", ".").replace("_", "-") for path in COMPONENTS}
EVIL = '"><script>alert(1)</script>'


@pytest.fixture(autouse=True)
def _utc() -> Iterator[None]:
    """Whatever zone an earlier request left active, times here are read in UTC."""
    with timezone.override(UTC):
        yield


# ---------------------------------------------------------------------------------------------- money and numbers


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [(195375, "USD", "$1,953.75"), (0, "USD", "$0.00"), (-5500, "USD", "−$55.00"), (129900, "EUR", "€1,299.00")],
)
def test_money_shows_currency_and_cents(minor: int, currency: str, text: str) -> None:
    html = draw('<c-money :minor="minor" :currency="currency" />', minor=minor, currency=currency)
    assert html == f'<span class="money{" money-neg" if minor < 0 else ""}">{text}</span>'


def test_money_of_nothing_is_nothing() -> None:
    assert draw('<c-money :minor="minor" />', minor=None) == ""


def test_a_tied_total_has_the_double_rule() -> None:
    assert draw('<c-money :minor="100" tied />') == '<span class="money tie">$1.00</span>'


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (22500, None, "$225.00"),
        (22500, 22500, "$225.00"),
        (18000, 25000, "$180–250"),
        (18050, 25000, "$180.50–250"),
        (900, 1250, "$9–12.50"),
    ],
)
def test_a_rate_is_one_figure_or_a_range(low: int, high: int | None, text: str) -> None:
    assert formats.rate_text(low, high) == text


def test_a_rate_names_its_unit() -> None:
    html = draw('<c-rate :low="18000" :high="25000" />')
    assert html == '<span class="rate">$180–250<span class="per"> /h</span></span>'


def test_percent_and_basis_points() -> None:
    assert draw("{{ a|percent }}, {{ b|percent:1 }}, {{ c|bps }}, {{ d|bps }}", a=0.93, b=0.125, c=1000, d=1250) == (
        "93\u00a0%, 12.5\u00a0%, 10\u00a0%, 12.5\u00a0%"
    )


def test_numbers_have_separators_and_a_real_minus_sign() -> None:
    assert draw("{{ a|number }} {{ b|number:2 }}", a=-1204, b=3.14159) == "−1,204 3.14"


# ---------------------------------------------------------------------------------------------------------- time


@pytest.mark.parametrize(
    ("seconds", "text", "grid"),
    [
        (0, "0\u00a0min", "0:00"),
        (59, "0\u00a0min", "0:00"),
        (32100, "8\u00a0h 55\u00a0min", "8:55"),
        (36000, "10\u00a0h", "10:00"),
        (4_500_000, "1,250\u00a0h", "1,250:00"),
    ],
)
def test_durations_in_words_and_in_grids(seconds: int, text: str, grid: str) -> None:
    assert formats.duration_text(seconds) == text
    assert formats.duration_grid(seconds) == grid


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (timedelta(days=5, hours=3), "5\u00a0d"),
        (timedelta(days=1, hours=4, minutes=20), "1\u00a0d 4\u00a0h"),
        (timedelta(days=2), "2\u00a0d"),
        (timedelta(hours=9, minutes=36), "9\u00a0h 36\u00a0min"),
        (timedelta(hours=6), "6\u00a0h"),
        (timedelta(minutes=38, seconds=20), "38\u00a0min"),
        (timedelta(minutes=9, seconds=40), "9:40"),
        (timedelta(seconds=5), "0:05"),
        (timedelta(seconds=-5), "0:00"),
    ],
)
def test_what_is_left_gets_finer_towards_the_end(left: timedelta, text: str) -> None:
    assert formats.left_text(left.total_seconds()) == text


@pytest.mark.parametrize(
    ("left", "since", "share", "tone"),
    [
        (timedelta(days=6), timedelta(days=1), 86, ""),
        (timedelta(hours=20), timedelta(hours=4), 83, "soon"),
        (timedelta(hours=6), timedelta(days=3), 8, "now"),
        (timedelta(minutes=38), timedelta(minutes=22), 63, "now"),
        (timedelta(hours=-2), timedelta(days=3), 0, ""),
    ],
)
def test_a_clock_turns_urgent_before_it_ends(left: timedelta, since: timedelta, share: int, tone: str) -> None:
    clock = formats.clock_of(NOW + left, NOW, NOW - since)
    assert (clock.share, clock.tone) == (share, tone)


def test_a_countdown_says_what_happens_at_zero() -> None:
    html = draw(
        '<c-countdown :until="until" :since="since" then="then approved" />',
        until=NOW + timedelta(hours=9, minutes=36),
        since=NOW - timedelta(hours=3),
        now=NOW,
    )
    assert "9\u00a0h 36\u00a0min left" in html
    assert '<span class="clock-then">then approved</span>' in html
    assert 'title="Thu 19 Nov 2026, 00:00 UTC"' in html
    assert 'stroke-dasharray="76 100"' in html


def test_a_wait_that_is_over_says_since_when() -> None:
    html = draw('<c-countdown :until="until" />', until=NOW - timedelta(hours=2), now=NOW)
    assert "Over, 2 h ago" in html


def test_a_moment_is_shown_in_the_readers_zone_with_utc_behind_it() -> None:
    with timezone.override(ZoneInfo("America/New_York")):
        html = draw('<c-when :at="at" style="moment" />', at=datetime(2026, 11, 19, 0, 0, tzinfo=UTC), now=NOW)
    assert html == (
        '<time class="when" datetime="2026-11-19T00:00:00+00:00" title="Thu 19 Nov 2026, 00:00 UTC">'
        "Wed 18 Nov, 19:00</time>"
    )


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("day", "Wed 18 Nov"),
        ("moment", "Wed 18 Nov, 14:24"),
        ("time", "14:24"),
        ("seconds", "14:24:00"),
        ("short", "18 Nov"),
        ("long", "Wednesday 18 November"),
        ("full", "Wed 18 Nov 2026, 14:24"),
    ],
)
def test_days_and_moments_have_one_way_to_be_written(style: str, text: str) -> None:
    assert formats.when_text(NOW, style, NOW) == text


def test_another_year_is_written_out() -> None:
    assert formats.when_text(date(2028, 12, 31), "day", NOW) == "Sun 31 Dec 2028"


@pytest.mark.parametrize(
    ("ago", "text"),
    [(20, "just now"), (38 * 60, "38 min ago"), (7200, "2 h ago"), (90_000, "1 day ago"), (260_000, "3 days ago")],
)
def test_ages_in_words(ago: int, text: str) -> None:
    assert formats.ago_text(ago) == text


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


# ---------------------------------------------------------------------------------------------------- navigation


@pytest.fixture
def entries() -> list[registry.NavItem]:
    return [
        registry.NavItem("test-door", "Second", "house", "second", 2),
        registry.NavItem("test-door", "First", "house", "first", 1, badge=lambda _: 3),
        registry.NavItem("test-door", "Nowhere", "house", "no:such-page", 3),
        registry.NavItem("test-door", "Owners", "house", "second", 4, roles=frozenset({"OWNER"})),
    ]


def shown(entries: list[registry.NavItem], request: HttpRequest | None, role: str | None) -> list[tuple[str, bool]]:
    """Return what the navigation shows of `entries`, and leave the registry as it was."""
    before = list(registry.navigation)
    registry.register_navigation(*entries)
    try:
        found = navigation.entries_of("test-door", request, role=role)
    finally:
        registry.navigation[:] = before
    return [(entry.label, entry.current) for _, entry in found]


def test_navigation_is_in_order_and_holds_no_dead_link(entries: list[registry.NavItem], rf: object) -> None:
    request = rf.get("/first/7/")  # type: ignore[attr-defined]
    assert shown(entries, request, None) == [("First", True), ("Second", False)]


def test_navigation_shows_an_entry_of_a_role_only_to_that_role(entries: list[registry.NavItem]) -> None:
    assert ("Owners", False) in shown(entries, None, "OWNER")
    assert ("Owners", False) not in shown(entries, None, "REVIEWER")


def test_the_longest_address_is_the_current_one() -> None:
    pairs = [("", navigation.Entry(url, "house", url)) for url in ("/lab/x/", "/lab/x/hours/", "/lab/x/projects/")]

    def current(path: str) -> list[str]:
        return [entry.url for _, entry in navigation.mark_current(pairs, path) if entry.current]

    assert current("/lab/x/") == ["/lab/x/"]
    assert current("/lab/x/projects/7/") == ["/lab/x/projects/"]
    assert current("/lab/x/members/") == []


@pytest.mark.parametrize(("cookie", "theme"), [("dark", "dark"), ("light", "light"), ('"><x', ""), ("", "")])
def test_only_known_themes_are_taken_from_the_cookie(rf: object, cookie: str, theme: str) -> None:
    request = rf.get("/")  # type: ignore[attr-defined]
    request.COOKIES["theme"] = cookie
    assert context.Shell(request).theme == theme


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Imani Okafor", "IO"), ("Ravi de la Cruz", "RC"), ("chess", "CH"), ("a.b@c.org", "AO"), ("", "?"), ("…", "?")],
)
def test_initials(name: str, letters: str) -> None:
    assert formats.initials_of(name) == letters


# ------------------------------------------------------------------------------------------------ the house rules


def test_every_icon_that_a_template_asks_for_exists() -> None:
    literal = re.compile(
        r"""\{% icon "([a-z0-9-]+)"|<c-icon[^>]*\sname="([a-z0-9-]+)"|\sicon(?:_end)?="([a-z0-9-]+)\""""
    )
    asked = {
        (next(filter(None, match)), path.name)
        for path in TEMPLATES.rglob("*.html")
        for match in literal.findall(path.read_text(encoding="utf-8"))
    }
    assert [(name, place) for name, place in sorted(asked) if name not in shapes()] == []


def test_every_icon_of_the_navigation_exists() -> None:
    assert [item.label for item in registry.navigation if item.icon not in shapes()] == []


def test_an_icon_that_is_not_in_the_set_is_named() -> None:
    with pytest.raises(UnknownIcon, match="unicorn"):
        draw_icon("unicorn")


def test_every_component_says_what_it_takes_and_loads() -> None:
    for path in COMPONENTS:
        assert path.read_text(encoding="utf-8").startswith("{% comment %}"), path.name
        get_template(str(path.relative_to(TEMPLATES)))


def test_every_component_stands_in_the_table() -> None:
    table = (TEMPLATES / "cotton" / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z-]+(?:\.[a-z]+)?)`", table))
    assert NAMES - named == set()


def test_every_component_is_used_somewhere() -> None:
    used = set()
    for path in TEMPLATES.rglob("*.html"):
        used |= set(re.findall(r"<c-([a-z.-]+)", path.read_text(encoding="utf-8")))
    # `badge` is a second name of pill. The parts of e-mails hold inline style, so the gallery cannot show them.
    assert {name for name in NAMES - used if name != "badge" and not name.startswith("email.")} == set()


def test_an_email_says_how_a_sum_adds_up() -> None:
    html = draw(
        """{% extends "emails/base.html" %}{% block rows %}<c-email.rows title="How it adds up" :head="head">"""
        """<c-email.row :cells="line" /><c-email.row :cells="sum" total /></c-email.rows>{% endblock %}""",
        title="Your pay is on its way",
        url="https://preceptor.example/me/earnings/",
        button="See the payslip",
        head=["Contract", "Pay"],
        line=[EVIL, "$3,225.00"],
        sum=["Sent to you", "$3,225.00"],
    )
    assert "<script" not in html
    assert html.count("$3,225.00") == 2
    assert html.count("border-bottom:3px double") == 1
    assert 'href="https://preceptor.example/me/earnings/"' in html


def test_a_notice_reads_the_same_in_text_and_in_html() -> None:
    facts = {
        "title": "Larkfield & Sons made you an offer",
        "paragraphs": ["It stands at $210.00 an hour.", "It lapses on Wed 25 Nov."],
        "url": "https://preceptor.example/me/offers/?a=1&b=2",
        "button": "Read the offer",
        "name": "Imani",
    }
    text = engines["django"].get_template("emails/notice.txt").render(facts)
    html = engines["django"].get_template("emails/notice.html").render(facts)
    for words in ("Dear Imani,", "It stands at $210.00 an hour.", "It lapses on Wed 25 Nov.", "Read the offer"):
        assert words in text
        assert words in html
    assert "Larkfield & Sons" in text
    assert "Larkfield &amp; Sons" in html
    assert "https://preceptor.example/me/offers/?a=1&b=2" in text


def test_every_component_that_a_template_uses_exists() -> None:
    used = {
        (name, str(path.relative_to(TEMPLATES)))
        for path in TEMPLATES.rglob("*.html")
        for name in re.findall(r"<c-([a-z][a-z.-]*)", path.read_text(encoding="utf-8"))
    }
    assert {(name, place) for name, place in used if name not in NAMES | {"vars", "slot"}} == set()


def test_no_page_holds_inline_style_script_or_handlers() -> None:
    inline = re.compile(
        r"\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:|[\"'(]data:|<style|<script(?![^>]*(?:\ssrc=|type=\"application/(?:ld\+)?json\"))",
        re.IGNORECASE,
    )
    mails = ("emails/", "email/", "cotton/email/")
    found = {
        (str(path.relative_to(TEMPLATES)), match.group(0))
        for path in TEMPLATES.rglob("*.html")
        if not any(part in str(path.relative_to(TEMPLATES)) for part in mails)
        # `style` is also an argument of c-when and c-event, so the tags of components are left out.
        for match in inline.finditer(re.sub(r"<c-[^>]*>", "", path.read_text(encoding="utf-8")))
    }
    assert found == set()


def test_scripts_import_only_what_exists() -> None:
    scripts = Path(settings.BASE_DIR) / "static" / "js"
    for script in scripts.glob("*.js"):
        for name in re.findall(r'from "\./([a-z.-]+)"', script.read_text(encoding="utf-8")):
            assert (scripts / name).is_file(), f"{script.name} imports {name}"


def test_plain_error_pages_need_nothing() -> None:
    for name in ("500", "503"):
        html = engines["django"].get_template(f"errors/{name}.html").render({})
        assert "<h1" in html
        assert "hx-headers" not in html
