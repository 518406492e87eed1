"""Places for labels that would lie on top of each other: moved apart as little as needed."""

from collections.abc import Sequence


def spread_labels(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Give each place, in the order given, at least `gap` from its neighbours, inside the bounds.

    Groups that touch are centred on the mean of what they want. Where there is no room for all,
    they share what there is.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    if not order:
        return []
    gap = min(gap, (high - low) / len(order))

    def begin_of(members: list[float]) -> float:
        mean = sum(members) / len(members)
        return max(low, min(mean, high - gap * (len(members) - 1)))

    # Each group: its members' wanted places less their offset inside it.
    groups: list[list[float]] = []
    for i in order:
        members = [wanted[i]]
        while groups and begin_of(groups[-1]) + gap * len(groups[-1]) > begin_of(members):
            before = groups.pop()
            members = before + [m - gap * len(before) for m in members]
        groups.append(members)
    places = [begin_of(members) + gap * n for members in groups for n in range(len(members))]
    found = [0.0] * len(wanted)
    for i, place in zip(order, places, strict=True):
        found[i] = place
    return found
