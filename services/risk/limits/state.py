"""Limits on the proof of state: is the desk allowed and able to take on anything new."""

from services.domain.messages.strategy import Candidate
from services.risk.limits.view import LimitView


def not_ready(_: Candidate, view: LimitView) -> str | None:
    """Refuse while an upstream, the link or promised reports are missing."""
    return "; ".join(view.not_ready) or None


def killed(_: Candidate, view: LimitView) -> str | None:
    """Refuse while a human has stopped the desk."""
    return view.killed


def halted(_: Candidate, view: LimitView) -> str | None:
    """Refuse while something is in doubt."""
    return view.halted


def preflight_failed(_: Candidate, view: LimitView) -> str | None:
    """Refuse while the last checkup before the open found something red."""
    return view.preflight_failure


def reducing(_: Candidate, view: LimitView) -> str | None:
    """Refuse once the daily loss was reached."""
    return view.reducing_reason


def unknown_pending(_: Candidate, view: LimitView) -> str | None:
    """Refuse while nobody knows what became of an entry."""
    if not view.unknown_entries:
        return None
    return f"{len(view.unknown_entries)} entries of unknown state, 0 allowed {' '.join(view.unknown_entries)}"


def strategy_killed(_: Candidate, view: LimitView) -> str | None:
    """Refuse while a human has stopped the strategy (spec P02)."""
    return view.strategy_killed
