"""What is said of many sessions is said once, with its dates and contracts."""

import pytest

from services.review.run_remarks import SessionRemark, dates_between, dates_text, remarks_text

DATES = ("2025-01-15", "2025-01-16", "2025-01-17", "2025-01-20", "2025-01-21")
"""Wednesday to Tuesday, a holiday with a short session among them."""
OF = {(date, contract): None for date in DATES for contract in ("ES 03-25", "NQ 03-25")}


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ([], ""),
        (["2025-01-16"], "2025-01-16"),
        (["2025-01-17", "2025-01-16"], "2025-01-16, 2025-01-17"),
        (DATES, "2025-01-15 to 2025-01-21"),
        (
            ["2025-01-15", "2025-01-17", "2025-01-20", "2025-01-21"],
            "2025-01-15, 2025-01-17 to 2025-01-21",
        ),
        (
            [f"2025-{month:02}-14" for month in (1, 2, 3, 4, 5, 7, 8, 10)],
            "2025-01-14, 2025-02-14, 2025-03-14, 2025-04-14, 2025-05-14, 2025-07-14"
            " and 2 dates more",
        ),
    ],
)
def test_dates_that_follow_each_other_are_a_span(dates: list[str], expected: str) -> None:
    """A weekend does not end a span, a missing session does; many spans are counted."""
    assert dates_text(dates) == expected


def test_dates_without_bars_are_named() -> None:
    """Trade dates of the calendar between the first and the last, weekends none of them."""
    assert dates_between(["2025-01-15", "2025-01-17", "2025-01-21"]) == ["2025-01-16", "2025-01-20"]
    assert dates_between(["2025-01-15"]) == []
    assert dates_between([]) == []


def test_equal_remarks_are_one() -> None:
    """Of every session without names, of some with theirs; the order is that of appearance."""
    everywhere = [SessionRemark(date, contract, "no delta") for date, contract in OF]
    some = [SessionRemark(date, "NQ 03-25", "late peer") for date in DATES[:2]]
    assert remarks_text([*everywhere, *some], OF) == (
        "no delta (every date); late peer (NQ 03-25: 2025-01-15, 2025-01-16)"
    )


def test_a_paragraph_has_an_end() -> None:
    """Hundreds of different remarks are counted, not printed."""
    many = [SessionRemark(DATES[0], "NQ 03-25", f"remark {number}") for number in range(300)]
    text = remarks_text(many, OF)
    assert text.endswith("; and 292 more")
    assert len(text) < 500
