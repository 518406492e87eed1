"""Run the session-state service: `python -m services.state <configuration folder>`.

Topics: services/domain/topics.py. Decisions: services/state/machine.py.
"""

import sys

from services.runtime.service import start
from services.state.shell import SPEC

sys.exit(start(SPEC, sys.argv[1:]))
