"""A session's reading for people: in families, in points, only what has a value."""

from collections.abc import Callable
from enum import Enum
from typing import Any, Final, TypeAlias

import msgspec

from services.domain.instruments import points_text, to_points
from services.domain.messages.reading import GapEvent, Range, SweepEvent, ValueArea
from services.domain.messages.session import SessionUpdate

Form: TypeAlias = str | Callable[[str, Any], str]
"""How a value is written for people: a format, or a function of contract and value."""


class FamilyText(msgspec.Struct, frozen=True):
    """One family of a reading: its name and its values, each with its label."""

    name: str
    values: tuple[tuple[str, str], ...]

    @property
    def line(self) -> str:
        """All values in a line."""
        return ", ".join(f"{label} {text}".strip() for label, text in self.values)


def families_of(update: SessionUpdate) -> tuple[FamilyText, ...]:
    """Give every family that has a value."""
    found = []
    for name, rows in _FAMILIES.items():
        values = tuple(
            (label, text)
            for path, label, form in rows
            for text in (_text(update, path, form),)
            if text
        )
        if values:
            found.append(FamilyText(name, values))
    return tuple(found)


def enum_text(member: Enum) -> str:
    """A member of a closed set in lower case, without underscores."""
    return member.name.lower().replace("_", " ")


def span(name: str, found: Range) -> str:
    """A low and a high in points."""
    return f"{points_text(name, found.low)}–{points_text(name, found.high)}"


def sweep_text(name: str, event: SweepEvent) -> str:
    """A level traded through and where price turned, in points."""
    return f"{_swept(name, event)}, extreme {points_text(name, event.extreme)}"


def _text(update: SessionUpdate, path: str, form: Form) -> str:
    value: Any = update
    for part in path.split("."):
        value = None if value is None else getattr(value, part)
    empty = value is None or value is False or value == ()
    if empty:
        return ""
    return form.format(value) if isinstance(form, str) else form(update.contract, value)


def _level(name: str, ticks: float) -> str:
    return f"{to_points(name, ticks):.2f}"


def _size(name: str, found: Range) -> str:
    return f"{span(name, found)} ({points_text(name, found.high - found.low)})"


def _value(name: str, found: ValueArea) -> str:
    poc, low, high = (points_text(name, p) for p in (found.poc, found.low, found.high))
    return f"POC {poc}, VAH {high}, VAL {low}"


def _ranges(name: str, found: tuple[Range, ...]) -> str:
    return " ".join(span(name, each) for each in found)


def _gap_events(name: str, events: tuple[GapEvent, ...]) -> str:
    return "; ".join(
        f"{e.minutes}m {'bullish' if e.bullish else 'bearish'} {span(name, e.zone)}"
        f" {enum_text(e.state)}"
        for e in events
    )


def _sweeps(name: str, events: tuple[SweepEvent, ...]) -> str:
    return "; ".join(f"{_swept(name, e)} to {points_text(name, e.extreme)}" for e in events)


def _swept(name: str, event: SweepEvent) -> str:
    outcome = "failed" if event.failed else "swept"
    return f"{event.level} {points_text(name, event.price)} {outcome}"


def _number(_: str, value: float) -> str:
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"


def _plain_text(_: str, value: object) -> str:
    if isinstance(value, Enum):
        return enum_text(value)
    return "; ".join(map(str, value)) if isinstance(value, tuple) else str(value)


