"""The template tags: their markup is the design's, and what they say needs no colour."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.template import Context, Template

from dashboards import glyphs
from dashboards.charts import curve
from dashboards.glyphs import Scale
from dashboards.icons import ICONS
from delivery.core.chance import Level
from tests.dashboards.made import DAY, in_days, promise


def rendered(tag: str, **values: Any) -> str:
    return Template(f"{{% load headway %}}{{% {tag} %}}").render(Context(values)).strip()


def test_a_level_is_a_shape_and_a_word() -> None:
    assert rendered("level of", of=Level.AT_RISK) == '<span class="level" data-level="at-risk">At risk</span>'
    assert rendered('level of "1 of 6 likely"', of=Level.LIKELY) == (
        '<span class="level" data-level="likely">1 of 6 likely</span>'
    )
    assert "level--pill" in rendered("level_pill of", of=Level.LIKELY)
    assert '<span class="visually-hidden">No forecast yet</span>' in rendered("level_shape of", of=Level.NONE)


@pytest.mark.parametrize(
    ("now", "before", "said", "warm"),
    [
        (0.81, 0.69, "up </span>12 pts", True),
        (0.68, 0.61, "up </span>7 pts", False),
        (0.47, 0.49, "down </span>2 pts", False),
        (0.13, 0.12, "up </span>1 pt<", False),
        (0.5, 0.5, "unchanged", False),
        (0.5, None, "not known", False),
        (None, 0.5, "not known", False),
    ],
)
def test_a_delta_has_a_direction_a_number_and_a_unit(
    now: float | None, before: float | None, said: str, warm: bool
) -> None:
    html = rendered("delta now before", now=now, before=before)
    assert said in html
    assert ('data-level="likely"' in html) is warm


def test_a_chance_is_a_number_a_bar_and_words() -> None:
    html = rendered("chance missing", missing=0.8149)
    assert "<b>81%</b>" in html
    assert '<rect class="bar__value" width="81%"' in html
    assert "<small>about 4 in 5</small>" in html
    assert "<b>under 1%</b>" in rendered("chance missing", missing=0.004)
    assert "not known" in rendered("chance missing", missing=None)
    assert "<small>" not in rendered("chance missing False", missing=0.5)


def test_a_range_glyph_draws_dates_in_per_cent_of_its_scale() -> None:
    on = Scale(DAY, in_days(100))
    one = promise(target=in_days(31), p50=in_days(42), p85=in_days(62))
    html = rendered("range_glyph range", range=glyphs.range_of(one, on))
    assert 'aria-label="Promised 11 Dec, likely 22 Dec to 11 Jan"' in html
    assert '<rect class="range__bar" x="42.0%" width="20.0%"' in html
    assert '<svg class="range__target" x="31.0%"' in html
    assert 'data-level="likely"' in html
    assert "style=" not in html


def test_the_glyph_and_the_level_agree_on_which_side_the_diamond_lies() -> None:
    on = Scale(DAY, in_days(100))
    found = glyphs.range_of(promise(), on)
    assert found.target is not None
    assert found.p50 is not None
    assert found.target < found.p50  # likely to miss: the diamond comes before the dot


def test_a_glyph_without_a_forecast_is_a_diamond_alone() -> None:
    html = rendered("range_glyph range", range=glyphs.range_of(promise(missing=None), Scale(DAY, in_days(100))))
    assert "range__target" in html
    assert "range__bar" not in html
    assert 'aria-label="Promised 11 Dec, no forecast yet"' in html


def test_a_finish_beyond_the_horizon_runs_to_the_edge() -> None:
    on = Scale(DAY, in_days(100))
    found = glyphs.range_of(promise(p85=None), on)
    assert found.p50 is not None
    assert found.width == pytest.approx(100 - found.p50)
    assert found.says == "Promised 11 Dec, likely 22 Dec, no later end in sight"
    assert glyphs.range_of(promise(p50=None, p85=None), on).says == "Promised 11 Dec, no end in sight"


def test_rows_share_one_scale_with_its_months() -> None:
    on = glyphs.scale([promise(), promise(target=in_days(9), p50=in_days(3), p85=None)], DAY)
    assert on.first < DAY < date(2027, 1, 11) < on.last
    assert [mark.word for mark in glyphs.months(on)] == ["Dec", "Jan"]
    assert rendered("range_scale marks", marks=glyphs.months(on)).count("<text") == 2


def test_the_strip_orders_by_level_and_marks_what_is_new() -> None:
    calm, risky, blind = promise(missing=0.05), promise(missing=0.9), promise(missing=None)
    marks = glyphs.strip([calm, blind, risky], frozenset({risky.id}))
    assert [mark.level for mark in marks] == [Level.LIKELY, Level.ON_TRACK, Level.NONE]
    assert [mark.dot is not None for mark in marks] == [True, False, False]
    assert marks[0].says == "Event schema v3: Likely to miss, 90% chance of missing"
    many = glyphs.strip([promise() for _ in range(200)], frozenset())
    assert many[-1].x + many[-1].width <= 100


def test_bars_begin_at_zero_and_the_highest_fills_the_picture() -> None:
    assert [(bar.y, bar.height) for bar in glyphs.bars([0, 5, 10])] == [(36, 0), (19, 17), (2, 34)]
    assert glyphs.bars([]) == []
    assert rendered('spark counts "From 1 to 2"', counts=[1, 2]).count("<rect") == 2


def test_the_history_names_the_first_and_the_last_two_weeks() -> None:
    bars = glyphs.history([2, 2, 3, 2, 3, 3, 4, 3, 4, 5, 4, 7])
    assert [bar.label for bar in bars if bar.label] == ["2", "4", "7"]
    assert [bar.is_now for bar in bars].count(True) == 1
    assert bars[-1].height == 56


def test_a_chart_carries_its_json_its_finding_and_its_numbers() -> None:
    html = rendered("chart figure", figure=curve.figure(promise()))
    assert 'aria-labelledby="curve-title"' in html
    assert '<script type="application/json">{"data":' in html
    assert "<summary>Show the numbers</summary>" in html
    assert "11 December" in html
    assert "style=" not in html


def test_people_and_icons() -> None:
    assert rendered("avatar initials", initials="EA") == '<span class="avatar" aria-hidden="true">EA</span>'
    assert "Elif Aydin" in rendered('person "Elif Aydin" "EA"')
    assert all('aria-hidden="true"' in rendered(f'icon "{name}"') for name in ICONS)
