"""Run the risk service: `python -m services.risk <configuration folder>`.

Topics: services/domain/topics.py. Decisions: services/risk/gate.py.
"""

import sys

from services.risk.shell import SPEC
from services.runtime.service import start

sys.exit(start(SPEC, sys.argv[1:]))
