"""Structured log: JSON lines on standard error. Shells log; machines never do."""

import sys

import structlog


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
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    log: structlog.typing.FilteringBoundLogger = structlog.get_logger(service=service, run=run)
    return log
