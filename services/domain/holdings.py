"""What an account and a desk hold, compared in one way everywhere."""

from collections.abc import Iterable, Mapping

from services.domain.messages.orders import HeldPosition


def position_difference(desk: Mapping[str, int], account: Iterable[HeldPosition]) -> str:
    """Where the net positions of a desk, by contract, differ from its account's; empty: nowhere."""
    held = {position.contract: position.quantity for position in account}
    pairs = ((name, desk.get(name, 0), held.get(name, 0)) for name in sorted({*desk, *held}))
    return "; ".join(
        f"{name}: desk {ours:+d}, account {theirs:+d}"
        for name, ours, theirs in pairs
        if ours != theirs
    )
