"""Enums after Python 3.11's detour is taken away: the same members, the same errors."""

import enum

import pytest

from services.domain.messages.orders import OrderStatus
from services.runtime.enums import quicken

_AWKWARD = enum.Enum("_AWKWARD", {"name": 1, "value": 2, "PLAIN": 3})
"""Members named as what every member has."""


class _Published(enum.StrEnum):
    YES = "yes"


def test_members_are_found_by_every_road() -> None:
    """By attribute, name and value, also where a member's name is that of an attribute."""
    quicken()
    for kind in (OrderStatus, _AWKWARD, _Published):
        for name, member in kind.__members__.items():
            assert getattr(kind, name) is kind[name] is kind(member._value_) is member
    assert [_AWKWARD["PLAIN"].name, _AWKWARD["PLAIN"].value] == ["PLAIN", 3]


def test_what_is_no_member_is_still_an_error() -> None:
    """A misspelt member is an AttributeError that names it, not silence."""
    quicken()
    for misspelt in ("FILED", "__nothing__"):
        with pytest.raises(AttributeError, match=misspelt):
            getattr(OrderStatus, misspelt)


def test_asking_twice_changes_nothing() -> None:
    """Every node of a process asks; enums made later are quick and whole as well."""
    quicken()
    quicken()
    later = enum.Enum("later", ["A", "B"])
    assert [member.name for member in later] == ["A", "B"]
    assert "__getattr__" not in vars(enum.EnumType)
