"""Run a strategy worker: `python -m services.strategies <configuration folder> [worker]`.

Topics: services/domain/topics.py. Decisions: services/strategies/host.py.
"""

import sys

from services.runtime.service import start
from services.strategies.shell import SPEC

sys.exit(start(SPEC, sys.argv[1:]))
