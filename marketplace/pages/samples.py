"""What the gallery shows. Every person, lab and sum here is invented."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR

from marketplace.pages import formats
from marketplace.pages.navigation import Entry, Group

SECTIONS: dict[str, list[tuple[str, str, str]]] = {
    "Ground": [
        ("colour", "Colour", "palette"),
        ("type", "Type", "type"),
        ("marks", "Icons, marks", "shapes"),
    ],
    "Controls": [
        ("buttons", "Buttons", "square"),
        ("fields", "Fields", "text-cursor-input"),
        ("choices", "Choices", "circle-dot"),
        ("filter", "Filter, tabs", "sliders-horizontal"),
    ],
    "Meaning": [
        ("status", "Status", "badge-check"),
        ("notes", "Notes", "info"),
        ("money", "Money", "wallet"),
        ("clocks", "Clocks", "clock-4"),
        ("meters", "Meters", "gauge"),
    ],
    "Content": [
        ("tables", "Tables", "table"),
        ("progress", "Progress", "list-checks"),
        ("record", "Record", "activity"),
        ("approval", "Approval", "user-check"),
        ("states", "States", "inbox"),
        ("overlays", "Overlays", "panel-right"),
    ],
}

# Whole class names, because the style sheet holds only the ones that stand somewhere in full.
GROUND = ["bg-canvas", "bg-surface", "bg-sunken", "bg-line", "bg-edge", "bg-ink-3", "bg-ink-2", "bg-ink"]
ACCENT = [
    "bg-accent-soft",
    "bg-accent-line",
    "bg-accent",
    "bg-accent-strong",
    "bg-chart-1",
    "bg-chart-2",
    "bg-chart-3",
    "bg-bar",
]
MEANINGS = [
    ("Success", "settled, confirmed, paid", "border-success-line bg-success-soft text-success"),
    ("Warning", "held, soon due, to judge", "border-warning-line bg-warning-soft text-warning"),
    ("Danger", "rejected, overdue, unsafe", "border-danger-line bg-danger-soft text-danger"),
    ("Info", "in progress, for your knowledge", "border-info-line bg-info-soft text-info"),
]
TYPE_SIZES = [
    ("3xl 34/40", "text-3xl font-semibold", "Physician Talent Network"),
    ("2xl 26/32", "text-2xl font-semibold", "Pay run 2026-W46"),
    ("xl 21/28", "text-xl font-semibold", "Hours of week 47"),
    ("lg 18/24", "text-lg font-semibold", "Pay and terms"),
    ("md 16/26", "text-md", "Every case is invented; no patient data is used."),
    ("base 14/22", "text-base", "Lines nobody questions by tonight are approved."),
    ("sm 13/20", "text-sm", "Krippendorff α, 95 % 0.76 to 0.82, n 1,204"),
    ("xs 12/18", "text-xs text-ink-3", "of 410 submitted, 3 d 9 h in"),
]
ICONS = [
    "house", "briefcase", "list-checks", "clock-4", "wallet", "search", "bell", "bookmark", "upload", "download",
    "gavel", "scale", "shield-check", "receipt-text", "webhook", "key",
]  # fmt: skip
LABS = ["Larkfield Labs", "Tidewater Research", "Ombra Studio", "Quillon AI", "Fenwick Institute"]
BUTTONS = [
    ("Primary", "primary", "Submit hours"),
    ("Plain", "plain", "Add time"),
    ("Ghost", "ghost", "Skip"),
    ("Danger", "danger", "End contract"),
]
BUTTON_STATES = ["", "hover", "focus", "active"]
STATES = ["DRAFT", "OPEN", "HELD", "REJECTED", "EXECUTING", "OFFERED", "UNKNOWN"]


class SampleForm(forms.Form):
    """One field of every kind, so that the gallery shows how each is drawn and refused."""

    headline = forms.CharField(
        required=False,
        help_text="Shown to labs",
        widget=forms.TextInput(attrs={"placeholder": "Cardiologist, eleven years"}),
    )
    licence = forms.RegexField(
        r"^\d{2}\.\d{6}$",
        label="Licence number",
        error_messages={"invalid": "Ohio numbers have six digits after the point."},
    )
    account = forms.CharField(
        label="Payout account", disabled=True, initial="First Harbor ··4417", help_text="Locked while a run is open"
    )
    rate = forms.DecimalField(label="Lowest rate")
    reason = forms.ChoiceField(
        choices=[("OUTSIDE", "Outside my expertise"), ("CONFLICT", "Conflict of interest"), ("BAD", "Bad task")]
    )
    starts_on = forms.DateField(label="First day")
    correction = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), min_length=30)
    why = forms.CharField(
        label="Reason for declining",
        widget=forms.Textarea(attrs={"rows": 2}),
        min_length=100,
        error_messages={"min_length": "Write at least 100 characters. The person reads this and may appeal."},
    )
    resume = forms.FileField(label="Résumé", required=False, help_text="PDF or DOCX, at most 10 MB")
    terms = forms.BooleanField(label="I have read the terms of this contract")
    verdict = forms.ChoiceField(
        label="Your decision",
        widget=forms.RadioSelect,
        choices=[("MORE", "Ask for more"), ("APPROVE", "Approve"), ("DECLINE", "Decline")],
    )
    kinds = forms.MultipleChoiceField(
        label="Kinds of task",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("REVIEW", "Answer review"), ("RUBRIC", "Rubric grading"), ("RED", "Red team")],
    )


VERDICT_HINTS = {
    "MORE": "The clock stops, 7 days to answer",
    "APPROVE": "The step becomes: confirmed",
    "DECLINE": "They see reason, evidence and a 7-day appeal",
}
TYPED = {
    "headline": "",
    "licence": "35.1048",
    "rate": "180.00",
    "reason": "OUTSIDE",
    "starts_on": "2026-11-23",
    "correction": "Never combine with an ACE inhibitor. Wait 36 h.",
    "why": "Not a fit.",
    "verdict": "MORE",
    "kinds": ["REVIEW"],
}

ROWS: list[dict[str, Any]] = [
    {"name": "Okonjo, Femi", "state": "UNKNOWN", "tone": "unknown", "why": "Timeout after send", "seconds": 38_400,
     "net": 213_500, "chosen": True},
    {"name": "Lindgren, Ase", "state": "REJECTED", "tone": "danger", "why": "account_closed", "seconds": 23_700,
     "net": 148_250},
    {"name": "Cho, Min-jae", "state": "HELD", "tone": "warning", "why": "W-9 missing", "seconds": 36_000,
     "net": 210_000},
]  # fmt: skip

DAYS = [str(day) for day in range(5, 19)]
ACCEPTED = [96, 118, 41, 29, 124, 131, 109, 137, 126, 52, 38, 129, 142, 61]
WEEKS = ["W40", "W41", "W42", "W43", "W44", "W45", "W46", "W47"]
PAY = [40_000, 52_000, 61_000, 70_000, 77_000, 84_000, 92_400, 38_600]
FEE = [8_000, 10_400, 12_200, 14_000, 15_400, 16_800, 18_480, 7_720]
BATCHES = ["B-11", "B-12", "B-13", "B-14", "B-15", "B-16", "B-17", "B-18"]
ALPHA = [0.71, 0.74, 0.62, 0.76, 0.78, 0.80, 0.79, 0.83]
ALPHA_BOUNDS = [(0.64, 0.78), (0.68, 0.80), (0.54, 0.70), (0.71, 0.81), (0.73, 0.83), (0.75, 0.85), (0.72, 0.86),
                (0.74, 0.91)]  # fmt: skip
RUNWAY_DAYS = ["5 Oct", "12 Oct", "19 Oct", "26 Oct", "2 Nov", "9 Nov", "16 Nov", "23 Nov", "30 Nov", "7 Dec", "14 Dec"]
RUNWAY = [480_000, 395_000, 710_000, 650_000, 600_000, 560_000, 486_200, 370_000, 250_000, 130_000, 10_000]
MONDAYS = ["28 Sep", "5 Oct", "12 Oct", "19 Oct", "26 Oct", "2 Nov", "9 Nov", "16 Nov"]
MINUTES = {
    "Cardiology review": [570, 720, 555, 780, 930, 825, 860, 445],
    "ECG grading": [120, 120, 0, 180, 180, 120, 180, 90],
}
EARNED = ["$2,518", "$3,080", "$2,081", "$3,495", "$4,058", "$3,474", "$3,795", "$1,954"]
DIFF = [
    ("Specialty", "Emergency medicine", "Emergency medicine"),
    ("Surname", "Ravi Menezes", "Ravi Menezes Duarte"),
    ("Status", "Active", "Active"),
]
FOUND = [
    ("Pages", [("Hours", "Expert", "#clocks"), ("Earnings", "Expert", "#money")]),
    ("Gigs", [("Physician Talent Network", "Larkfield Labs, $180–250 /h", "#record")]),
]
MARKDOWN = """\
Doctors of any specialty **write** clinical scenarios and *review* answers.

