"""Faults: a peer or the environment broke the contract. The response is chosen here.

| error | raised by | response |
|---|---|---|
| ConfigError | start-up only | exit 2 |
| StorageError | whoever writes or opens a file | a start ends with 2; while trading: halt |
| DecodeError | codec | drop and count |
| SequenceGapError | node | replay; not ready until it came |
| IllegalReportError | orders | halt and reconcile |
| FeedLostError | clients | what waits for it ends with the reason |
| FeedRefusedError | ingest link | the reply gives the reason; exit 1 at the client |
| JournalError | journal | quarantine the file and halt |
| DivergedError | node | a recomputed output differs from the journal: halt |

An outcome (a refusal) is a message, not an exception; a bug (we broke our own rule) is an assert.
"""


class SystemFaultError(Exception):
    """Base of every fault; nothing raises it itself."""


class ConfigError(SystemFaultError):
    """The configuration folder is wrong: file, key, what was found, what was expected."""


class ProtocolError(SystemFaultError):
    """A peer broke the contract."""


class DecodeError(ProtocolError):
    """Bytes are not a message of ours."""


class SequenceGapError(ProtocolError):
    """Messages of a durable stream are missing and cannot be replayed."""


class IllegalReportError(ProtocolError):
    """An order report cannot follow the order's status."""


class FeedError(SystemFaultError):
    """The link to NinjaTrader is not as it must be."""


class FeedLostError(FeedError):
    """The peer has stopped sending."""


class FeedRefusedError(FeedError):
    """The other side answered no, with a reason."""


class NewerRouterError(SystemFaultError):
    """A client has obeyed a router that started later: this one must not send commands."""


class JournalError(SystemFaultError):
    """A journal file is damaged beyond what SQLite heals."""


class StorageError(SystemFaultError):
    """A disk or a file system refuses: the file may be sound, and stays where it is."""


class DivergedError(SystemFaultError):
    """A recomputed output differs from the journalled one."""


class InstrumentError(SystemFaultError):
    """A contract name is unknown, malformed, expired or not of a declared pair."""


class PriceError(SystemFaultError):
    """A price is not a whole number of ticks."""
