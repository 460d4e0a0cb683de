"""Lists, facets and their counters."""

from __future__ import annotations

import pytest

from gongkai.publications import counts, public_queries
from gongkai.publications.models import CatalogColumn, PublicDocument
from gongkai.publications.readers.models import FacetCount, ListEntry
from gongkai.publications.tests.helpers import act, draft, fresh, through

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(office):
    """A notice, a normative announcement, a document in a column."""
    column = CatalogColumn.objects.create(
        code="zhaosheng", title="招生信息", unit=office.unit, statutory_item="（十一）"
    )
    return [
        through(draft(office), office),
        through(
            draft(office, title="办学规定", document_kind="公告", normative="on", policy="on", effective_on="2026-11-02",
                  plan="不需要解读：内容简单", document_number="云教发〔2026〕9号"),
            office,
        ),
        through(draft(office, title="招生名额", column=column.pk, document_number="", made_on="2025-06-01"), office),
    ]  # fmt: skip


def test_counters_follow_every_change(office, three):
    assert counts.verify() == []
    assert public_queries.total() == 3
    assert public_queries.total("policy") == public_queries.total("normative") == 1
    act("change_validity", three[1], office.reviewer, {"validity": "repealed", "day": "2026-11-10"})
    assert counts.verify() == []
    assert public_queries.total("policy") == 0
    assert public_queries.total("policy-past") == 1
    act("withdraw", three[0], office.officer, {"reason": "重复发布"})
    assert counts.verify() == []
    assert public_queries.total() == 2
    case = act("amend", fresh(three[2]), office.officer, {"reason": "改正"})
    assert case.state == "draft"
    assert counts.verify() == []


def test_verify_finds_and_repairs_what_was_changed_behind_its_back(three):
    FacetCount.objects.filter(pk=counts.key("all", {})).update(number=9)
    ListEntry.objects.filter(document=three[0].pk).delete()
    assert len(counts.verify()) == 2
    counts.verify(repair=True)
    assert counts.verify() == []


def test_facets_narrow_down_and_count_what_remains(client, office, three, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        page = client.get("/information/?kind=通知").content.decode()
    assert "共2件" in page
    assert "办学规定" not in page
    page = client.get("/information/?kind=通知&year=2025").content.decode()
    assert "共1件" in page
    assert "招生名额" in page
    assert "共3件" in client.get("/information/?kind=不存在&unit=nothing").content.decode()
    assert "共1件" in client.get(f"/information/?unit={office.unit.code}&validity=valid").content.decode()
    assert "共2件" in client.get("/information/?validity=none").content.decode()


def test_every_combination_is_what_a_plain_question_finds(three):
    rows = list(PublicDocument.objects.all())
    shown = counts.values_of("all")
    for kind in shown["kind"]:
        for year in shown["year"]:
            found = public_queries.listing("all", {"kind": kind, "year": year})
            plain = [row.pk for row in rows if row.document_kind == kind and str(row.year) == year]
            assert found.total == len(plain)
            assert sorted(row.pk for row in found.rows) == sorted(plain)


def test_pages_follow_by_key_in_both_directions(three):
    first = public_queries.listing("all", {}, size=2)
    assert [row.pk for row in first.rows] == [three[2].pk, three[1].pk]
    assert not first.before
    second = public_queries.listing("all", {}, after=first.after, size=2)
    assert [row.pk for row in second.rows] == [three[0].pk]
    assert not second.after
    back = public_queries.listing("all", {}, before=second.before, size=2)
    assert [row.pk for row in back.rows] == [row.pk for row in first.rows]


@pytest.mark.duty("003-28a", "001-4b")
def test_policies_stand_in_one_library_in_force_first(client, office, three):
    page = client.get("/information/policies/").content.decode()
    assert "办学规定" in page
    assert "招生名额" not in page
    act("change_validity", three[1], office.reviewer, {"validity": "repealed", "day": "2026-11-10"})
    assert "办学规定" not in client.get("/information/policies/").content.decode()
    assert "办学规定" in client.get("/information/policies/?state=past").content.decode()


@pytest.mark.duty("002-17a")
def test_normative_documents_in_force_are_listed_by_unit(client, office, three):
    page = client.get("/information/normative/").content.decode()
    assert "各单位现行有效1件" in page
    assert f"?unit={office.unit.code}" in page
    assert "办学规定" in client.get(f"/information/normative/?unit={office.unit.code}").content.decode()


@pytest.mark.duty("004-4", "004-46a")
def test_the_disclosure_column_has_its_four_parts(client, office, three):
    guide = CatalogColumn.objects.create(code="zhinan", title="公开指南", part="guide", unit=office.unit)
    empty = CatalogColumn.objects.create(code="kong", title="空栏目", unit=office.unit)
    through(draft(office, title="区教育局政府信息公开指南", column=guide.pk, document_number=""), office)
    for path in ("/information/disclosure/", f"/information/disclosure/{office.unit.code}/"):
        page = client.get(path).content.decode()
        for label in ("政府信息公开指南", "政府信息公开制度", "法定主动公开内容", "政府信息公开年报"):
            assert label in page
        assert "区教育局政府信息公开指南" in page
        assert "扶贫、教育、医疗" in page
        assert "招生信息" in page
        assert "空栏目" not in page
    assert client.get(f"/information/columns/{empty.code}/").status_code == 404
    assert "招生名额" in client.get("/information/columns/zhaosheng/").content.decode()
    body = client.get(f"/information/units/{office.unit.code}/").content.decode()
    assert "招生信息" in body
    assert "空栏目" not in body


def test_columns_of_one_title_say_whose_they_are(office, three):
    from gongkai.publications.public_queries import Branch
    from gongkai.publications.templatetags.information import branch_tree

    mine = CatalogColumn.objects.get(code="zhaosheng")
    common = CatalogColumn(code="common", title=mine.title)
    assert f">{mine.title}</a>" in branch_tree([Branch(mine, 1)])
    both = branch_tree([Branch(mine, 1), Branch(common, 2)])
    assert f">{office.unit}：{mine.title}</a>" in both
    assert f">{mine.title}</a>" in both


@pytest.mark.parametrize(
    ("words", "item"),
    [("20.7", "20.7"), ("第二十条第（七）项", "20.7"), ("（十五）", "20.15"), ("第二十一条", "21"), ("21", "21"), ("", ""),
     ("第二十条第十一项", "20.11")],
)  # fmt: skip
def test_columns_name_their_item_in_several_ways(words, item):
    from gongkai.publications import catalog

    assert catalog.item_of(words) == item


def test_feeds_list_what_the_pages_list(client, office, three):
    for path in (
        "feed.atom",
        "policies/feed.atom",
        f"units/{office.unit.code}/feed.atom",
        "columns/zhaosheng/feed.atom",
    ):
        response = client.get(f"/information/{path}")
        assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
        assert not response.has_header("Last-Modified")
    assert "招生名额" in client.get("/information/columns/zhaosheng/feed.atom").content.decode()
    assert "招生名额" not in client.get("/information/policies/feed.atom").content.decode()
