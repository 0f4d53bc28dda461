from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import charts
from core.charts import Series
from core.money import Money
from core.templatetags.charts import money_parts

AMOUNTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=60)


def test_a_bar_stands_on_the_axis_and_is_as_high_as_its_part_of_the_top():
    chart = charts.bar_chart(["W1", "W2", "W3"], [0, 50, 100], name="paid")
    room = chart.baseline - charts.TOP
    assert [(bar.y + bar.height, bar.height) for bar in chart.bars] == [
        (chart.baseline, room // 2),
        (chart.baseline, room),
    ]
    assert [bar.title for bar in chart.bars] == ["W2: paid 50", "W3: paid 100"]


def test_pieces_of_a_column_lie_on_each_other_with_a_thread_of_paper_between():
    chart = charts.stacked_chart(["W1"], [Series("paid", [60]), Series("held", [40])])
    below, above = chart.bars
    assert (below.series, above.series) == (1, 2)
    assert above.y + above.height + charts.THREAD == below.y
    assert above.y == charts.TOP


def test_the_table_behind_has_every_number_in_the_words_of_the_axis():
    chart = charts.stacked_chart(
        ["W1", "W2"], [Series("paid", [1, 2]), Series("held", [3, 4])], write=lambda value: f"${value}"
    )
    assert chart.names == ("paid", "held")
    assert [(row.label, row.values) for row in chart.rows] == [("W1", ("$1", "$3")), ("W2", ("$2", "$4"))]
    assert [tick.label for tick in chart.ticks] == ["$0", "$2", "$4", "$6"]


@pytest.mark.parametrize(
    ("highest", "top"),
    [
        (0, 1),
        (1, 1),
        (3, 3),
        (5, 5),
        (7, 8),
        (14, 15),
        (99, 100),
        (1201, 1500),
        (140_000, 150_000),
        (999_999, 1_000_000),
    ],
)
def test_an_axis_ends_at_a_whole_step(highest, top):
    assert charts.axis_top(highest) == top


@given(st.integers(0, 10**12))
def test_an_axis_reaches_everything_in_at_most_five_steps(highest):
    top, step = charts.axis_top(highest), charts.axis_step(highest)
    assert top >= highest
    assert top % step == 0
    assert 1 <= top // step <= 5
    assert charts.axis_step(top) == step


@given(AMOUNTS)
def test_nothing_is_drawn_outside_its_box(values):
    labels = [str(index) for index in range(len(values))]
    bars = charts.bar_chart(labels, values, name="n").bars
    assert all(bar.x >= charts.LEFT and bar.x + bar.width <= charts.WIDTH - charts.RIGHT + 1 for bar in bars)
    assert all(
        bar.y >= charts.TOP and bar.y + bar.height <= charts.HEIGHT - charts.BOTTOM + 1 for bar in bars
    )
    (line,) = charts.line_chart(labels, [Series("n", values)]).lines
    points = [tuple(map(int, point.split(","))) for point in line.points.split()]
    assert all(before[0] < after[0] for before, after in pairwise(points))
    assert all(charts.TOP <= y <= charts.HEIGHT - charts.BOTTOM for _, y in points)
    assert points[-1] == line.last


def test_long_charts_keep_some_labels_the_last_among_them():
    chart = charts.bar_chart([str(day) for day in range(60)], [1] * 60, name="n")
    shown = [int(label.label) for label in chart.labels]
    assert shown[-1] == 59
    assert len(shown) <= 14
    assert len({after - before for before, after in pairwise(shown)}) == 1


def test_a_chart_without_numbers_says_so():
    assert charts.bar_chart([], [], name="paid").is_empty
    assert charts.bar_chart(["W1"], [0], name="paid").is_empty
    assert not charts.line_chart(["W1"], [Series("n", [0])]).is_empty
    assert charts.line_chart([], [Series("n", [])]).is_empty


def test_a_radar_starts_at_the_top_and_its_full_marks_reach_the_rim():
    chart = charts.radar_chart(["a", "b", "c", "d"], [Series("now", [5, 5, 0, 1])])
    x, y = chart.centre
    assert chart.lines[0].points.split()[:3] == [
        f"{x},{y - charts.RADAR_RADIUS}",
        f"{x + charts.RADAR_RADIUS},{y}",
        f"{x},{y}",
    ]
    assert len(chart.rings) == 5
    assert [spoke.anchor for spoke in chart.spokes] == ["middle", "start", "middle", "end"]


def test_a_radar_of_two_skills_is_refused():
    with pytest.raises(ValueError, match="three skills"):
        charts.radar_chart(["a", "b"], [Series("now", [1, 2])])


def test_a_sparkline_runs_between_its_own_extremes():
    line = charts.sparkline([1, 5, 3])
    edge, low = charts.SPARK_EDGE, charts.SPARK_HEIGHT - charts.SPARK_EDGE
    assert (
        line.points
        == f"{edge},{low} {charts.SPARK_WIDTH // 2},{edge} {charts.SPARK_WIDTH - edge},{line.last[1]}"
    )
    assert charts.sparkline([7]).last == (edge, low)
    with pytest.raises(ValueError, match="needs a value"):
        charts.sparkline([])


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=8))
def test_the_parts_of_a_bar_fill_it(parts):
    cut = charts.proportions(parts)
    assert sum(width for _, width in cut) == (1000 if sum(parts) else 0)
    assert all(start + width == following for (start, width), (following, _) in pairwise(cut))


def test_a_money_line_is_cut_by_its_amounts():
    assert money_parts(Money(9600, "usd"), Money(2400, "usd"), None) == [(0, 800), (800, 200), (1000, 0)]
    assert money_parts(Money(0, "usd"), Money(0, "usd")) == [(0, 0), (0, 0)]
