"""A client in a process of its own, spoken to over its standard input and output."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Line = dict[str, Any]


class PipedClient:
    """A client under test that is started by a command line; its folder is its disk."""

    def __init__(self, command: Sequence[str], folder: Path, disk: Path) -> None:
        self._command = list(command)
        self._folder = folder
        self._disk = disk
        self._process: subprocess.Popen[str] | None = None

    def start(self, settings: Line) -> list[Line]:
        """Start the process and give it its settings."""
        self._process = subprocess.Popen(
            self._command,
            cwd=self._folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self.send({"type": "start", "client": settings, "disk": str(self._disk)})

    def send(self, message: Line) -> list[Line]:
        """Write one line; read up to `done`."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(message) + "\n")
        process.stdin.flush()
        lines: list[Line] = []
        while True:
            text = process.stdout.readline()
            assert text, f"the client ended at {message}"
            line = json.loads(text)
            if line["type"] == "done":
                return lines
            lines.append(line)

    def kill(self) -> None:
        """Kill it."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()
