"""
Pictures drawn by the server: plain numbers in, coordinates out. The components write the SVG around them.

The canvas is 520 x 176 units with 44 left for the scale, 26 below for names, and 66 right when a reference line has a label.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 520, 176
LEFT, RIGHT, RIGHT_WITH_LABEL, TOP, BOTTOM = 44.0, 512.0, 454.0, 10.0, 150.0
LETTER, GAP = 6.0, 8.0
"""About how wide a letter of the 11 px names is, and the room between two names."""
SERIES_PAINT = ("accent", "second", "muted", "wash")


@dataclass(frozen=True, slots=True)
class Tick:
    y: float
    label: str
    base: bool


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    paint: str
    faded: bool


@dataclass(frozen=True, slots=True)
class Name:
    x: float
    text: str
    alt: bool
    strong: bool


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    low: float | None
    high: float | None
    bad: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything a chart component needs; coordinates are rounded to a tenth."""

    ticks: list[Tick]
    names: list[Name]
    bars: list[Bar]
    dots: list[Dot]
    line: str
    area: str
    projection: str
    reference: float | None
    right: float


def nice_step(span: float, wanted: int = 4) -> float:
    """Return a step of 1, 2, 2.5 or 5 times a power of ten that cuts `span` into about `wanted` parts."""
    if span <= 0:
        return 1.0
    rough = span / wanted
    magnitude = 10.0 ** math.floor(math.log10(rough))
    return next(m * magnitude for m in (1, 2, 2.5, 4, 5, 10) if m * magnitude >= rough - 1e-12)


def scale_labels(values: Sequence[float], prefix: str = "", suffix: str = "") -> list[str]:
    """Return the words of a scale, all in one unit and with the same decimals: "$0", "$40k", "$80k"; "0.4", "1.0"."""
    largest = max(abs(value) for value in values)
    divisor, unit = (1e6, "M") if largest >= 1e6 else (1e3, "k") if largest >= 1e4 else (1.0, "")
    shown = [round(value / divisor, 9) for value in values]
    places = max(len(f"{value:g}".partition(".")[2]) for value in shown)
    return [f"{prefix}{value:.{places}f}{unit if value else ''}{suffix}" for value in shown]


def scale_of(
    lowest: float, highest: float, *, from_zero: bool, prefix: str, suffix: str, least_step: float = 0.0
) -> tuple[float, float, list[Tick]]:
    """Return the bottom, the top and the ticks of a scale that holds both values; bars and areas stand on zero."""
    bottom = min(0.0, lowest) if from_zero else lowest
    step = max(nice_step(highest - bottom if highest > bottom else max(abs(highest), 1.0)), least_step)
    bottom = math.floor(round(bottom / step, 9)) * step
    top = max(math.ceil(round(highest / step, 9)) * step, bottom + step)
    values = [bottom + step * index for index in range(round((top - bottom) / step) + 1)]
    words = scale_labels(values, prefix, suffix)
    ticks = [Tick(place(value, bottom, top), words[index], index == 0) for index, value in enumerate(values)]
    return bottom, top, ticks


def place(value: float, bottom: float, top: float) -> float:
    """Return the y of a value; larger values stand higher."""
    return round(BOTTOM - (value - bottom) / (top - bottom) * (BOTTOM - TOP), 1)


