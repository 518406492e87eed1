"""What has gone over a twin's links: counts for the end, sentences for those who watch. Pure."""

from collections import Counter

from services.domain.calendar import et_text
from services.domain.messages.market import FaultKind, FeedAck, FeedBatch, FeedWelcome
from services.domain.messages.orders import (
    AckStatus,
    CommandAck,
    Execution,
    Instruction,
    ReportBatch,
)
from services.domain.messages.union import Message
from services.domain.sentences import ack_text, command_text, fill_text


class TwinCounts:
    """Counts what both sides send; each report and each command counts once."""

    def __init__(self) -> None:
        self.history = 0
        """Bars of history the desk has taken, those it held already included."""
        self.bars = 0
        """Bars played that the desk has taken, those it held already included."""
        self.refused: Counter[FaultKind] = Counter()
        """Bars the gateway refused."""
        self.commands: Counter[AckStatus] = Counter()
        """Commands by this client's answer."""
        self.fills = 0
        self._greeted = False
        self._reported = 0
        self._batch: FeedBatch | None = None

    def record(self, message: Message) -> list[str]:
        """Count a message and its answer, or an instruction; gives the news in it."""
        match message:
            case FeedWelcome():
                return self._on_welcome(message)
            case FeedBatch():
                self._batch = message
            case FeedAck():
                return self._on_ack(message)
            case Instruction() if message.command is not None:
                command = message.command
                return [f"{et_text(command.created_ns)}  command {command_text(command)}"]
            case ReportBatch():
                return self._on_reports(message)
            case _:
                pass
        return []

    def _on_welcome(self, welcome: FeedWelcome) -> list[str]:
        first, self._greeted = not self._greeted, True
        if not first or not welcome.last_bars:
            return []
        held = et_text(max(bar.close_ns for bar in welcome.last_bars))
        return [f"the desk holds bars up to {held}: continuing after them"]

    def _on_ack(self, ack: FeedAck) -> list[str]:
        batch, self._batch = self._batch, None
        if batch is None or batch.sequence != ack.sequence:
            return []
        accepted = ack.accepted + ack.duplicates
        if any(bar.historical for bar in batch.bars):
            self.history += accepted
        else:
            self.bars += accepted
        news = []
        for refused in ack.refused:
            if not self.refused[refused.kind]:
                news.append(f"the desk refuses bars, {refused.kind.name}: {refused.text}")
            self.refused[refused.kind] += 1
        return news + [f"the desk refuses levels: {text}" for text in ack.levels_refused]

    def _on_reports(self, batch: ReportBatch) -> list[str]:
        news = []
        for report in batch.reports:
            body = report.ack or report.order or report.execution or report.account
            if body is None or body.report_sequence <= self._reported:
                continue
            self._reported = body.report_sequence
            if isinstance(body, CommandAck):
                self.commands[body.status] += 1
                if body.status is not AckStatus.ACCEPTED:
                    news.append(f"answered {ack_text(body)}")
            elif isinstance(body, Execution):
                self.fills += 1
                news.append(f"{et_text(body.at_ns)}  {fill_text(body)}")
        return news
