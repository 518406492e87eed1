"""Ids: derived, short, and different whenever any part of the question differs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.identity import candidate_id, exit_id

_QUESTION = {
    "run": "live",
    "account": "Sim101",
    "strategy": "edge_fade",
    "version": "1",
    "config": "c0ffee",
    "contract": "NQ 03-26",
    "trade_date": "2026-02-06",
    "kind": "SHORT",
}
_STAMP = 1_770_391_860_000_000_000


def test_the_same_question_has_the_same_id_in_every_build() -> None:
    """The id is part of the journal's meaning: a new release must derive the old one."""
    name = candidate_id(close_ns=_STAMP, **_QUESTION)
    assert name == candidate_id(close_ns=_STAMP, **_QUESTION)
    assert name == "ccniaossoxbkp7ioed3aoaeuj"
    assert exit_id(name, "EOD", 1) == "xybyzsdhemedqmerxcj6zq2kf"


@pytest.mark.parametrize("part", _QUESTION)
def test_every_part_of_the_question_counts(part: str) -> None:
    """Change one part and the id is another."""
    other = {**_QUESTION, part: _QUESTION[part] + "x"}
    assert candidate_id(close_ns=_STAMP, **other) != candidate_id(close_ns=_STAMP, **_QUESTION)


def test_the_stamp_counts() -> None:
    """The next minute is another question."""
    first = candidate_id(close_ns=_STAMP, **_QUESTION)
    assert first != candidate_id(close_ns=_STAMP + 60_000_000_000, **_QUESTION)


def test_parts_do_not_run_into_each_other() -> None:
    """`ab` + `c` and `a` + `bc` are two questions."""
    one = {**_QUESTION, "run": "ab", "account": "c"}
    two = {**_QUESTION, "run": "a", "account": "bc"}
    assert candidate_id(close_ns=_STAMP, **one) != candidate_id(close_ns=_STAMP, **two)


@pytest.mark.parametrize(
    "other",
    [("p2", "EOD", 1), ("p1", "STOP", 1), ("p1", "EOD", 2)],
)
def test_exits_differ_by_position_reason_and_count(other: tuple[str, str, int]) -> None:
    """Each command of a position has its own name."""
    assert exit_id(*other) != exit_id("p1", "EOD", 1)


@given(st.text(max_size=80), st.integers(0, 10**6))
def test_ids_fit_an_order_name(text: str, count: int) -> None:
    """At most 30 plain characters, whatever went in; entry and exit names never meet."""
    entry = candidate_id(close_ns=count, **{**_QUESTION, "account": text})
    leave = exit_id(text, text, count)
    assert len(entry) <= 30
    assert len(leave) <= 30
    assert entry.isascii()
    assert entry.isalnum()
    assert (entry[0], leave[0]) == ("c", "x")
