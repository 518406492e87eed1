"""`pitwire demo`: a synthetic trading day through the real processes, told while it happens."""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Final

import zmq
from rich.console import Console

from services.backtest.export import Exporter
from services.backtest.market import DayKind, generate_days
from services.cli.observe import Observer
from services.cli.replay import Plan, Play, Progressing, outputs_of, prepare, processes
from services.cli.summary import Summary
from services.domain.calendar import Calendar, et_text
from services.domain.manifest import Manifest
from services.nt_twin.client import TwinClient
from services.nt_twin.source import Stamp

_FIRST_DATE: Final = "2026-03-02"
"""A Monday with full sessions around it."""
_CONTRACTS: Final = ("NQ 03-26", "ES 03-26", "YM 03-26")
