"""The gold of the corpus says only what stands in its notices."""

import json
import re
from pathlib import Path

import pytest

from gongkai import reading

CORPUS = Path(__file__).parent
GOLD = sorted(CORPUS.glob("*.json"))
ROLES = {"lead", "responsible", "cooperating"}
KINDS = {"date", "duration", "recurring"}


def bare(text: str) -> str:
    """Return text without tags and without any white space."""
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", text))


def read(path: Path) -> str:
    """Return the text of a notice, which is UTF-8 or else GB18030."""
    raw = path.read_bytes()
    if any(mark in raw for mark in ("┌".encode(), b"+--")):
        return reading.read(raw, path.name).text  # lines are drawn through the words
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("gb18030")


@pytest.mark.parametrize("path", GOLD, ids=lambda path: path.stem)
def test_gold_stands_in_its_notice(path: Path) -> None:
    gold = json.loads(path.read_text(encoding="utf-8"))
    text = bare(read(CORPUS / gold["file"]))
    assert gold["tasks"]
    for task in gold["tasks"]:
        assert bare(task["text"]) in text
        assert task["assignments"]
        for assignment in task["assignments"]:
            assert assignment["role"] in ROLES
            assert bare(assignment["unit"]) in text
        for deadline in task["deadlines"]:
            assert deadline["kind"] in KINDS
            assert (deadline["date"] is not None) == (deadline["kind"] == "date")
            assert bare(deadline["text"]) in text
        for target in task["targets"]:
            assert target["op"] in {">=", "<="}
            assert bare(target["text"]) in text
        for citation in task["citations"]:
            assert bare(citation["title"]) in text


def test_every_notice_is_described() -> None:
    readme = (CORPUS / "README.md").read_text(encoding="utf-8")
    assert [path.stem for path in GOLD if f"| {path.stem} |" not in readme] == []