_YES: Final = "yes"
_SIGNED: Final = "{:+,}"
_SHARE: Final = "{:.0%}"
_OF_THREE: Final = "{} of 3"
_FAMILIES: Final[dict[str, tuple[tuple[str, str, Form], ...]]] = {
    "price": (
        ("phase", "", _plain_text),
        ("open", "O", points_text),
        ("high", "H", points_text),
        ("low", "L", points_text),
        ("close", "C", points_text),
        ("volume", "volume", _number),
        ("minute_of_rth", "minute", _number),
        ("day.rth", "since 09:30", _size),
    ),
    "condition": (
        ("degraded", "DEGRADED", _plain_text),
        ("historical", "from history", _YES),
        ("notes", "note", _plain_text),
    ),
    "opening": (
        ("opening.or15", "OR15", _size),
        ("opening.eor30", "EOR30", _size),
        ("opening.ib", "IB", _size),
        ("opening.ib_final", "IB final", _YES),
        ("opening.ib_usable", "usable", _YES),
        ("opening.ib_range_median20", "median of 20", _level),
        ("day.extension_up", "extended up", _number),
        ("day.extension_down", "down", _number),
    ),
    "levels": (
        ("levels.prior_high", "PDH", points_text),
        ("levels.prior_low", "PDL", points_text),
        ("levels.prior_close", "PDC", points_text),
        ("levels.overnight", "overnight", span),
        ("levels.asia", "Asia", span),
        ("levels.london", "London", span),
        ("levels.premarket", "premarket", span),
        ("levels.supplied", "from NinjaTrader", _plain_text),
    ),
    "VWAP": (
        ("vwap.eth", "18:00", _level),
        ("vwap.eth_sigma", "sigma", _level),
        ("vwap.rth", "09:30", _level),
        ("vwap.rth_sigma", "sigma", _level),
    ),
    "order flow": (
        ("order_flow.delta", "delta", _SIGNED),
        ("order_flow.delta_pct", "of volume", _SHARE),
        ("order_flow.delta_percentile20", "percentile", _number),
        ("order_flow.delta_z20", "z", _number),
        ("order_flow.imbalance_ratio", "ask/bid", _number),
        ("order_flow.volume_spike20", "volume spike", _number),
        ("order_flow.cvd_rth", "CVD 09:30", _SIGNED),
        ("order_flow.cvd_eth", "18:00", _SIGNED),
        ("order_flow.score_long", "score long", _OF_THREE),
        ("order_flow.score_short", "short", _OF_THREE),
    ),
    "day": (
        ("day.type", "type", _plain_text),
        ("day.type_confidence", "confidence", _SHARE),
        ("day.strength", "strength", _plain_text),
        ("day.sub_type", "looks like", _plain_text),
        ("day.accepted_long", "accepted above IB", _YES),
        ("day.accepted_short", "accepted below IB", _YES),
        ("day.accepted_ideal", "ideal", _YES),
    ),
    "profile": (
        ("profile.tpo.value", "", _value),
        ("profile.tpo.developing_poc", "developing POC", points_text),
        ("profile.tpo.single_prints", "single prints", _ranges),
        ("profile.tpo.time_framing", "time framing", _plain_text),
        ("profile.tpo.tail_high_strength", "tail above", _plain_text),
        ("profile.tpo.tail_low_strength", "tail below", _plain_text),
        ("profile.tpo.poor_high", "poor high", _YES),
        ("profile.tpo.poor_low", "poor low", _YES),
        ("profile.volume", "volume", _value),
    ),
    "gaps": (
        ("gaps.one_minute.bull", "1m bullish", _YES),
        ("gaps.one_minute.bear", "1m bearish", _YES),
        ("gaps.one_minute.inverse_bull", "1m inverse bullish", _YES),
        ("gaps.one_minute.inverse_bear", "1m inverse bearish", _YES),
        ("gaps.five_minute.bull", "5m bullish", _YES),
        ("gaps.five_minute.bear", "5m bearish", _YES),
        ("gaps.fifteen_minute.bull", "15m bullish", _YES),
        ("gaps.fifteen_minute.bear", "15m bearish", _YES),
        ("gaps.balanced", "balanced range", _YES),
        ("gaps.events", "on this bar:", _gap_events),
    ),
    "sweeps": (
        ("confluence.sweeps", "", _sweeps),
        ("confluence.smt.bullish", "bullish divergence", _YES),
        ("confluence.smt.bearish", "bearish divergence", _YES),
        ("confluence.smt.leader", "leader", _plain_text),
        ("confluence.smt.laggard", "laggard", _plain_text),
        ("confluence.wicks.upper", "upper wick", _SHARE),
        ("confluence.wicks.lower", "lower wick", _SHARE),
    ),
    "averages": (
        ("indicators.ema20", "EMA20", _level),
        ("indicators.ema50", "50", _level),
        ("indicators.ema200", "200", _level),
        ("indicators.rsi14", "RSI", _number),
        ("indicators.atr14_1m", "ATR 1m", _level),
        ("indicators.atr14_5m", "5m", _level),
        ("indicators.atr14_d", "daily", _level),
        ("indicators.direction.adx", "ADX", _number),
        ("indicators.bollinger.middle", "Bollinger", _level),
    ),
}
