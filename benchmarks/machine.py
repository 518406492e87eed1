"""The machine a measurement runs on: what it is, and what it lets a measurement do."""

import os
import platform
from pathlib import Path

import grpc
import zmq

from services.doctor.host import interpreter_text
from services.domain.errors import ConfigError
from services.launch.priority import Priority, set_priority


def describe() -> str:
    """Name cores, load, operating system and the libraries on the road."""
    versions = (
        interpreter_text(),
        f"pyzmq {zmq.__version__}",
        f"grpcio {grpc.__version__}",
    )
    cores = f"{os.cpu_count()} cores ({_model()}), load {_load()}"
    return f"{cores}; {platform.system()} {platform.release()}; {', '.join(versions)}"


def raise_priority() -> str:
    """Take the highest priority the system lets this process have; say which."""
    refused: list[str] = []
    for priority in (Priority.REALTIME, Priority.NICE):
        try:
            set_priority(priority)
        except ConfigError as error:
            refused.append(str(error))
        else:
            return f"{priority}, for the children too"
    return f"as it was: {'; '.join(refused)}"


def _load() -> str:
    if not hasattr(os, "getloadavg"):  # Windows has none
        return "unknown"
    return " ".join(f"{value:.2f}" for value in os.getloadavg())


def _model() -> str:
    known = Path("/proc/cpuinfo")
    lines = known.read_text().splitlines() if known.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
