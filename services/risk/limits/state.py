"""Limits on the proof of state: may the desk open new risk."""

from services.domain.messages.strategy import Candidate
from services.risk.limits.view import LimitView


def not_ready(_: Candidate, view: LimitView) -> str | None:
    """Refuse while an upstream, the link or required reports are missing."""
    return "; ".join(view.desk.not_ready) or None


def killed(_: Candidate, view: LimitView) -> str | None:
    """Refuse while the desk is killed."""
    return view.desk.trading.killed


def halted(_: Candidate, view: LimitView) -> str | None:
    """Refuse while the desk is halted."""
    return view.desk.trading.halted


def preflight_failed(_: Candidate, view: LimitView) -> str | None:
    """Refuse while the last preflight has failures."""
    return view.desk.trading.preflight_failure


def reducing(_: Candidate, view: LimitView) -> str | None:
    """Refuse once the daily loss was reached."""
    return view.desk.trading.reducing_reason


def unknown_pending(_: Candidate, view: LimitView) -> str | None:
    """Refuse while the outcome of an entry is unknown."""
    if not view.desk.unknown_entries:
        return None
    unknown = view.desk.unknown_entries
    return f"{len(unknown)} entries of unknown state, 0 allowed {' '.join(unknown)}"


def strategy_killed(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse while the strategy is killed (spec P02)."""
    kill = view.desk.trading.strategy_kills.get(candidate.strategy)
    return None if kill is None else kill.reason
