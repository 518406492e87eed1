"""Numbers as files write them: which mark is the decimal sign, which ones part thousands.

Rule 1: one sign per file, decided from its prices. Blanks and apostrophes only part thousands.
Rule 2: three digits behind a mark are a group: no index future is quoted in thousandths. A mark
        with any other number of digits behind it is the decimal sign.
Rule 3: a group that is not of three digits is refused, never joined: 23,20 is not 2320.
"""

import re
from collections.abc import Iterable
from typing import Final

from services.domain.errors import FeedError
from services.domain.units import Contracts

_BLANKS: Final = re.compile(r"(?<=\d)[\s'\u2019\u00a0\u202f\u2009](?=\d{3}(?!\d))")
_GROUPED: Final = {
    mark: re.compile(rf"\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+") for mark in (",", ".")
}
_ONE_MARK: Final = re.compile(r"\d*([.,])(\d*)")


def decimal_sign(prices: Iterable[str]) -> str:
    """Decide the decimal sign from price texts: `.` or `,`.

    Raises: FeedError when they contradict each other.
    """
    signs: dict[str, str] = {}
    for price in prices:
        text = _BLANKS.sub("", price.strip())
        last = max(text.rfind("."), text.rfind(","))
        if last < 0:
            continue
        mark, other = text[last], "," if text[last] == "." else "."
        if other in text:
            signs.setdefault(mark, text)
        elif text.count(mark) > 1 or (_GROUPED[mark].fullmatch(text) and text[0] != "0"):
            signs.setdefault(other, text)
        elif _ONE_MARK.fullmatch(text):
            signs.setdefault(mark, text)
    if len(signs) > 1:
        one, two = signs.values()
        raise FeedError(
            f"prices {one!r} and {two!r} use different decimal signs, expected one in a file"
        )
    return next(iter(signs), ".")


def plain_number(text: str, sign: str) -> str:
    """Write a number with a decimal point and nothing between thousands; bad groups stay."""
    number = _BLANKS.sub("", text.strip())
    mark = "," if sign == "." else "."
    if mark in number:
        whole, point, rest = number.partition(sign)
        if _GROUPED[mark].fullmatch(whole):
            number = whole.replace(mark, "") + point + rest
    return number.replace(",", ".") if sign == "," and mark not in number else number


def count_of(text: str, sign: str) -> Contracts:
    """Read a number of contracts.

    Raises: FeedError for a number that is not whole, ValueError for what is none.
    """
    if text.isdecimal():
        return Contracts(int(text))
    number = float(plain_number(text, sign))
    if not number.is_integer():
        raise FeedError(f"count {text!r} of contracts, expected a whole number")
    return Contracts(int(number))
