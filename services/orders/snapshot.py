"""A snapshot that is awaited: its pages as they come, and what one shows against what we have.

Rule 1: only pages that repeat client, connection, epoch and the nonce of the snapshot that is
        awaited now are taken, each once and in order. Whatever else comes changes nothing: it is of
        an earlier connection, or an answer that came too late.
Rule 2: a snapshot is judged at the moment at which the client made it: when the reports numbered
        by then are journalled and no later one is.
"""

from services.domain.messages.link import CommandOutcome, SnapshotPage, SnapshotRequest
from services.domain.messages.orders import Execution
from services.domain.units import UnixNanos


class WantedSnapshot:
    """The pages of one snapshot."""

    def __init__(self, request: SnapshotRequest, wanted_ns: UnixNanos) -> None:
        self.request = request
        self.wanted_ns = wanted_ns
        """When it was asked for."""
        self._pages: list[SnapshotPage] = []

    def page_fault(self, page: SnapshotPage) -> str:
        """Why a page is not the next one of this snapshot; empty: it is."""
        if page.nonce != self.request.nonce:
            return f"nonce {page.nonce} is not of the snapshot that is awaited"
        if page.scope is not self.request.scope:
            return f"scope is {page.scope.name}, {self.request.scope.name} is awaited"
        if self._is_first(page):
            return ""
        expected = len(self._pages) + 1
        if page.page != expected or not self._continues(page):
            return f"page {page.page} of {page.pages}, expected page {expected} of the same moment"
        return ""

    def add(self, page: SnapshotPage) -> None:
        """Take a page that `page_fault` has nothing against; a first one begins anew."""
        if self._is_first(page):
            self._pages.clear()
        self._pages.append(page)

    @property
    def first(self) -> SnapshotPage | None:
        """The first page, which holds all but the executions, once every page has come."""
        whole = self._pages and len(self._pages) == self._pages[0].pages
        return self._pages[0] if whole else None

    @property
    def is_empty(self) -> bool:
        """Whether no page has come, or what came must be taken again."""
        return not self._pages

    def executions(self) -> tuple[Execution, ...]:
        """Executions of all pages."""
        return tuple(each for page in self._pages for each in page.executions)

    def outcomes(self) -> tuple[CommandOutcome, ...]:
        """Outcomes of all pages."""
        return tuple(each for page in self._pages for each in page.outcomes)

    def clear(self) -> None:
        """Forget the pages: it must be taken again."""
        self._pages.clear()

    def _is_first(self, page: SnapshotPage) -> bool:
        return page.page == 1 and page.pages >= 1

    def _continues(self, page: SnapshotPage) -> bool:
        if not self._pages:
            return False
        before = self._pages[-1]
        return (page.pages, page.report_sequence, page.at_ns) == (
            before.pages,
            before.report_sequence,
            before.at_ns,
        )
