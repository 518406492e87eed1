"""Run the order router: `python -m services.orders <configuration folder>`.

Topics: services/domain/topics.py. Decisions: services/orders/router.py.
"""

import sys

from services.orders.shell import SPEC
from services.runtime.service import start

sys.exit(start(SPEC, sys.argv[1:]))
