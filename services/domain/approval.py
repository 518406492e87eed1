"""Risk's approval of a command: a keyed digest over everything that could change what is traded.

Risk writes it into the command; the router checks it when it takes a command, and again before it
hands one on. A command that was made or changed by anybody else, in a journal or on the way, leaves
for no client. The key is made once per run and read by the services' user alone
(runtime/approval_key.py).
"""

import hmac
from base64 import b32encode
from hashlib import blake2b, sha256
from typing import Final

import msgspec

from services.domain.messages.risk import OrderCommand

_BYTES: Final = 15
"""120 bits, 24 characters, as in derived ids."""


class ApprovalKey(msgspec.Struct, frozen=True):
    """What one process of risk approves with."""

    epoch: int
    """Its boot epoch."""
    key: bytes


def approved(command: OrderCommand, key: bytes) -> OrderCommand:
    """The command with its approval."""
    return msgspec.structs.replace(command, approval=_approval(command, key))


def approval_fault(command: OrderCommand, key: bytes) -> str:
    """Why a command is not one that risk approved; empty: it is."""
    if hmac.compare_digest(command.approval, _approval(command, key)):
        return ""
    what = "carries no approval" if not command.approval else "is not what risk approved"
    return f"command {command.command_id} ({command.action.name} {command.contract}) {what}"


def limits_hash(limits: msgspec.Struct) -> str:
    """Name a set of limits by its values, 13 characters."""
    return _text(blake2b(msgspec.json.encode(limits, order="sorted"), digest_size=8).digest())


def _approval(command: OrderCommand, key: bytes) -> str:
    parts = (
        command.command_id,
        command.account,
        command.contract,
        command.action.name,
        command.position_id,
        command.quantity,
        command.entry_reference,
        command.stop,
        command.target,
        command.epoch,
        command.expires_ns,
        command.limits_hash,
    )
    joined = "\x1f".join(map(str, parts)).encode()
    return _text(hmac.digest(key, joined, sha256)[:_BYTES])


def _text(digest: bytes) -> str:
    return b32encode(digest).decode().lower().rstrip("=")
