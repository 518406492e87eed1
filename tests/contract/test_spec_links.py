"""A rule that is cited stands in docs/spec, and a rule that stands there is read somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT / "docs" / "spec"
INDEX = SPEC / "README.md"
"""Says how to cite: a link from there reads no rule."""
CODE = ("services", "tests", "benchmarks", "examples", "config", "proto/pitwire")
SUFFIXES = {".py", ".toml", ".proto", ".md"}

NUMBER = r"(?<![\w.])(?:[ABCHRV]\.\d+|[FP]\d\d|I\d)\b"
CITATION = re.compile(rf"\b[Ss]pec {NUMBER}(?:(?:,| and| to) {NUMBER})*")
RANGE = re.compile(r"([A-Z]\.?)(\d+) to [A-Z]\.?(\d+)")
CHAPTER = re.compile(r"\b[Ss]pec(?:/\w+\.md| [a-z]+)? \d[\d.]*")
"""A chapter of a document that nobody here has."""
RULE = re.compile(r'^(?:## |\| )<a id="(\w+)"></a>\[?([A-Z]\.?\d+)\b', re.MULTILINE)
HEADING = re.compile(r"^## .*$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#:\s]*)#([^)\s]+)\)")
MARGIN = re.compile(r"[ \t]*\n[ \t]*(?:(?:#|//) ?)?")
"""Where a comment or a docstring goes on in the next line."""


def rules_of(page: Path) -> dict[str, str]:
    """Give the rules that stand on a page: anchor and number."""
    return dict(RULE.findall(page.read_text(encoding="utf-8")))


RULES = {number for page in SPEC.glob("*.md") for number in rules_of(page).values()}


def code() -> Iterator[Path]:
    """Give every file that may cite a rule; this one has citations that must not resolve."""
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in SUFFIXES and path != Path(__file__):
                yield path


def pages() -> tuple[Path, ...]:
    """Give every page a person reads."""
    return ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))


def cited(text: str) -> set[str]:
    """Give the numbers a text cites, with all that lie between the ends of a range."""
    found: set[str] = set()
    for citation in CITATION.findall(MARGIN.sub(" ", text)):
        found.update(re.findall(NUMBER, citation))
        for kind, first, last in RANGE.findall(citation):
            found.update(f"{kind}{n:0{len(first)}d}" for n in range(int(first), int(last)))
    return found


def breaches(text: str) -> list[str]:
    """Give what a text cites without a rule, and what it cites in another form."""
    line = MARGIN.sub(" ", text)
    found = [f"spec {number} has no rule in docs/spec" for number in sorted(cited(line) - RULES)]
    bare = re.findall(NUMBER, CITATION.sub("", line))
    found += [f"{number} stands without the word spec before it" for number in bare]
    return found + [f"{words!r} names no rule" for words in CHAPTER.findall(line)]


def linked(page: Path) -> Iterator[tuple[Path, str]]:
    """Give page and anchor of every link of a page into docs/spec."""
    for to, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        target = (page.parent / to).resolve() if to else page
        if target.parent == SPEC:
            yield target, anchor


def test_every_citation_has_its_rule() -> None:
    """Code cites in one form, so that a reader finds the rule and a search every reader of it."""
    found = {
        path.relative_to(ROOT).as_posix(): said
        for path in code()
        if (said := breaches(path.read_text(encoding="utf-8")))
    }
    assert not found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"""The gate (spec C.99)."""', "spec C.99 has no rule in docs/spec"),
        ("# As asked for (spec\n    # B.3, B.99).", "spec B.99 has no rule in docs/spec"),
        ("Source: spec C.7 to C.9.", "spec C.8 has no rule in docs/spec"),
        ("Source: spec P55 to P57.", "spec P57 has no rule in docs/spec"),
        ('"""Refuse a target too near (P20)."""', "P20 stands without the word spec before it"),
        ("(spec 2.1, HB_nt)", "'spec 2.1' names no rule"),
        ("Source: spec/strategies.md 0.3, own figures", "'spec/strategies.md 0.3' names no rule"),
        ("Settings: spec reliability 7.1", "'spec reliability 7.1' names no rule"),
    ],
)
def test_a_citation_that_leads_nowhere_is_named(text: str, expected: str) -> None:
    """A number without a rule, a rule without its word, a chapter of something else."""
    assert breaches(text) == [expected]


@pytest.mark.parametrize("page", sorted(SPEC.glob("*.md")), ids=lambda page: page.stem)
def test_an_anchor_is_the_number_of_its_rule(page: Path) -> None:
    """A heading has a number, an anchor is that number: neither hangs on the title."""
    rules = rules_of(page)
    assert list(rules) == [number.lower().replace(".", "") for number in rules.values()]
    headings = HEADING.findall(page.read_text(encoding="utf-8"))
    assert page == INDEX or all(RULE.match(heading) for heading in headings)


def test_no_number_stands_twice() -> None:
    """One rule, one place."""
    numbers = [number for page in SPEC.glob("*.md") for number in rules_of(page).values()]
    assert len(numbers) == len(RULES)


def test_every_link_to_a_rule_finds_its_anchor() -> None:
    """A page that links to a rule links to one that is there."""
    lost = [
        f"{page.relative_to(ROOT)}: {to.name}#{anchor}"
        for page in pages()
        for to, anchor in linked(page)
        if anchor not in rules_of(to)
    ]
    assert not lost


def test_every_rule_is_read_somewhere() -> None:
    """What neither code cites nor a page links to is no rule of this desk."""
    read = {number for path in code() for number in cited(path.read_text(encoding="utf-8"))}
    for page in pages():
        if page != INDEX:
            read.update(rules_of(to).get(anchor, "") for to, anchor in linked(page))
    unread = sorted(RULES - read)
    assert not unread
