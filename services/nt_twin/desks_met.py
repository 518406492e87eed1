"""Which desks a client has met on its links, and the news when it meets another.

Rule: it is kept and reported, and nothing is decided on it: a desk of another run is served like
the first one.
"""

from services.domain.desk_identity import DeskIdentity


class DesksMet:
    """The desk behind each link, and every desk met so far."""

    def __init__(self) -> None:
        self.met: list[DeskIdentity] = []
        """In the order in which they were met."""
        self._behind: dict[str, DeskIdentity] = {}
        self._news: list[str] = []

    def record(self, link: str, run: str, account: str) -> DeskIdentity:
        """Keep whose desk has answered on a link."""
        desk = DeskIdentity(run, account)
        before = self._behind.get(link)
        self._behind[link] = desk
        if desk not in self.met:
            self.met.append(desk)
        if before is not None and before != desk:
            self._news.append(
                f"another desk answers on the {link} link: {desk}, before it {before}"
            )
        elif before is None:
            self._news.append(f"the desk on the {link} link is {desk}")
        others = {name: met for name, met in self._behind.items() if met != desk}
        self._news += [
            f"the {link} link and the {name} link lead to two desks: {desk}, and {met}"
            for name, met in others.items()
        ]
        return desk

    def news(self) -> list[str]:
        """What was met since the last call, in sentences."""
        news, self._news = self._news, []
        return news
