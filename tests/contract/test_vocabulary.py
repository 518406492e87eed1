"""Names and sentences use the field's words: tests/support/vocabulary.py has the list."""

from pathlib import Path
from typing import Final

import pytest

from tests.support.vocabulary import PHRASES, ROOT, TERMS, misnamed, misworded

_NAMED: Final = tuple(
    path
    for folder, kind in (
        ("services", "*.py"),
        ("tests/support", "*.py"),
        ("proto/pitwire", "*.proto"),
        ("config", "*.toml"),
    )
    for path in sorted((ROOT / folder).rglob(kind))
)
_WORDED: Final = tuple(sorted((ROOT / "services").rglob("*.py")))


@pytest.mark.parametrize("path", _NAMED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_names_are_the_fields_words(path: Path) -> None:
    """A name that has another word in this field is listed with that word."""
    found = misnamed(path)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", _WORDED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_sentences_are_plain_english(path: Path) -> None:
    """Services report, require and listen; they do not say, promise or hear."""
    found = misworded(path)
    assert not found, "\n".join(found)


@pytest.fixture
def written(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for the root."""
    root = tmp_path_factory.mktemp("root")
    monkeypatch.setattr("tests.support.vocabulary.ROOT", root)
    return root


@pytest.mark.parametrize(
    ("file", "source", "expected"),
    [
        ("risk/a.py", "def f() -> None:\n    said = 1", ["said"]),
        ("risk/a.py", "class Checkup:\n    pass", ["Checkup"]),
        ("risk/a.py", "def take(self, lane: int) -> None: ...", ["take", "lane"]),
        ("risk/a.py", "self.months = 1\nfor word in (): ...", ["months", "word"]),
        ("domain/contracts.py", "months = 12", []),
        ("risk/upkeep.py", "", ["upkeep"]),
        ("risk/a.py", "published = said(told=1)", []),
        (
            "risk/a.proto",
            "message Checkup {\n  // said\n  int32 told = 1;\n}",
            ["Checkup", "told"],
        ),
        (
            "risk/a.toml",
            "[checkup]\nlimits_in_force = 1  # told\nname = 'said'",
            [
                "checkup",
                "limits_in_force",
            ],
        ),
    ],
)
def test_a_name_is_found_where_it_is_given(
    written: Path, file: str, source: str, expected: list[str]
) -> None:
    """Definitions, parameters, variables, fields, keys, modules; not uses, comments or values."""
    path = written / file
    path.parent.mkdir()
    path.write_text(source, encoding="utf-8")
    assert [line.split(": ")[1].split(",")[0] for line in misnamed(path)] == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("print('risk says no')", ["says"]),
        ("# told by nobody's leave", ["told", "nobody's"]),
        ('"""Waits until the latch that closes is reset."""', ["latch that closes"]),
        ("print('the saying of the essay', 'said')", ["saying"]),
        ("print('closed by the operator; a latch trips')", []),
    ],
)
def test_a_phrase_is_found(written: Path, source: str, expected: list[str]) -> None:
    """In comments, docstrings and every text of more than one word."""
    path = written / "a.py"
    path.write_text(source, encoding="utf-8")
    assert [line.split(": ")[1].split(", expected")[0] for line in misworded(path)] == expected


def test_every_pattern_has_a_word_of_its_own() -> None:
    """No pattern stands twice, and each has its replacement."""
    words = [word for term in TERMS for word in term.words.split("|")]
    assert len(words) == len(set(words))
    assert all(term.instead for term in TERMS)
    assert all(PHRASES.values())
