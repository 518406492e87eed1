"""Print what a run sent and what was filled, straight from its journals.

Usage: python examples/read_a_run.py runs/demo-7

A journal is read beside a running writer, service by service, in either layout; the same loop
serves any question.
"""

import sys
from pathlib import Path

from services.domain.calendar import et_text
from services.domain.instruments import points_text
from services.domain.messages.orders import Execution
from services.domain.messages.risk import OrderCommand
from services.runtime.journal import Role
from services.runtime.journal_files import journal_folder
from services.runtime.journal_records import read_service


def lines(run: Path) -> list[str]:
    """One line per command of risk and per execution, in the order of their times."""
    found: list[tuple[int, str]] = []
    for service in ("risk", "orders"):
        folder = journal_folder(str(run / "journal"), run.name, service)
        for record in read_service(folder, service):
            message = record.message
            if record.role is not Role.OUTPUT:
                continue
            if isinstance(message, OrderCommand):
                what = f"command {message.action.name} {message.contract} ({message.code})"
                found.append((message.created_ns, f"{et_text(message.created_ns)} {what}"))
            elif isinstance(message, Execution):
                price = points_text(message.contract, message.price)
                what = f"fill {message.role.name} {message.quantity} at {price}"
                found.append((message.at_ns, f"{et_text(message.at_ns)} {what}"))
    return [line for _, line in sorted(found)]


if __name__ == "__main__":
    print("\n".join(lines(Path(sys.argv[1]))))
