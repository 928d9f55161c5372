"""Why the chance is what it is: points that add up, in words that one can act on."""

from __future__ import annotations

import json
from typing import Any

import plotly.graph_objects as go
from hypothesis import given
from hypothesis import strategies as st

from dashboards import words
from dashboards.charts import waterfall
from dashboards.charts.common import as_json
from dashboards.charts.driver_words import told
from delivery.core.drivers import Cause, Drivers, Share
from tests.dashboards.test_charts import resolved

SHARES = (
    Share(Cause.SCOPE, 0.24, {"grown": 26, "at_commitment": 58}),
    Share(Cause.REVIEWS, 0.17, {"days": 6, "usual": 2.5}),
    Share(Cause.PACE, 0.11, {"now": 5.0, "usual": 9.0}),
    Share(Cause.WAITING, 0.14, {"needs": [7]}),
    Share(Cause.LATE_START, -0.07, {"days": -14}),
    Share(Cause.UNPLANNED, 0.004, {"now": 0.22, "usual": 0.1}),
)
DESIGN = Drivers(0.22, 57, SHARES, 0.22 + sum(one.share for one in SHARES))


@given(
    usual=st.floats(0.0, 1.0),
    shares=st.lists(st.tuples(st.sampled_from(Cause), st.floats(-0.5, 0.5)), max_size=9),
)
def test_whole_points_add_up_to_the_shown_per_cent(usual: float, shares: list[tuple[Cause, float]]) -> None:
    missing = min(max(usual + sum(share for _, share in shares), 0.001), 0.999)
    drivers = Drivers(usual, 12, tuple(Share(cause, share) for cause, share in shares), missing)
    bars = waterfall.bars(drivers, {})
    assert sum(bar.points for bar in bars) == words.percent(missing)
    assert all(isinstance(bar.points, int) for bar in bars)


@given(values=st.lists(st.floats(-0.4, 0.6), min_size=1, max_size=10))
def test_a_point_is_never_more_than_one_away_from_its_share(values: list[float]) -> None:
    total = words.percent(sum(values))
    for value, points in zip(values, waterfall.whole_points(values, total), strict=True):
        assert abs(100 * value - points) < 1.001


def test_the_chart_begins_with_the_usual_and_ends_with_the_chance() -> None:
    figure = waterfall.figure(DESIGN, {7: "Event <schema> v3"})
    names = [row[0] for row in figure.rows]
    assert names == [
        *("Usual here", "Scope grew 45%", "Review waits 6 days", "Waits for Event <schema> v3"),
        *("Pace fell from 9 to 5 a week", "Started early", "Chance of missing"),
    ]
    assert figure.rows[0][1:] == ("22%", "How often promises are missed here, of 57 promises")
    assert figure.rows[1][2] == "58 items became 84 since the date was set"
    assert [row[1] for row in figure.rows[1:]] == ["+24", "+17", "+14", "+11", "−7", "81%"]
    assert "Scope grew 45% adds 24" in figure.alt
    assert "Started early takes 7" in figure.alt
    assert "Event &lt;schema&gt; v3" in as_json(figure).replace("\\u0026", "&")
    spec: dict[str, Any] = json.loads(as_json(figure))
    go.Figure(resolved(spec["data"]), resolved(spec["layout"]))


def test_small_causes_are_folded_into_one() -> None:
    shares = tuple(Share(cause, 0.008) for cause in list(Cause)[:4])
    bars = waterfall.bars(Drivers(0.2, 9, shares, 0.232), {})
    assert [(bar.name, bar.points) for bar in bars] == [("Usual here", 20), ("Smaller causes", 3)]


def test_each_cause_is_told_with_and_without_its_facts() -> None:
    facts: dict[Cause, dict[str, Any]] = {
        Cause.SIZE: {"items_open": 28, "days_left": 28},
        Cause.AGEING: {"blocked": 3, "old": 2, "items": [1]},
        Cause.ABSENCE: {"people": [1, 2], "days_lost": 9.0, "alone": 0.3},
        Cause.LATE_START: {"days": 12},
        Cause.UNPLANNED: {"now": 0.22, "usual": 0.1},
    }
    said = {cause: told(Share(cause, 0.1, given), {}).name for cause, given in facts.items()}
    assert said == {
        Cause.SIZE: "28 open items in 4 weeks",
        Cause.AGEING: "3 items blocked and 2 very old",
        Cause.ABSENCE: "2 people away before the date",
        Cause.LATE_START: "Started 12 days late",
        Cause.UNPLANNED: "Unplanned work 22%",
    }
    for cause in Cause:
        assert told(Share(cause, 0.1), {}).name