def names_of(labels: Sequence[str], right: float, *, strong: int | None) -> list[Name]:
    """Return the names under the picture; in a narrow one every second (and more, when crowded) is left out."""
    slot = (right - LEFT) / max(len(labels), 1)
    widest = max((len(text) for text in labels), default=0) * LETTER + GAP
    keep = max(1, math.ceil(widest / slot))
    anchor = len(labels) - 1 if strong is None else strong
    return [
        Name(round(LEFT + slot * (index + 0.5), 1), text, (anchor - index) // keep % 2 == 1, index == strong)
        for index, text in enumerate(labels)
        if (anchor - index) % keep == 0
    ]


def bar_picture(
    labels: Sequence[str],
    series: Sequence[Sequence[float]],
    *,
    reference: float | None = None,
    unfinished: bool = False,
    prefix: str = "",
    suffix: str = "",
) -> Picture:
    """
    Return stacked bars: `series` are lists of numbers >= 0, one per label; the last bar is faded while unfinished.

    :raises ValueError: if a series is not as long as the labels.
    """
    if any(len(values) != len(labels) for values in series):
        raise ValueError("Each series needs one number per label.")
    sums = [sum(values[index] for values in series) for index in range(len(labels))]
    highest = max([*sums, reference or 0.0, 0.0]) or 1.0
    counts = all(isinstance(value, int) for values in series for value in values)  # there is no quarter of a case
    bottom, top, ticks = scale_of(
        0.0, highest, from_zero=True, prefix=prefix, suffix=suffix, least_step=1.0 if counts else 0.0
    )
    right = RIGHT if reference is None else RIGHT_WITH_LABEL
    slot = (right - LEFT) / max(len(labels), 1)
    width = round(min(slot * 0.62, 36.0), 1)
    bars = []
    for index in range(len(labels)):
        level = 0.0
        for position, values in enumerate(series):
            y0, y1 = place(level, bottom, top), place(level + values[index], bottom, top)
            level += values[index]
            x = round(LEFT + slot * (index + 0.5) - width / 2, 1)
            paint = SERIES_PAINT[position % len(SERIES_PAINT)]
            if y0 > y1:
                bars.append(Bar(x, y1, width, round(y0 - y1, 1), paint, unfinished and index == len(labels) - 1))
    strong = len(labels) - 1 if unfinished else None
    at = place(reference, bottom, top) if reference is not None else None
    return Picture(ticks, names_of(labels, right, strong=strong), bars, [], "", "", "", at, right)


def line_picture(
    labels: Sequence[str],
    values: Sequence[float],
    *,
    intervals: Sequence[tuple[float, float]] | None = None,
    reference: float | None = None,
    projected: int = 0,
    area: bool = False,
    prefix: str = "",
    suffix: str = "",
) -> Picture:
    """
    Return a line, or dots with whiskers when `intervals` are given; the last `projected` points are a dashed guess.

    :raises ValueError: if the numbers and labels differ in count.
    """
    if len(values) != len(labels) or (intervals is not None and len(intervals) != len(labels)):
        raise ValueError("A line needs one number per label.")
    everything = [*values, *(edge for pair in intervals or () for edge in pair)]
    if reference is not None:
        everything.append(reference)
    if not everything:
        everything = [0.0]
    bottom, top, ticks = scale_of(min(everything), max(everything), from_zero=area, prefix=prefix, suffix=suffix)
    right = RIGHT if reference is None else RIGHT_WITH_LABEL
    slot = (right - LEFT) / max(len(labels), 1)
    points = [(round(LEFT + slot * (i + 0.5), 1), place(value, bottom, top)) for i, value in enumerate(values)]
    known = points[: len(points) - projected] if projected else points
    line = " ".join(f"{x:g},{y:g}" for x, y in known) if intervals is None else ""
    shape = f"{known[0][0]:g},{BOTTOM:g} {line} {known[-1][0]:g},{BOTTOM:g}" if area and line else ""
    guess = " ".join(f"{x:g},{y:g}" for x, y in points[len(known) - 1 :]) if projected and known else ""
    dots = []
    for index, (x, y) in enumerate(points):
        if intervals is not None:
            low, high = (place(edge, bottom, top) for edge in intervals[index])
            dots.append(Dot(x, y, low, high, reference is not None and values[index] < reference))
        elif index in {len(known) - 1, len(points) - 1}:
            dots.append(Dot(x, y, None, None, bad=False))
    strong = next((i for i, dot in enumerate(dots) if dot.bad), None) if intervals is not None else None
    at = place(reference, bottom, top) if reference is not None else None
    return Picture(ticks, names_of(labels, right, strong=strong), [], dots, line, shape, guess, at, right)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of words and bars: what stands above, below and under it, and its pieces in percent of the height."""

    label: str
    top: str
    under: str
    pieces: list[tuple[str, float, float]]
    room: bool
    now: bool
    early: bool


def columns_of(
    labels: Sequence[str],
    series: Sequence[Sequence[float]],
    *,
    tops: Sequence[str] = (),
    unders: Sequence[str] = (),
    limit: float | None = None,
    phone: int = 5,
) -> list[Column]:
    """
    Return columns with words around them; the last one is now, with the room to `limit` behind it.

    All but the last `phone` columns are `early` and left out on phones.

    :raises ValueError: if a series is not as long as the labels.
    """
    if any(len(values) != len(labels) for values in series):
        raise ValueError("Each series needs one number per label.")
    sums = [sum(values[index] for values in series) for index in range(len(labels))]
    highest = max([*sums, limit or 0.0]) or 1.0
    last = len(labels) - 1
    columns = []
    for index, label in enumerate(labels):
        level, pieces = 0.0, []
        for position, values in enumerate(series):
            height = round(values[index] / highest * 100, 2)
            level = round(level + height, 2)
            if height:
                pieces.append((SERIES_PAINT[position % len(SERIES_PAINT)], round(100 - level, 2), height))
        top, under = (words[index] if index < len(words) else "" for words in (tops, unders))
        room = limit is not None and index == last
        columns.append(Column(label, top, under, pieces, room, index == last, index <= last - phone))
    return columns


def spark_points(values: Sequence[float]) -> str:
    """Return the points of a 72 x 20 sparkline; a flat row runs through the middle."""
    if len(values) < 2:
        return "0,10 72,10"
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    step = 72 / (len(values) - 1)
    flat = high == low
    return " ".join(
        f"{round(index * step, 1):g},{10 if flat else round(18 - (value - low) / span * 16, 1):g}"
        for index, value in enumerate(values)
    )
