"""The figures of the overview and of a deliverable: valid for plotly.py, small, and with their data as a table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from dashboards.charts import burnup, curve, history, landscape, outlook, reliability
from dashboards.charts.common import Figure, as_json, month_ticks, plain, steps
from delivery.core.chance import Level
from delivery.core.reliability import bins
from tests.dashboards.made import DAY, in_days, promise

EVIL = "</script><b>Schema & %{x}</b>"
MANY = [promise(f"Deliverable {n}", 0.95 - n / 45, target=in_days(7 + 3 * n)) for n in range(42)]
PAST = [burnup.Day(in_days(n - 60), 60 + n // 10, n // 2) for n in range(61)]
WEEKS = [
    history.Past(DAY - timedelta(weeks=7 - n), in_days(20 + n), in_days(40 + n), in_days(31), Level.AT_RISK)
    for n in range(8)
]


def figures() -> Iterator[Figure]:
    yield landscape.figure(MANY, ["fact"] * len(MANY))
    yield landscape.figure([], [])
    yield landscape.figure([promise(EVIL)], [EVIL])
    yield burnup.figure(promise(), PAST)
    yield burnup.figure(promise(missing=None, target=None), PAST)
    yield burnup.figure(promise(target=in_days(-5)), PAST[-1:])
    yield curve.figure(promise())
    yield curve.figure(promise(target=None, missing=None, quantiles=tuple(range(1, 100)), p50=in_days(50)))
    yield curve.figure(promise(quantiles=(*(float(n) for n in range(1, 60)), *[None] * 40), p85=None, p95=None))
    yield history.figure(WEEKS, DAY)
    yield reliability.figure(
        bins(np.array([0.1, 0.82, 0.9, 1.0]), np.array([False, True, False, True])), "r", "Do chances come true?"
    )
    yield history.figure([history.Past(DAY, None, None, None, Level.NONE)], DAY)


FIGURES = list(figures())


def resolved(value: Any) -> Any:
    """The figure as charts.js makes it: tokens become colours."""
    if isinstance(value, str):
        return re.sub(r"^var\(--[\w-]+\)( / [\d.]+)?$", "rgb(1, 2, 3)", value)
    if isinstance(value, list | tuple):
        return [resolved(one) for one in value]
    return {key: resolved(one) for key, one in value.items()} if isinstance(value, dict) else value


def narrowed(spec: dict[str, Any]) -> dict[str, Any]:
    found = deepcopy(spec)
    for path, value in spec.get("narrow", {}).items():
        *keys, last = path.split(".")
        node = found
        for key in keys:
            node = node.setdefault(key, {})
        node[last] = value
    return found


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.id)
def test_plotly_knows_every_setting_wide_and_narrow(figure: Figure) -> None:
    spec = json.loads(as_json(figure))
    for one in (spec, narrowed(spec)):
        go.Figure(resolved(one["data"]), resolved(one["layout"]))


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.id)
def test_figures_are_small_told_in_words_and_tabled(figure: Figure) -> None:
    assert len(as_json(figure)) < 40_000
    assert "template" not in figure.layout
    assert figure.title.endswith("?")
    assert figure.note
    assert figure.alt
    assert all(len(row) == len(figure.columns) for row in figure.rows)
    assert not re.search(r"#[0-9a-f]{3,6}\b", as_json(figure)), "colours are token names"


def test_nothing_in_a_figure_can_end_its_script_or_become_markup() -> None:
    text = as_json(landscape.figure([promise(EVIL)], [EVIL]))
    assert "<" not in text
    told = json.loads(text)["data"][1]["customdata"][0]
    assert told[0] == "&lt;/script&gt;&lt;b&gt;Schema &amp; %{x}&lt;/b&gt;"


def test_the_landscape_leaves_out_what_it_cannot_place() -> None:
    found = landscape.figure([promise(), promise(missing=None), promise(target=None)], ["", "", ""])
    assert [row[0] for row in found.rows] == ["Event schema v3"]
    assert found.alt == (
        "Scatter of 1 deliverable by time left and chance of missing. "
        "1 is likely to miss; Event schema v3 is highest at 81% with 4 weeks left."
    )


def test_the_landscape_draws_last_weeks_move_and_tells_groups_apart() -> None:
    other = promise(group="Machine Learning", missing_before=None)
    found = landscape.figure([promise(), other], ["", ""])
    tails, first, second = found.data
    assert tails["x"] == [38, 31, None]
    assert tails["y"] == [0.69, 0.81, None]
    assert first["marker"]["color"] != second["marker"]["color"]
    assert first["marker"]["line"] != second["marker"]["line"]
    assert [key.swatch for key in found.key] == ["group-0", "group-1"]


def test_an_overdue_promise_stands_at_today_and_the_table_says_the_truth() -> None:
    found = landscape.figure([promise(target=in_days(-4))], [""])
    assert found.data[1]["x"] == [0]
    assert found.rows[0][2] == "−4"


def test_the_curve_passes_through_the_very_chance_the_page_shows() -> None:
    line = next(one for one in curve.figure(promise(missing=0.81)).data if one.get("hovertemplate"))
    at = dict(zip(line["x"], line["y"], strict=True))
    assert at["2026-12-11"] == 0.19
    assert list(line["y"]) == sorted(line["y"])


def test_chances_between_quantiles_are_interpolated() -> None:
    one = promise(target=None, missing=None, quantiles=tuple(float(n) for n in range(1, 100)))
    assert outlook.chance_by(one, DAY + timedelta(days=50)) == pytest.approx(0.5)
    assert outlook.chance_by(one, DAY) == pytest.approx(0)
    assert outlook.chance_by(one, DAY + timedelta(days=400)) == pytest.approx(0.99)
    assert outlook.day_of(promise(quantiles=(1.2,) * 99), 50) == in_days(2)


def test_a_curve_without_a_forecast_is_refused() -> None:
    with pytest.raises(ValueError, match="forecast"):
        curve.figure(promise(missing=None))


def test_the_fan_starts_at_what_is_done_and_ends_at_the_scope() -> None:
    found = burnup.figure(promise(), PAST)
    band = found.data[0]
    assert band["y"] == [30, 66, 66, 30]
    assert band["x"][0] == "2026-11-10"
    assert band["fillcolor"] == "var(--accent) / 0.10"
    assert "30 of 66 items done on 10 November" in found.alt
    assert found.rows[-1] == ("22 Jan", "66", "all, in 95 of 100 futures", "P95")


def test_a_burn_up_without_a_forecast_has_no_fan_and_says_so() -> None:
    found = burnup.figure(promise(missing=None), PAST)
    assert not any(one.get("fill") for one in found.data)
    assert found.note.endswith("no forecast to draw yet.")


def test_a_fan_that_is_cut_off_before_even_odds_says_so() -> None:
    found = burnup.figure(promise(p50=DAY + timedelta(days=900), p85=None, p95=None), PAST)
    assert any(one.get("fill") for one in found.data)
    assert found.note.endswith("Not even half of them are done within a year, where it is cut off.")


def test_the_history_follows_the_promise_as_it_moved() -> None:
    moved = [history.Past(DAY - timedelta(weeks=1), in_days(5), in_days(9), in_days(8), Level.AT_RISK), WEEKS[-1]]
    found = history.figure(moved, DAY)
    assert found.data[0]["y"] == [f"{in_days(8)}", f"{in_days(31)}"]
    assert found.rows[-1][0] == "Today"
    assert found.alt == (
        "Weekly forecasts of 2 weeks: the likely finish moved from 15 November to 7 December, "
        "against the promised 11 December."
    )


def test_ticks_are_few_and_round() -> None:
    assert [steps(top) for top in (0, 3, 22, 88, 340)] == [
        [0],
        [0, 1, 2, 3],
        [0, 5, 10, 15, 20],
        [0, 20, 40, 60, 80],
        [0, 100, 200, 300],
    ]
    ticks = month_ticks(date(2026, 9, 5), date(2027, 2, 8))
    assert ticks["ticktext"] == ["Oct", "Nov", "Dec", "Jan", "Feb"]
    assert len(month_ticks(date(2026, 1, 5), date(2028, 2, 8))["ticktext"]) <= 7
    assert plain("<b>a & b") == "&lt;b&gt;a &amp; b"
