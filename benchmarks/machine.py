"""The machine a measurement ran on, in one paragraph: a figure without it says nothing."""

import os
import platform
from pathlib import Path

import grpc
import zmq


def describe() -> str:
    """Name cores, load, operating system and the libraries on the road."""
    versions = (
        f"Python {platform.python_version()}",
        f"pyzmq {zmq.__version__}",
        f"grpcio {grpc.__version__}",
    )
    cores = f"{os.cpu_count()} cores ({_model()}), load {_load()}"
    return f"{cores}; {platform.system()} {platform.release()}; {', '.join(versions)}"


def _load() -> str:
    if not hasattr(os, "getloadavg"):  # Windows has none
        return "unknown"
    return " ".join(f"{value:.2f}" for value in os.getloadavg())


def _model() -> str:
    known = Path("/proc/cpuinfo")
    lines = known.read_text().splitlines() if known.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
