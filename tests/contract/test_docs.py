"""The pages name what exists: paths, refusal codes, faults, metrics, streams, states."""

import re
from pathlib import Path

import pytest

from services.composition.services import spec_of
from services.domain.messages.market import FaultKind
from services.domain.messages.risk import TradingState
from services.domain.services import SERVICES
from services.domain.topics import TOPICS, TopicClass
from services.risk.limits.table import LIMITS
from services.runtime.metrics import Metrics

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "README.md",
    *sorted(page.relative_to(ROOT).as_posix() for page in (ROOT / "docs").rglob("*.md")),
    *sorted(page.relative_to(ROOT).as_posix() for page in (ROOT / "examples").rglob("*.md")),
)
_PATH = re.compile(r"`((?:services|config|proto|tests|docs|benchmarks|examples)/[\w./-]*\w/?)`")
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")


def text_of(page: str) -> str:
    """A page as written."""
    return (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_every_path_and_link_of_a_page_exists(page: str) -> None:
    """A file that moved is found here, not by a reader."""
    text = text_of(page)
    missing = [path for path in _PATH.findall(text) if not (ROOT / path).exists()]
    missing += [to for to in _LINK.findall(text) if not ((ROOT / page).parent / to).exists()]
    assert not missing


@pytest.mark.parametrize(
    "word",
    [
        *LIMITS,
        "LATE",
        "SUPPRESSED",
        *(kind.name for kind in FaultKind),
        *(state.name for state in TradingState),
    ],
)
def test_the_runbook_says_what_to_do(word: str) -> None:
    """Every refusal code, feed fault and trading state a person may meet has its line."""
    assert re.search(rf"\b{word}\b", text_of("docs/runbook.md"))


def test_the_runbook_knows_every_metric() -> None:
    """And every metric it names is one."""
    families = {
        family.name
        for row in SERVICES
        for family in Metrics(row.name, spec_of(row).counters).registry.collect()
    }
    named = set(re.findall(r"`(pitwire_\w+?)(?:_total)?`", text_of("docs/runbook.md")))
    assert named == families


def test_the_architecture_page_has_the_streams_of_the_table() -> None:
    """Streams on the page and in the wiring are the same, and so are their messages."""
    page = text_of("docs/architecture.md")
    for row in TOPICS:
        if row.topic_class is TopicClass.DURABLE:
            (line,) = re.findall(rf"^\| `{row.stream}[`.].*$", page, flags=re.MULTILINE)
            assert row.message.__name__ in line
