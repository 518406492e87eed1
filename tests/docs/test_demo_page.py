"""What the README shows of the demo is what the demo prints and draws."""

from docs.tools.demo_page import DATE, PICTURE, README, picture_of, sample_in, sample_of
from tests.support.played_day import example_days


def test_the_sample_is_what_the_demo_prints() -> None:
    """Line by line; `python docs/tools/demo_page.py` writes it anew."""
    page = README.read_text(encoding="utf-8")
    assert sample_in(page) == sample_of(example_days()[DATE])
    for word in ("refused MAX_POSITION", "closed by STOP: -$"):
        assert word in sample_in(page)


def test_the_picture_is_of_the_demo_s_last_day() -> None:
    """It has the loss and the refused candidate in it, and the README shows it."""
    assert PICTURE.read_text(encoding="utf-8") == picture_of(example_days()[DATE])
    assert "](docs/demo-day.svg)" in README.read_text(encoding="utf-8")
