"""Run the ingest gateway: `python -m services.ingest <configuration folder>`.

Topics: services/domain/topics.py. Decisions: services/ingest/gateway.py.
"""

import sys

from services.ingest.shell import SPEC
from services.runtime.service import start

sys.exit(start(SPEC, sys.argv[1:]))
