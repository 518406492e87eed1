"""Run the toy: `python -m tests.support.toy_service <configuration folder>`."""

import sys

from services.runtime.service import start
from tests.support.toy_service.shell import SPEC

sys.exit(start(SPEC, sys.argv[1:]))
