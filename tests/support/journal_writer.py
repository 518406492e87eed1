"""A process that commits one record after another and says so: `journal_writer.py <folder>`.

It goes on where the journal ends and stops only when it is killed.
"""

import sys
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from services.runtime.journal import Journal, Record, Role
from tests.support.stream_builder import WALL, clock


def main() -> None:
    """Commit for ever."""
    journal = Journal(Path(sys.argv[1]))
    last = sum(1 for _ in journal.records())
    for sequence in count(last + 1):
        message = clock(sequence)
        journal.append(Record(Role.OUTPUT, "market", journal.epoch, sequence, WALL, message))
        journal.commit()
        sys.stdout.write(f"{sequence}\n")
        sys.stdout.flush()


main()