- Every case is invented
- No patient data is used

Read the [guideline](https://example.org/guideline) first. `35.104882` is well formed.
"""


def rail() -> list[Group]:
    """Return the gallery's own side rail."""
    return [
        Group(title, [Entry(label, icon, f"#{anchor}") for anchor, label, icon in entries])
        for title, entries in SECTIONS.items()
    ]


def clocks(now: datetime) -> list[dict[str, Any]]:
    """Return waits of every tone, counted from `now`."""
    return [
        {"until": now + timedelta(days=5, hours=1), "since": now - timedelta(days=2), "then": "then the present rate stays"},
        {"until": now + timedelta(minutes=38, seconds=30), "since": now - timedelta(minutes=22), "tone": "soon",
         "then": "then it returns to the queue"},
        {"until": now + timedelta(hours=6, seconds=20), "since": now - timedelta(days=3), "then": "then a person rules"},
        {"until": now - timedelta(hours=2, minutes=5), "since": now - timedelta(days=3), "then": "approved by silence"},
    ]  # fmt: skip


def week() -> dict[str, Any]:
    """Return a week of free hours as the grid draws it: weekday evenings."""
    names = [(str(WEEKDAYS_ABBR[day]), str(WEEKDAYS[day])) for day in range(7)]

    def row(hour: int) -> dict[str, Any]:
        boxes = [
            (f"{day + 1}-{hour}", f"{whole} {hour:02d}:00", day < 5 and 18 <= hour < 22)
            for day, (_short, whole) in enumerate(names)
        ]
        return {"label": f"{hour:02d}:00", "boxes": boxes}

    return {
        "days": names,
        "day_rows": [row(hour) for hour in range(6, 24)],
        "night_rows": [row(hour) for hour in range(6)],
        "presets": [("weekend", "Weekend days", "6-9 6-10 7-9 7-10"), ("none", "Clear all", "")],
        "total": 20,
    }


def context(now: datetime) -> dict[str, Any]:
    """Return everything the gallery template needs; nothing comes from the database."""
    form = SampleForm(TYPED)
    form.is_valid()
    return {
        "now": now,
        "groups": rail(),
        "ground": [(css.removeprefix("bg-"), css) for css in GROUND],
        "accent": [(css.removeprefix("bg-"), css) for css in ACCENT],
        "meanings": MEANINGS,
        "type_sizes": TYPE_SIZES,
        "icons": ICONS,
        "labs": LABS,
        "buttons": BUTTONS,
        "button_states": BUTTON_STATES,
        "states": STATES,
        "form": form,
        "empty_form": SampleForm(auto_id="new_%s"),
        "verdict_hints": VERDICT_HINTS,
        "clocks": clocks(now),
        "week": week(),
        "prepared_at": now - timedelta(hours=2, minutes=46),
        "asked_at": now - timedelta(hours=1, minutes=27),
        "approved_at": now - timedelta(minutes=4),
        "saved_at": now,
        "rows": ROWS,
        "total_seconds": sum(row["seconds"] for row in ROWS),
        "total_net": sum(row["net"] for row in ROWS),
        "days": DAYS,
        "throughput": [{"name": "Accepted", "values": ACCEPTED}],
        "weeks": WEEKS,
        "spend": [{"name": "Pay", "values": PAY}, {"name": "Fee", "values": FEE}],
        "batches": BATCHES,
        "alpha": ALPHA,
        "alpha_bounds": ALPHA_BOUNDS,
        "runway_days": RUNWAY_DAYS,
        "runway": RUNWAY,
        "mondays": MONDAYS,
        "hours": [
            {"name": name, "values": minutes, "texts": [formats.duration_grid(count * 60) for count in minutes]}
            for name, minutes in MINUTES.items()
        ],
        "earned": EARNED,
        "worked": [formats.duration_grid(sum(pair) * 60) for pair in zip(*MINUTES.values(), strict=True)],
        "run_parts": [
            {"value": 271, "paint": "success"},
            {"value": 4, "paint": "info"},
            {"value": 58, "paint": "wash"},
            {"value": 2, "paint": "ink"},
            {"value": 1, "paint": "danger"},
        ],
        "trend": [16, 19, 18, 23, 22, 26, 28, 29],
        "diff": DIFF,
        "found": FOUND,
        "markdown_text": MARKDOWN,
    }
