"""The four charts of a team: what they draw, what they say, and their numbers as a table."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dashboards.charts import ageing, cycle_time, review_wait, throughput
from dashboards.charts.common import Figure, as_json
from dashboards.charts.spans import WORKING_DAY, length
from delivery.core.flow import compared

MONDAY = date(2026, 8, 17)
COUNTS = (11, 10, 12, 10, 11, 9, 10, 8, 7, 8, 5, 7)


def weeks(*counts: int) -> list[tuple[date, int]]:
    return [(MONDAY + timedelta(weeks=place), count) for place, count in enumerate(counts)]


def days(count: float) -> timedelta:
    return timedelta(days=count)


class TestThroughput:
    def test_it_draws_a_bar_a_week_and_tells_the_last_four_apart(self) -> None:
        figure = throughput.figure(weeks(*COUNTS))
        (bars,) = figure.data
        assert bars["x"][0] == "17 Aug"
        assert bars["y"] == list(COUNTS)
        assert bars["marker"]["color"] == [throughput.EARLIER] * 8 + [throughput.LATEST] * 4

    def test_its_means_are_those_of_the_first_and_the_last_four_weeks(self) -> None:
        figure = throughput.figure(weeks(*COUNTS))
        assert [(line["x0"], line["x1"], line["y0"]) for line in figure.layout["shapes"]] == [
            (-0.5, 3.5, 10.75),
            (7.5, 11.5, 6.75),
        ]
        assert [word["text"] for word in figure.layout["annotations"]] == ["10.8 a week", "6.8 a week"]

    def test_it_says_the_finding_in_words(self) -> None:
        alt = throughput.figure(weeks(*COUNTS)).alt
        assert alt == (
            "Items finished a week fell from a mean of 10.8 in the four weeks from 17 Aug to 6.8 in the last four weeks."
        )

    def test_its_table_has_the_exact_counts(self) -> None:
        assert throughput.figure(weeks(3, 0)).rows == (("17 Aug", "3"), ("24 Aug", "0"))

    @pytest.mark.parametrize(
        ("count", "expected"),
        [(0, ()), (3, ()), (4, ((0, 4),)), (7, ((3, 7),)), (8, ((0, 4), (4, 8))), (26, ((14, 18), (22, 26)))],
    )
    def test_means_never_overlap(self, count: int, expected: tuple[tuple[int, int], ...]) -> None:
        assert compared(count) == expected

    def test_a_difference_that_may_be_chance_is_called_that(self) -> None:
        alt = throughput.figure(weeks(5, 6, 5, 6, 0, 0, 0, 0, 4, 4, 4, 4)).alt
        assert alt.endswith("to 4.0 in the last four weeks, too few to tell a change.")

    def test_it_says_since_when_anything_is_known(self) -> None:
        assert throughput.figure(weeks(1, 2), "12 Aug").note.endswith(
            "The record begins on 12 Aug, so the weeks before are not known."
        )

    def test_three_weeks_have_no_mean_and_it_says_so(self) -> None:
        figure = throughput.figure(weeks(1, 2, 3))
        assert figure.layout["shapes"] == []
        assert "too few weeks for a mean" in figure.alt

    def test_on_a_phone_fewer_weeks_are_named(self) -> None:
        figure = throughput.figure(weeks(*COUNTS))
        assert figure.layout["xaxis"]["tickvals"] == [0, 3, 6, 9, 11]
        assert figure.narrow["layout.xaxis.tickvals"] == [0, 6, 11]


def finished(*took: float) -> list[cycle_time.Finished]:
    return [
        cycle_time.Finished(f"STR-{place}", MONDAY + timedelta(days=7 * place), days(took_days))
        for place, took_days in enumerate(took)
    ]


class TestCycleTime:
    def test_what_took_longer_than_6_in_7_stands_out_by_shape_and_colour(self) -> None:
        (dots,) = cycle_time.figure(finished(4, 26, 7), days(7), days(13)).data
        assert dots["marker"]["symbol"] == ["circle", "diamond", "circle"]
        assert dots["marker"]["color"] == ["var(--accent)", "var(--likely)", "var(--accent)"]
        assert dots["x"][1] == "2026-08-24"

    def test_its_lines_stand_at_half_and_at_6_in_7(self) -> None:
        layout = cycle_time.figure(finished(4, 26, 7), days(7.2), days(12.8)).layout
        assert [line["y0"] for line in layout["shapes"]] == [7.2, 12.8]
        assert [word["text"] for word in layout["annotations"]] == [
            "half within<br>7 days",
            "6 in 7 within<br>13 days",
        ]

    def test_words_of_lines_that_lie_close_are_moved_apart(self) -> None:
        layout = cycle_time.figure(finished(4, 26, 7), days(4), days(5)).layout
        assert [word["yshift"] for word in layout["annotations"]] == [-18, 18]

    def test_too_few_items_have_no_lines_and_it_says_so(self) -> None:
        figure = cycle_time.figure(finished(4, 26), None, None)
        assert figure.layout["shapes"] == []
        assert "too few to say what is usual" in figure.alt

    def test_it_tells_what_was_left_out(self) -> None:
        told = cycle_time.figure(finished(4), None, None, "3 finished without a recorded start").note
        assert told.endswith("Left out: 3 finished without a recorded start.")

    def test_its_table_has_the_longest_twenty(self) -> None:
        figure = cycle_time.figure(finished(*range(1, 31)), days(3), days(9))
        assert figure.columns[0] == "Item (longest 20)"
        assert len(figure.rows) == 20
        assert figure.rows[0] == ("STR-29", "8 Mar", "30.0")


def open_items() -> list[ageing.Open]:
    old, young, reviewed = ("STR-198", "Doing", 23.0), ("STR-261", "Doing", 2.0), ("STR-231", "Review", 12.0)
    return [ageing.Open(key, status, days(age)) for key, status, age in (young, reviewed, old)]


class TestAgeing:
    def test_items_older_than_6_in_7_are_diamonds_with_their_key(self) -> None:
        (dots,) = ageing.figure(open_items(), ["Doing", "Review"], days(6), days(13)).data
        assert dots["y"] == [23.0, 2.0, 12.0]
        assert dots["text"] == ["STR-198", "", ""]
        assert dots["marker"]["symbol"] == ["diamond", "circle", "circle"]
        assert dots["textposition"] == ["middle right", "middle right", "middle left"]

    def test_bands_of_what_is_usual_lie_under_each_status(self) -> None:
        layout = ageing.figure(open_items(), ["Doing", "Review"], days(6), days(13)).layout
        assert [(band["x0"], band["y0"], band["y1"]) for band in layout["shapes"]] == [
            (-0.46, 0, 6.0),
            (-0.46, 6.0, 13.0),
            (0.54, 0, 6.0),
            (0.54, 6.0, 13.0),
        ]
        assert layout["xaxis"]["ticktext"] == ["Doing · 2", "Review · 1"]

    def test_it_names_what_is_old(self) -> None:
        alt = ageing.figure(open_items(), ["Doing", "Review"], days(6), days(13)).alt
        assert alt.endswith("1 older than 6 in 7 finished items got; the oldest: STR-198 at 23.0 days.")

    def test_without_a_usual_nothing_is_called_old(self) -> None:
        figure = ageing.figure(open_items(), ["Doing", "Review"], None, None)
        assert figure.layout["shapes"] == []
        assert all(row[3] == "" for row in figure.rows)
        assert "Too few are finished" in figure.alt

    def test_dots_of_a_status_stay_over_its_name(self) -> None:
        crowd = [ageing.Open(f"A-{place}", "Doing", days(3)) for place in range(40)]
        (dots,) = ageing.figure(crowd, ["Doing"], None, None).data
        assert max(map(abs, dots["x"])) < 0.46
        assert len(set(dots["x"])) > 3

    def test_long_statuses_are_cut_on_a_phone(self) -> None:
        items = [ageing.Open("A-1", "Waiting for a decision", days(3))]
        figure = ageing.figure(items, ["Waiting for a decision"], None, None)
        assert figure.narrow["layout.xaxis.ticktext"] == ["Waiting…"]


class TestReviewWait:
    def test_each_wait_falls_into_the_first_span_that_holds_it(self) -> None:
        hours = [timedelta(hours=count) for count in (0, 4, 4.1, 8, 9, 16, 17, 32, 33, 400)]
        figure = review_wait.figure(hours, None)
        assert figure.data[0]["x"] == [2, 2, 2, 2, 2]
        assert figure.rows == (("4 hours", "2"), ("1 day", "2"), ("2 days", "2"), ("4 days", "2"), ("longer", "2"))

    def test_it_says_what_half_of_the_changes_wait(self) -> None:
        figure = review_wait.figure([WORKING_DAY * 2.5] * 5, WORKING_DAY * 2.5, "2 not reviewed")
        assert figure.note == "Half of the changes wait more than 2.5 days of working time. Left out: 2 not reviewed."

    def test_the_slow_ones_are_in_accent(self) -> None:
        colours = review_wait.figure([WORKING_DAY], None).data[0]["marker"]["color"]
        assert [colour == "var(--accent)" for colour in colours] == [False, False, False, True, True]


def every_figure() -> list[Figure]:
    return [
        throughput.figure(weeks(*COUNTS)),
        cycle_time.figure([cycle_time.Finished("<b>&", MONDAY, days(2))], days(1), days(3)),
        ageing.figure([ageing.Open("A-1", "</script><b>", days(2))], ["</script><b>"], days(1), days(3)),
        review_wait.figure([WORKING_DAY], None),
    ]


@pytest.mark.parametrize("figure", every_figure(), ids=lambda figure: figure.id)
def test_nothing_that_a_person_wrote_becomes_markup(figure: Figure) -> None:
    text = as_json(figure)
    assert "</script" not in text
    assert "<" not in text


@pytest.mark.parametrize("figure", every_figure(), ids=lambda figure: figure.id)
def test_no_text_asks_for_an_inline_style(figure: Figure) -> None:
    """plotly.js draws <b> with a style attribute, which the content security policy refuses."""
    assert "u003cb>" not in as_json(figure).replace("u003cbr", "").replace("u0026lt;b", "")


@pytest.mark.parametrize("figure", every_figure(), ids=lambda figure: figure.id)
def test_colours_are_token_names(figure: Figure) -> None:
    assert "#" not in as_json(figure)
    assert "rgb" not in as_json(figure)


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(minutes=5), "1 hour"),
        (timedelta(hours=5), "5 hours"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=2.5), "2.5 days"),
        (timedelta(days=13.2), "13 days"),
        (timedelta(days=35), "5 weeks"),
    ],
)
def test_durations_are_said_as_people_say_them(span: timedelta, said: str) -> None:
    assert length(span) == said
