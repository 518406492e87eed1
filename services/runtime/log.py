"""Structured log: JSON lines on standard error. Shells log; machines never do."""

import io
import sys
from typing import TextIO, cast

import structlog


class _Unbreakable(io.TextIOBase):
    # A log that cannot be written, its disk full or its reader gone, is no reason to stop trading.
    # The stream is looked up at every line: a test, or whoever starts the desk, may replace it.
    def write(self, text: str, /) -> int:
        try:
            return sys.stderr.write(text)
        except (OSError, ValueError):
            return 0

    def flush(self) -> None:
        try:
            sys.stderr.flush()
        except (OSError, ValueError):
            return


def open_log(service: str, run: str) -> structlog.typing.FilteringBoundLogger:
    """A logger that names service and run in every line."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(20),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Unbreakable())),
        cache_logger_on_first_use=False,
    )
    log: structlog.typing.FilteringBoundLogger = structlog.get_logger(service=service, run=run)
    return log
