"""The Python client over a pipe: `python -m tests.scenarios.serve`, one JSON object a line.

The first line of input is `start`; each input is answered by the lines it causes and by `done`.
"""

import json
import sys
from pathlib import Path

from services.runtime.streams import prepare_streams
from tests.scenarios.python_client import PythonClient


def _serve() -> None:
    client: PythonClient | None = None
    for text in sys.stdin:
        message = json.loads(text)
        if client is None:
            client = PythonClient(Path(message["disk"]))
            lines = client.start(message["client"])
        else:
            lines = client.send(message)
        for line in (*lines, {"type": "done"}):
            sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    prepare_streams()
    _serve()
