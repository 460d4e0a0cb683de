"""What both implementations must do."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from gongkai.core.search import AttachedText, text
from gongkai.core.search.content import content_of
from gongkai.core.search.query import PUBLIC, Scope
from gongkai.core.search.service import find, suggest
from gongkai.core.search.tantivy_index import TantivyIndex

pytestmark = pytest.mark.django_db
SENTENCES = (
    "为深入推进政务公开，制定本方案", "区政府各部门要主动公开政府信息", "公开内容包括公开指南和公开目录", "政府信息公开条例第二十条",
    "加装电梯的补贴由区级财政承担", "二〇二六年度财政预算公开", "2026年5月18日前报送", "依据临云政办发〔2026〕5号文件", "公开公开再公开",
    "關於住房公積金的規定", "ＰＭ２．５监测数据", "第3条第12款", "信息。公开", "信息，公开指南",
)  # fmt: skip


def titles(results) -> list[str]:
    return [str(hit.title).replace("<mark>", "").replace("</mark>", "") for hit in results.hits]


def test_counts_equal_a_substring_scan(held, make) -> None:
    chance = random.Random(7)
    documents = [
        make(pk, f"第{pk}件{chance.choice(SENTENCES)}", "。".join(chance.choices(SENTENCES, k=chance.randint(1, 9))))
        for pk in range(1, 401)
    ]
    held.rebuild(documents)
    haystacks = [text.haystack(content_of(document).text) for document in documents]
    asked = {"公开", "信息公开", "政府信息", "公开公开", "开公", "公", "区", "电梯的补贴由", "政府信息公开条例第二十条"}
    runs = [run for document in documents[:60] for run in text.runs(content_of(document).text)]
    while len(asked) < 250:
        atoms = text.atoms(chance.choice(runs))
        start = chance.randrange(len(atoms))
        asked.add("".join(atoms[start : start + chance.choice((1, 2, 2, 3, 4, 4, 5, 6, 8, 9, 12))]))
    checked = 0
    for query in sorted(asked):
        folded = text.fold(query)
        if len(text.runs(folded)) != 1 or "".join(text.runs(folded)) != folded:
            continue
        truth = sum(text.spell(text.atoms(folded)) in haystack for haystack in haystacks)
        assert find(f"“{query}”", PUBLIC, exact=True).total == truth, query
        checked += 1
    assert checked > 200


def test_an_index_made_for_few_documents_asks_to_be_made_anew(held, make, monkeypatch) -> None:
    monkeypatch.setattr("gongkai.core.search.tantivy_index.OUTGROWN_LEAST", 10)
    held.rebuild([make(pk, "公开") for pk in range(1, 4)])
    held.update([make(pk, "公开") for pk in range(4, 12)])
    assert not held.outgrown()
    held.update([make(12, "公开")])
    assert held.outgrown() == isinstance(held, TantivyIndex)
    held.rebuild([make(pk, "公开") for pk in range(1, 13)])
    assert not held.outgrown()


def test_title_number_and_phrase_first(held, make) -> None:
    held.update(
        [
            make(1, "关于印发工作方案的通知", "文中提到加装电梯补贴办法一次", day=dt.date(2026, 6, 1)),
            make(2, "加装电梯补贴办法", "正文", numbers=("临云政规〔2026〕3号",), day=dt.date(2024, 1, 1)),
            make(3, "解读加装电梯补贴办法", "正文", day=dt.date(2025, 1, 1)),
            make(4, "批复", "按照临云政规〔2026〕3号执行"),
        ]
    )
    assert titles(find("加装电梯补贴办法", PUBLIC)) == [
        "加装电梯补贴办法",
        "解读加装电梯补贴办法",
        "关于印发工作方案的通知",
    ]
    for typed in ("临云政规〔2026〕3号", "临云政规2026 3", "云政规[2026]第3号", "2026年3号", "临云政规3号"):
        found = find(typed, PUBLIC)
        assert titles(found)[0] == "加装电梯补贴办法", typed
    assert find("临云政规〔2026〕3号", PUBLIC).total == 2
    assert find("加装电梯补贴办法", PUBLIC, by_day=True).hits[0].pk == 1


def test_what_binds_comes_before_the_news_of_it(held, make) -> None:
    """Among equal matches; neither over a match in the title, nor once it is past."""
    held.update(
        [
            make(1, "我区加装电梯工作动态", "加装电梯。" * 30, category="工作动态", day=dt.date(2026, 11, 1)),
            make(2, "既有住宅加装电梯补贴通知", "正文", category="通知", day=dt.date(2023, 1, 1), validity="有效"),
            make(3, "加装电梯补贴试行意见", "正文", category="意见", day=dt.date(2019, 1, 1), validity="废止"),
            make(4, "住房工作意见", "其中加装电梯一节", category="意见", day=dt.date(2026, 1, 1), validity="有效"),
            make(5, "住房工作座谈", "谈到加装电梯", category="工作动态", day=dt.date(2026, 6, 1)),
        ]
    )
    found = [hit.pk for hit in find("加装电梯", PUBLIC).hits]
    assert found[0] == 2
    assert set(found[1:3]) == {1, 3}
    assert found[3:] == [4, 5]
    assert find("加装电梯", PUBLIC, by_day=True).hits[0].pk == 1


def test_folded_dates_and_attachments(held, make) -> None:
    held.update(
        [
            make(
                1,
                "關於住房公積金提取的通知",
                "職工提取公積金",
                attachments=(AttachedText("附表.xls", "公积金明细\n公积金"),),
            ),
            make(2, "会议公告", "会议定于2026年6月3日举行", day=dt.date(2026, 5, 1)),
        ]
    )
    hit = find("公积金", PUBLIC).hits[0]
    assert (hit.pk, hit.attachment_hits) == (1, 2)
    assert "<mark>公積金</mark>" in hit.title
    assert find("明细", PUBLIC).total == 1
    assert [hit.pk for hit in find("2026年06月03日", PUBLIC).hits] == [2]
    assert [hit.pk for hit in find("2026-05-01", PUBLIC).hits] == [2]
    assert {hit.pk for hit in find("2026年5月", PUBLIC).hits} == {1, 2}


def test_changes_and_removals(held, make) -> None:
    held.update([make(1, "旧标题"), make(2, "另一个标题")])
    held.update([make(1, "新标题")])
    assert find("旧标题", PUBLIC, exact=True).total == 0
    assert titles(find("新标题", PUBLIC)) == ["新标题"]
    held.update([], [("x", 1)])
    assert find("新标题", PUBLIC, exact=True).total == 0
    assert {(source, pk) for source, pk, _ in held.fingerprints()} == {("x", 2)}
    assert held.rebuild([make(3, "重建以后")]) == 1
    assert find("标题", PUBLIC).total == 0
    assert find("重建", PUBLIC).total == 1


def test_facets_count_as_if_their_own_filter_were_off(held, make) -> None:
    held.update(
        [
            make(1, "补贴甲", validity="现行有效", unit=5, day=dt.date(2026, 1, 1)),
            make(2, "补贴乙", validity="已废止", unit=5, day=dt.date(2025, 1, 1)),
            make(3, "补贴丙", validity="现行有效", unit=6, day=dt.date(2025, 1, 1), category="公示"),
        ]
    )
    found = find("补贴", PUBLIC)
    assert dict(found.facets["validity"]) == {"现行有效": 2, "已废止": 1}
    assert found.facets["year"] == [(2026, 1), (2025, 2)]
    found = find("补贴", PUBLIC, filters={"validity": "现行有效", "unit": 5})
    assert (found.total, [hit.pk for hit in found.hits]) == (1, [1])
    assert dict(found.facets["validity"]) == {"现行有效": 1, "已废止": 1}
    assert dict(found.facets["unit"]) == {5: 1, 6: 1}
    assert dict(found.facets["category"]) == {"政策文件": 1}


def test_who_asks_is_part_of_the_question(held, make) -> None:
    held.update(
        [
            make(1, "公开的补贴", unit=5),
            make(2, "五局的补贴", public=False, unit=5),
            make(3, "六局的补贴", public=False, unit=6, shared_units=(7,)),
            make(4, "大家的补贴", public=False, everyone=True),
        ]
    )

    def seen(scope: Scope) -> set[int]:
        found = find("补贴", scope)
        # The number and the facets tell no more than the hits.
        assert found.total == len(found.hits)
        assert sum(number for _, number in found.facets["year"]) == found.total
        return {hit.pk for hit in found.hits}

    assert seen(PUBLIC) == {1}
    assert seen(Scope(public_only=False)) == {1, 4}
    assert seen(Scope(public_only=False, owners=frozenset({5}), shared=frozenset({5}))) == {1, 2, 4}
    assert seen(Scope(public_only=False, owners=frozenset({7}), shared=frozenset({7}))) == {1, 3, 4}
    assert seen(Scope(public_only=False, owners=None, not_owners=frozenset({6}))) == {1, 2, 4}
    assert "五局的补贴" not in suggest("五局", PUBLIC)


def test_pages_hold_every_hit_once(held, make) -> None:
    held.update([make(pk, f"第{pk}号补贴", "补贴" * (pk % 7)) for pk in range(1, 36)])
    pages = [find("补贴", PUBLIC, page=page) for page in (1, 2, 3, 4)]
    listed = [hit.pk for page in pages for hit in page.hits]
    assert (pages[0].total, pages[0].pages) == (35, 4)
    assert sorted(listed) == list(range(1, 36))
    assert find("补贴", PUBLIC, page=999).hits == []


def test_long_queries_loosen(held, make) -> None:
    held.update([make(1, "加装电梯的补贴怎么领", "到窗口申请"), make(2, "电梯检验", "没有钱")])
    found = find("怎么申请电梯补贴", PUBLIC)
    assert found.strict == 0
    assert [hit.pk for hit in found.hits] == [1]
    assert "补贴" in found.parts
    assert find("怎么申请电梯补贴", PUBLIC, exact=True).total == 0


def test_snippets_are_escaped(held, make) -> None:
    held.update([make(1, "<script>alert(1)</script>补贴", "一段<img src=x onerror=alert(1)>补贴&文字")])
    hit = find("补贴", PUBLIC).hits[0]
    assert "<script" not in hit.title
    assert "<img" not in hit.snippet
    assert "<mark>补贴</mark>" in hit.snippet


def test_suggestions(held, make) -> None:
    held.update([make(1, "加装电梯补贴办法"), make(2, "电梯检验"), make(3, "内部加装", public=False)])
    assert "加装电梯补贴办法" in suggest("加装", PUBLIC)
    assert "内部加装" not in suggest("加装", PUBLIC)


def test_queries_to_the_database_do_not_grow(held, make, django_assert_max_num_queries) -> None:
    held.update([make(pk, f"第{pk}号补贴", unit=pk) for pk in range(1, 30)])
    find("补贴", PUBLIC)
    with django_assert_max_num_queries(4):
        find("补贴", PUBLIC)


NASTY = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="\"'“”()[]〔〕+-*?:\\/^~&|!{}<>%_\x00\x1f\ud800 公开2026年号a", max_size=60),
    st.sampled_from(
        ["公开" * 5000, "\x00", "a" * 10_000, "%" * 500, "\\", "'; DROP TABLE x; --", "*:*", "〔2026〕" * 200]
    ),
)


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=NASTY, page=st.integers(-5, 10**6), by_day=st.booleans())
def test_no_query_fails(held, make, typed: str, page: int, by_day: bool) -> None:
    held.update([make(1, "公开 100%_\\ 补贴 a", "2026年公开")])
    found = find(typed, PUBLIC, page=page, by_day=by_day, counted=True)
    suggest(typed)
    assert found.total >= len(found.hits)


@hypothesis_settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=st.text(max_size=50), body=st.text(max_size=200))
def test_no_document_fails(held, make, title: str, body: str) -> None:
    held.update([make(1, title, body, numbers=(title,), attachments=(AttachedText(title, body),))])
    assert [pk for _, pk, _ in held.fingerprints()] == [1]
