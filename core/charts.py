"""The geometry of charts: from numbers to whole units of an SVG ``viewBox``, as pure functions.

Everything here is a plain value that ``cotton/chart/*.html`` draws; nothing knows colours or words of a page.
Coordinates are integers, because a template would write a float with the reader's decimal comma.
``Series.values`` are counts or minor units; labels of the axis are made by the caller's ``write``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, floor, pi, sin

WIDTH, HEIGHT = 800, 260
LEFT, RIGHT, TOP, BOTTOM = 76, 12, 14, 28
BAR_PART, BAR_WIDEST, THREAD = 0.58, 56, 2
RADAR_WIDTH, RADAR_HEIGHT, RADAR_RADIUS = 540, 300, 110
RADAR_LABEL_GAP = 20
SPARK_WIDTH, SPARK_HEIGHT, SPARK_EDGE = 96, 24, 3


@dataclass(frozen=True, slots=True)
class Series:
    """One row of numbers under a name; ``values`` has one number per label of the chart."""

    name: str
    values: Sequence[int]


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid (``at``, along its axis) and what stands beside it."""

    at: int
    label: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar, or a piece of one; ``series`` counts from 1 and picks the colour."""

    x: int
    y: int
    width: int
    height: int
    series: int
    title: str


@dataclass(frozen=True, slots=True)
class Line:
    """``points`` for a polyline, ``area`` for the polygon under it, ``last`` where its end dot goes."""

    series: int
    name: str
    points: str
    area: str
    last: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Spoke:
    """An axis of a radar: from the centre to ``(x, y)``, its label at ``(label_x, label_y)``."""

    x: int
    y: int
    label: str
    label_x: int
    label_y: int
    anchor: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table behind a chart."""

    label: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """What a component draws. ``kind`` is ``bar``, ``stacked``, ``line`` or ``radar``."""

    kind: str
    width: int
    height: int
    names: tuple[str, ...]
    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...] = ()
    labels: tuple[Tick, ...] = ()
    bars: tuple[Bar, ...] = ()
    lines: tuple[Line, ...] = ()
    rings: tuple[str, ...] = ()
    spokes: tuple[Spoke, ...] = ()
    baseline: int = HEIGHT - BOTTOM
    left: int = LEFT
    right: int = WIDTH - RIGHT
    centre: tuple[int, int] = (RADAR_WIDTH // 2, RADAR_HEIGHT // 2)

    @property
    def is_empty(self) -> bool:
        return not (self.bars or self.lines)


Write = Callable[[int], str]


def bar_chart(labels: Sequence[str], values: Sequence[int], *, name: str, write: Write = str) -> Chart:
    """One bar per label."""
    return _columns("bar", labels, [Series(name, values)], write)


def stacked_chart(labels: Sequence[str], series: Sequence[Series], *, write: Write = str) -> Chart:
    """One column per label, the series on top of each other in order."""
    return _columns("stacked", labels, series, write)


def line_chart(labels: Sequence[str], series: Sequence[Series], *, write: Write = str) -> Chart:
    """A line per series over the labels, from zero."""
    top = axis_top(max((value for each in series for value in each.values), default=0))
    xs = [_unit(LEFT + (index + 0.5) * _pitch(len(labels))) for index in range(len(labels))]
    lines = tuple(
        _line(number, each.name, [(x, _y(value, top)) for x, value in zip(xs, each.values, strict=True)])
        for number, each in enumerate(series, start=1)
        if each.values
    )
    return Chart(
        kind="line",
        width=WIDTH,
        height=HEIGHT,
        names=tuple(each.name for each in series),
        rows=_rows(labels, series, write),
        ticks=_ticks(top, write),
        labels=_thinned([Tick(x, label) for x, label in zip(xs, labels, strict=True)]),
        lines=lines,
    )


def radar_chart(skills: Sequence[str], series: Sequence[Series], *, top: int = 5) -> Chart:
    """A polygon per series over at least three skills, each value from 0 to ``top``."""
    if len(skills) < 3:  # noqa: PLR2004
        raise ValueError("A radar needs three skills; show fewer as a list.")
    lines = tuple(
        _line(
            number,
            each.name,
            [_on_spoke(index, len(skills), value / top) for index, value in enumerate(each.values)],
        )
        for number, each in enumerate(series, start=1)
    )
    rings = tuple(
        _points(_on_spoke(index, len(skills), level / top) for index in range(len(skills)))
        for level in range(1, top + 1)
    )
    return Chart(
        kind="radar",
        width=RADAR_WIDTH,
        height=RADAR_HEIGHT,
        names=tuple(each.name for each in series),
        rows=_rows(skills, series, str),
        lines=lines,
        rings=rings,
        spokes=tuple(_spoke(index, len(skills), skill) for index, skill in enumerate(skills)),
    )


def sparkline(values: Sequence[int]) -> Line:
    """The run of some numbers in a box of ``SPARK_WIDTH`` by ``SPARK_HEIGHT``, between their own extremes."""
    if not values:
        raise ValueError("A sparkline needs a value.")
    low, high = min(values), max(values)
    reach = (high - low) or 1
    step = (SPARK_WIDTH - 2 * SPARK_EDGE) / max(len(values) - 1, 1)
    room = SPARK_HEIGHT - 2 * SPARK_EDGE
    return _line(
        1,
        "",
        [
            (
                _unit(SPARK_EDGE + index * step),
                _unit(SPARK_HEIGHT - SPARK_EDGE - room * (value - low) / reach),
            )
            for index, value in enumerate(values)
        ],
        bottom=SPARK_HEIGHT,
    )


def proportions(parts: Sequence[int], width: int = 1000) -> list[tuple[int, int]]:
    """``(x, width)`` of each part of a bar; together they fill it. Nothing is drawn where nothing is."""
    total = sum(parts)
    if total <= 0:
        return [(0, 0) for _ in parts]
    edges = [width * sum(parts[:index]) // total for index in range(len(parts) + 1)]
    return [(start, end - start) for start, end in pairwise(edges)]


def axis_step(highest: int) -> int:
    """The least of 1, 2, 5 times a power of ten that reaches ``highest`` in at most five steps."""
    power = 1
    while power * 50 < highest:
        power *= 10
    return next(power * times for times in (1, 2, 5, 10) if power * times * 5 >= highest)


def axis_top(highest: int) -> int:
    """Where the axis ends: the first whole step that is not below ``highest``, at least one."""
    step = axis_step(highest)
    return max(-(-highest // step), 1) * step


def _columns(kind: str, labels: Sequence[str], series: Sequence[Series], write: Write) -> Chart:
    columns = [tuple(each.values[index] for each in series) for index in range(len(labels))]
    top = axis_top(max((sum(column) for column in columns), default=0))
    pitch = _pitch(len(labels))
    width = _unit(min(pitch * BAR_PART, BAR_WIDEST))
    middles = [LEFT + (index + 0.5) * pitch for index in range(len(labels))]
    bars = [
        Bar(
            x=_unit(middle - width / 2),
            y=y,
            width=width,
            height=height,
            series=number,
            title=f"{label}: {series[number - 1].name} {write(column[number - 1])}",
        )
        for label, column, middle in zip(labels, columns, middles, strict=True)
        for number, y, height in _pieces(column, top)
    ]
    return Chart(
        kind=kind,
        width=WIDTH,
        height=HEIGHT,
        names=tuple(each.name for each in series),
        rows=_rows(labels, series, write),
        ticks=_ticks(top, write),
        labels=_thinned([Tick(_unit(x), label) for x, label in zip(middles, labels, strict=True)]),
        bars=tuple(bars),
    )


def _pieces(column: Sequence[int], top: int) -> list[tuple[int, int, int]]:
    """``(series, y, height)`` of each piece from the ground up, a thread of paper between two; none for 0."""
    edges = [_y(sum(column[:index]), top) for index in range(len(column) + 1)]
    return [
        (number, y, max(ground - y - (THREAD if number > 1 else 0), 1))
        for number, (value, (ground, y)) in enumerate(zip(column, pairwise(edges), strict=True), start=1)
        if value
    ]


def _line(number: int, name: str, points: list[tuple[int, int]], bottom: int = HEIGHT - BOTTOM) -> Line:
    area = [(points[0][0], bottom), *points, (points[-1][0], bottom)]
    return Line(number, name, _points(points), _points(area), points[-1])


def _points(points: Iterable[tuple[int, int]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def _spoke(index: int, count: int, label: str) -> Spoke:
    x, y = _on_spoke(index, count, 1)
    label_x, label_y = _on_spoke(index, count, 1 + RADAR_LABEL_GAP / RADAR_RADIUS)
    side = label_x - RADAR_WIDTH // 2
    anchor = "middle" if abs(side) < RADAR_LABEL_GAP else ("start" if side > 0 else "end")
    return Spoke(x, y, label, label_x, label_y + 4, anchor)


def _on_spoke(index: int, count: int, part: float) -> tuple[int, int]:
    angle = 2 * pi * index / count - pi / 2
    return (
        _unit(RADAR_WIDTH / 2 + RADAR_RADIUS * part * cos(angle)),
        _unit(RADAR_HEIGHT / 2 + RADAR_RADIUS * part * sin(angle)),
    )


def _rows(labels: Sequence[str], series: Sequence[Series], write: Write) -> tuple[Row, ...]:
    return tuple(
        Row(label, tuple(write(each.values[index]) for each in series)) for index, label in enumerate(labels)
    )


def _ticks(top: int, write: Write) -> tuple[Tick, ...]:
    return tuple(Tick(_y(value, top), write(value)) for value in range(0, top + 1, axis_step(top)))


def _thinned(ticks: list[Tick], most: int = 14) -> tuple[Tick, ...]:
    """Every label where there is room, else every second, third, …, the last one always among them."""
    every = -(-len(ticks) // most) or 1
    return tuple(tick for index, tick in enumerate(reversed(ticks)) if index % every == 0)[::-1]


def _pitch(count: int) -> float:
    return (WIDTH - LEFT - RIGHT) / max(count, 1)


def _y(value: int, top: int) -> int:
    room = HEIGHT - TOP - BOTTOM
    return HEIGHT - BOTTOM - _unit(room * value / top)


def _unit(value: float) -> int:
    return floor(value + 0.5)
