"""Two versions side by side: aligned, marked, and quick also when everything changed."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.publications import body


def paragraphs(lines):
    return body.sanitise("".join(f"<p>{line}</p>" for line in lines))


def plain(html):
    return re.sub("<[^>]+>", "", html)


def test_changed_words_are_marked():
    old = body.sanitise(
        "<p>第一条 每台补贴18万元。</p><p>这一段删去了，不再保留。</p><table><tr><td>甲</td><td>18</td></tr></table>"
    )
    new = body.sanitise(
        "<p>第一条 每台补贴22万元。</p><table><tr><td>甲</td><td>22</td></tr><tr><td>乙</td><td>9</td></tr></table>"
    )
    rows = body.compare(old, new)
    assert [row.kind for row in rows] == ["changed", "removed", "changed", "added"]
    assert rows[0].old == ("第一条\u3000每台补贴<del>18</del>万元。",)
    assert rows[0].new == ("第一条\u3000每台补贴<ins>22</ins>万元。",)
    assert rows[2].new == ("甲", "<ins>22</ins>")
    assert rows[3].tag == "tr"
    assert rows[3].old is None


def test_equal_bodies_have_no_changes():
    html = paragraphs(["甲", "甲", "乙", "丙 &lt;b&gt;"])
    assert {row.kind for row in body.compare(html, html)} == {"same"}
    assert body.compare(html, html)[3].new == ("丙 &lt;b&gt;",)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.text("甲乙丙丁1 。", min_size=1, max_size=8), max_size=25),
    st.lists(st.text("甲乙丙丁1 。", min_size=1, max_size=8), max_size=25),
)
def test_both_sides_are_whole(first, second):
    old, new = paragraphs(first), paragraphs(second)
    rows = body.compare(old, new)
    for html, side in ((old, "old"), (new, "new")):
        words = [plain("\t".join(getattr(row, side))) for row in rows if getattr(row, side) is not None]
        assert words == body.to_text(html).splitlines()


def test_bounded():
    old = paragraphs([f"第{n}段原来的内容，编号{n * 7}。" for n in range(4000)])
    new = paragraphs([f"完全不同的另一段{n * 13}；" for n in range(4000)])
    rows = body.compare(old, new)
    same = body.compare(old, paragraphs([f"第{n}段原来的内容，编号{n * 7 + (n % 50 == 0)}。" for n in range(4000)]))
    assert len(rows) == 8000
    assert sum(row.kind == "changed" for row in same) == 80
    long = body.compare(paragraphs(["甲乙丙" * 20000]), paragraphs(["甲丙乙" * 20000]))
    assert len(long) <= 2
