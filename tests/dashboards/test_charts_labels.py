"""Labels in figures: in the plot, and on no mark, line or other label, however the promises lie."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.charts import burnup, burnup_words, curve, landscape
from dashboards.charts.labels import Box, Label, Line, Offer, Room, Spot, beside, box_of, further
from delivery.core.chance import Level
from delivery.core.promise import Promise
from tests.dashboards.made import DAY, in_days, promise

Annotation = dict[str, Any]
DAYS_OUT = st.integers(-30, 900)
CHANCES = st.floats(0, 1)
TITLES = st.text("abcdefg ", min_size=1, max_size=60).filter(str.strip)


def crowd() -> st.SearchStrategy[list[Promise]]:
    one = st.builds(
        lambda title, missing, before, days: promise(
            title, missing, missing_before=before, target=in_days(days), level=Level.LIKELY
        ),
        TITLES,
        CHANCES,
        st.none() | CHANCES,
        DAYS_OUT,
    )
    return st.lists(one, max_size=40)


def in_pixels(one: Annotation, size: tuple[float, float], last: int) -> Box:
    """What a label of the landscape covers in a plot of ``size``."""

    def across(days: float) -> float:
        return (days - landscape.FIRST) * size[0] / (last - landscape.FIRST)

    def up(share: float) -> float:
        return (share - landscape.LOW) * size[1] / (landscape.HIGH - landscape.LOW)

    x, y = (one["ax"], one["ay"]) if "ax" in one else (one["x"], one["y"])
    spot = Spot(x * size[0] if one.get("xref") == "paper" else across(x), up(y), 0)
    shift = Offer(one.get("xshift", 0), one.get("yshift", 0), one["xanchor"])
    return box_of(Label(spot, len(one["text"])), shift)


@given(crowd())
def test_no_two_labels_of_the_landscape_overlap_and_all_are_in_the_plot(promises: list[Promise]) -> None:
    found = landscape.figure(promises, [""] * len(promises))
    last = found.layout["xaxis"]["range"][1]
    for size, notes, most in (
        (landscape.WIDE, found.layout["annotations"], 7),
        (landscape.NARROW, found.narrow["layout.annotations"], 3),
    ):
        names = [in_pixels(one, size, last) for one in notes[3:]]
        zones = [in_pixels(one, size, last) for one in notes[:3]]
        assert len(names) <= most
        assert not any(one.touches(two) for one, two in combinations(names, 2))
        assert not any(name.touches(zone) for name in names for zone in zones)
        assert all(box.inside(size[0] + 0.1, size[1] + 0.1) and box.left > -0.1 and box.bottom > -0.1 for box in names)


@given(crowd(), st.floats(1, 2), st.floats(1, 3))
def test_names_on_leaders_stay_apart_in_a_bigger_plot(promises: list[Promise], wider: float, higher: float) -> None:
    found = landscape.figure(promises, [""] * len(promises))
    size = (landscape.WIDE[0] * wider, landscape.WIDE[1] * higher)
    last = found.layout["xaxis"]["range"][1]
    led = [in_pixels(one, size, last) for one in found.layout["annotations"] if one.get("showarrow")]
    assert not any(one.touches(two) for one, two in combinations(led, 2))


@given(crowd())
def test_the_landscape_is_drawn_the_same_each_time(promises: list[Promise]) -> None:
    facts = [""] * len(promises)
    assert landscape.figure(promises, facts) == landscape.figure(promises, facts)


def test_the_likeliest_are_named_also_in_a_crowd() -> None:
    crowded = [promise(f"Deliverable {n}", 0.98 - n / 60, target=in_days(20 + 9 * (n % 7))) for n in range(20)]
    notes = landscape.figure(crowded, [""] * 20).layout["annotations"]
    assert len(notes) - 3 == landscape.MOST_LABELS
    assert all(len(one["text"]) <= landscape.LONGEST_LABEL for one in notes)


def test_the_word_of_a_level_makes_way_for_a_mark_at_the_edge() -> None:
    [_, free, _] = landscape.figure([], []).layout["annotations"]
    far = [promise(missing=0.46, target=in_days(300), missing_before=None)]
    found = landscape.figure(far, [""]).layout["annotations"][1]
    assert (free["text"], free["y"], found["text"]) == ("At risk", 0.46, "At risk")
    assert found["y"] < 0.46


def test_a_box_knows_the_lines_that_meet_it() -> None:
    box = Box(10, 10, 20, 20)
    assert box.met_by(Line(0, 0, 30, 30))
    assert box.met_by(Line(12, 12, 13, 13))
    assert not box.met_by(Line(0, 15, 30, 50))
    assert not box.met_by(Line(0, 0, 5, 5))
    assert Line(0, 0, 10, 10).crosses(Line(0, 10, 10, 0))
    assert not Line(0, 0, 4, 4).crosses(Line(0, 10, 10, 0))


def test_a_label_without_room_is_left_out() -> None:
    spot = Spot(5, 5, 5)
    assert Room(20, 20, [spot]).place(Label(spot, 24), [*beside(spot), *further(spot)]) is None


def named(notes: list[Annotation], word: str) -> Annotation:
    return next(one for one in notes if word in one["text"])


def bottom(one: Annotation, share: float) -> float:
    """The lower edge of a label of the curve, in pixels above the axis."""
    lines = 1 + one["text"].count("<br>")
    return float(share * curve.PLOT[1] + one["yshift"] - 8 * lines)


@pytest.mark.parametrize("missing", [0.9996, 0.98, 0.95, 0.5, 0.05, 0.001])
def test_the_promise_on_the_curve_is_told_within_the_plot(missing: float) -> None:
    found = curve.figure(promise(missing=missing)).layout["annotations"]
    one = named(found, "11 Dec")
    low = bottom(one, one["y"])
    assert low >= 0
    assert low + 16 * (1 + one["text"].count("<br>")) <= curve.PLOT[1]


def far(days: int, **fields: Any) -> Promise:
    return promise(
        missing=0.97, p50=in_days(days // 2), p85=in_days(days), quantiles=tuple(days * n / 85 for n in range(1, 100)), **fields
    )  # fmt: skip


def test_the_curve_reaches_past_an_almost_sure_finish() -> None:
    found = curve.figure(far(700, p95=in_days(900)))
    first, last = found.layout["xaxis"]["range"]
    assert f"{in_days(700)}" < last < f"{in_days(760)}"
    assert first < "2026-12-11"
    assert "years away" not in found.note
    assert found.layout["xaxis"]["ticktext"][-1].endswith(" 2028")


@pytest.mark.parametrize("fields", [{"p95": in_days(1900)}, {"p95": None}])
def test_the_curve_says_so_where_almost_sure_is_too_far_away(fields: dict[str, Any]) -> None:
    found = curve.figure(far(1600, **fields))
    assert found.note.endswith("Almost surely done is more than 3 years away.")
    assert found.layout["xaxis"]["range"][1] <= f"{DAY + curve.FURTHEST + timedelta(days=60)}"


def test_a_low_count_is_told_above_its_line_and_today_moves_to_the_top() -> None:
    low = [burnup.Day(in_days(n - 60), 40 + n // 8, min(n // 20, 2)) for n in range(61)]
    notes = burnup.figure(promise(target=in_days(40)), low).layout["annotations"]
    done, today = named(notes, "2 done"), named(notes, "Today")
    assert done["xanchor"] == "right"
    assert done["yshift"] > 0
    assert today["y"] == low[-1].scope


def test_today_stands_at_the_foot_of_its_line_when_much_is_done() -> None:
    high = [burnup.Day(in_days(n - 60), 60, n - 10 if n > 10 else 0) for n in range(61)]
    notes = burnup.figure(promise(), high).layout["annotations"]
    assert named(notes, "Today")["y"] == 0
    assert named(notes, "50 done")["yshift"] < 0


def test_the_scope_is_never_told_on_its_own_line() -> None:
    falls = [burnup.Day(in_days(n - 60), 19 if n < 5 else 18, n // 4) for n in range(61)]
    one = named(burnup.figure(promise(), falls).layout["annotations"], "Scope, 19 to 18")
    assert one["yshift"] > 0


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=60),
    st.integers(-20, 300),
    st.sampled_from([burnup_words.WIDE, burnup_words.NARROW]),
)
def test_no_two_words_of_the_burn_up_overlap(counts: list[tuple[int, int]], days: int, width: float) -> None:
    past = [burnup.Day(in_days(n - len(counts) + 1), max(scope, done), done) for n, (scope, done) in enumerate(counts)]
    one = promise(target=in_days(days))
    scale = burnup_words.scale_of(one, past, width)
    notes = burnup_words.captions(one, past, [], width)
    boxes = [
        box_of(
            Label(scale.spot(day_of(note), note["y"]), len(note["text"].removeprefix("<b>").removesuffix("</b>"))),
            Offer(note["xshift"], note["yshift"], note["xanchor"]),
        )
        for note in notes
    ]
    assert not any(a.touches(b) for a, b in combinations(boxes, 2))
    assert all(box.inside(width, burnup_words.HEIGHT) for box in boxes)


def day_of(note: Annotation) -> Any:
    return type(DAY).fromisoformat(note["x"])
