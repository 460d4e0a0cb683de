"""Bodies bound to disclose, guides and what makes them out of date, negative lists."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from gongkai.core import transparency
from gongkai.core.acts import ActError, NotPermitted, perform
from gongkai.core.models import Unit
from gongkai.core.search import work as search_work
from gongkai.core.search.models import SearchChange
from gongkai.core.tests.factories import UnitFactory
from gongkai.publications.models import CatalogColumn
from gongkai.publications.registers import columns, negative, outward, periodic
from gongkai.publications.registers.models import (
    GUIDE_ELEMENTS,
    Catalog,
    DisclosureBody,
    Guide,
    GuideUpdate,
    NegativeList,
    RegisterVersion,
)
from gongkai.publications.tests.helpers import act, draft, review, through, values

pytestmark = pytest.mark.django_db


def said(**more):
    """A complete guide as it is typed."""
    return {**{name: f"{label}的内容" for name, label, *_ in GUIDE_ELEMENTS}, **more}


def fresh(case):
    """The record as it stands."""
    return type(case).objects.get(pk=case.pk)


@pytest.fixture
def guide(office):
    """A guide that is public."""
    Unit.objects.filter(pk=office.unit.pk).update(telephone="0000-1234501", address="云溪区安澜路3号")
    event = perform("disclosure-guide.write", None, office.officer, said(telephone="0000-1234501"))
    case = Guide.objects.get(pk=event.case.pk)
    perform("disclosure-guide.submit", case, office.officer, {})
    perform("disclosure-guide.approve", fresh(case), office.reviewer, {"note": "第一次公布"})
    return fresh(case)


# --- bodies -----------------------------------------------------------------------------------------------------------


@pytest.mark.duty("004-3a")
def test_bodies_are_proposed_confirmed_changed_and_struck_off(office, client):
    other = UnitFactory(parent=office.district, name="云溪区文化馆")
    client.force_login(office.supervisor)
    address = reverse("workbench:new", args=["disclosure-body", "propose"])
    client.post(address, {"units": [office.unit.pk, other.pk], "basis": "《政府信息公开条例》第二条"})
    first, second = DisclosureBody.objects.order_by("pk")
    assert (first.state, first.supervisor, first.turn_unit) == ("proposed", office.above, office.above)
    client.post(reverse("workbench:batch", args=["disclosure-body", "confirm"]), {"case": [first.pk, second.pk]})
    assert DisclosureBody.objects.filter(state="confirmed").count() == 2
    with pytest.raises(ActError, match="已经申报或列入"):
        perform("disclosure-body.propose", None, office.officer, {"basis": "条例"})
    with pytest.raises(ActError, match="只能申报自己任职的单位"):
        perform("disclosure-body.propose", None, office.officer, {"units": [office.above.pk], "basis": "条例"})
    perform("disclosure-body.change", fresh(first), office.officer, {"basis": "三定方案", "reason": "机构改革"})
    with pytest.raises(NotPermitted):
        perform("disclosure-body.strike", fresh(first), office.officer, {"reason": "合并"})
    perform("disclosure-body.strike", fresh(second), office.supervisor, {"reason": "撤销，职能并入区图书馆"})
    page = client.get(first.get_absolute_url()).content.decode()
    assert "三定方案" in page
    assert "机构改革" in page
    rows = client.get(reverse("registers:bodies")).content.decode()
    assert "已移出名单" in rows
    sheet = client.get(reverse("registers:bodies"), {"export": "xlsx"})
    assert sheet["Content-Type"].endswith("sheet")
    perform("disclosure-body.restore", fresh(second), office.supervisor, {"reason": "恢复设立"})
    perform("disclosure-body.decline", fresh(second), office.supervisor, {"reason": "不是行政机关"})
    assert fresh(second).state == "declined"


@pytest.mark.duty("004-3b", "004-4")
def test_one_public_list_names_each_bodys_catalog_and_guide(office, client, guide, django_assert_max_num_queries):
    perform("disclosure-body.propose", None, office.supervisor, {"units": [office.unit.pk], "basis": "条例第二条"})
    body = DisclosureBody.objects.get()
    assert "云溪区教育局</a>" not in client.get(reverse("bodies:index")).content.decode()
    perform("disclosure-body.confirm", body, office.supervisor, {})
    catalog = Catalog.objects.get(pk=perform("catalog.open", None, office.officer, {}).case.pk)
    columns.install(office.officer, office.unit)
    perform("catalog.submit", catalog, office.officer, {})
    perform("catalog.approve", fresh(catalog), office.leader, {})
    with django_assert_max_num_queries(5):
        page = client.get(reverse("bodies:index")).content.decode()
    for name in ("catalog", "guide"):
        assert reverse(f"bodies:{name}", args=["jiaoyu"]) in page
    assert (
        f'href="{reverse("bodies:guide", args=["jiaoyu"])}">政府信息公开指南</a>'
        in client.get(reverse("bodies:catalog", args=["jiaoyu"])).content.decode()
    )
    rules, annual = (CatalogColumn.objects.get(code=f"jiaoyu-{key}") for key in ("rules", "annual"))
    through(draft(office, title="区教育局政府信息公开工作制度", document_number="", column=rules.pk), office)
    through(draft(office, title="区教育局2025年政府信息公开工作年度报告", document_number="", column=annual.pk), office)
    page = client.get(reverse("bodies:body", args=["jiaoyu"])).content.decode()
    parts = [page.index(f'id="{part}"') for part in ("guide", "rules", "statutory", "annual")]
    assert parts == sorted(parts)
    assert "政府信息公开工作制度" in page
    assert "2025年政府信息公开工作年度报告" in page
    perform("disclosure-body.strike", fresh(body), office.supervisor, {"reason": "撤销"})
    assert client.get(reverse("bodies:body", args=["jiaoyu"])).status_code == 404


@pytest.mark.duty("004-2a")
def test_revised_rules_stand_in_the_part_for_rules_with_their_versions(office, client):
    columns.install(office.officer, office.unit)
    rules = CatalogColumn.objects.get(code="jiaoyu-rules")
    perform("disclosure-body.propose", None, office.supervisor, {"units": [office.unit.pk], "basis": "条例第二条"})
    perform("disclosure-body.confirm", DisclosureBody.objects.get(), office.supervisor, {})
    old = {"title": "区教育局政府信息公开工作制度", "document_number": "", "column": rules.pk}
    case = through(draft(office, **old), office)
    case = act("amend", case, office.officer, {"reason": "按新条例修订"})
    case = act("edit", case, office.officer, values(**{**old, "title": "区教育局政府信息公开工作制度（修订）"}))
    review(act("submit", case, office.officer), office)
    page = client.get(reverse("bodies:body", args=["jiaoyu"])).content.decode()
    assert "工作制度（修订）" in page
    assert case.public_address in page
    assert client.get(f"{case.public_address}versions/1/").status_code == 200


# --- guides -----------------------------------------------------------------------------------------------------------


@pytest.mark.duty("004-5a", "003-29e")
def test_a_guide_needs_every_element_of_article_12(office, client):
    client.force_login(office.officer)
    offered = client.get(reverse("workbench:new", args=["disclosure-guide", "write"])).content.decode()
    assert "信息处理费" in offered
    assert "20个工作日内答复" in offered
    event = perform("disclosure-guide.write", None, office.officer, said(fax="", hours=" "))
    case = Guide.objects.get(pk=event.case.pk)
    assert case.missing() == ["办公时间", "传真"]
    page = client.get(case.get_absolute_url()).content.decode()
    assert "办公时间、传真" in page
    with pytest.raises(ActError, match="办公时间"):
        perform("disclosure-guide.submit", case, office.officer, {})
    perform("disclosure-guide.edit", case, office.second, said(fax="无"))
    perform("disclosure-guide.submit", fresh(case), office.officer, {})
    perform("disclosure-guide.return", fresh(case), office.leader, {"reason": "请写清网上申请的入口。"})
    perform("disclosure-guide.submit", fresh(case), office.officer, {})
    perform("disclosure-guide.approve", fresh(case), office.leader, {})
    with pytest.raises(ActError, match="已经有政府信息公开指南"):
        perform("disclosure-guide.write", None, office.officer, said())


@pytest.mark.duty("004-5b")
def test_a_changed_telephone_asks_for_a_new_guide_which_shows_its_date(office, client, guide):
    page = client.get(reverse("bodies:guide", args=["jiaoyu"])).content.decode()
    today = timezone.localdate()
    assert f"更新日期：{today.year}年{today.month}月{today.day}日" in page
    assert "0000-1234501" in page
    client.force_login(office.admin)
    unit = Unit.objects.get(pk=office.unit.pk)
    typed = {
        "code": unit.code, "kind": unit.kind, "parent": unit.parent_id, "ordinal": 1, "telephone": "0000-7654321",
        "address": unit.address, "active": "on", "aliases": "",
    }  # fmt: skip
    assert client.post(reverse("workbench:unit", args=[unit.pk]), typed).status_code == 302
    update = GuideUpdate.objects.get()
    assert update.changes == [["联系电话", "0000-1234501", "0000-7654321"]]
    assert (update.unit, update.clock.amount, update.clock.unit) == (office.unit, 10, "workday")
    # Another change before the guide is renewed belongs to the same to-do.
    unit.refresh_from_db()
    unit.address = "云溪区安澜路8号"
    unit.save()
    assert len(GuideUpdate.objects.get().changes) == 2
    client.force_login(office.officer)
    assert "打开公开指南" in client.get(update.get_absolute_url()).content.decode()
    perform("disclosure-guide.revise", guide, office.officer, {})
    perform("disclosure-guide.edit", fresh(guide), office.officer, said(telephone="0000-7654321", address=unit.address))
    assert "0000-7654321" not in _guide_text(client)
    perform("disclosure-guide.submit", fresh(guide), office.officer, {})
    perform("disclosure-guide.approve", fresh(guide), office.reviewer, {"note": "电话、地址变更"})
    assert (fresh(update).state, fresh(update).on_time) == ("done", True)
    assert "0000-7654321" in _guide_text(client)
    assert "电话、地址变更" in client.get(reverse("bodies:guide", args=["jiaoyu"])).content.decode()
    assert RegisterVersion.objects.filter(record=guide.pk).count() == 2
    assert periodic.guides_due(timezone.now()) == 0


def _guide_text(client) -> str:
    page = client.get(reverse("bodies:guide", args=["jiaoyu"])).content.decode()
    return page.split('<dl class="facts">')[1].split("</dl>")[0]


def test_a_change_that_does_not_concern_the_guide_is_dismissed_for_good(office, guide):
    Unit.objects.filter(pk=office.unit.pk).update(address="云溪区学府路1号")
    assert periodic.guides_due(timezone.now()) == 1
    perform("guide-update.dismiss", GuideUpdate.objects.get(), office.officer, {"reason": "公开科室没有搬。"})
    assert periodic.guides_due(timezone.now() + dt.timedelta(days=1)) == 0


# --- negative lists ---------------------------------------------------------------------------------------------------

ENTRY = {
    "entry_name": "教师人事档案", "ground": "X16a", "basis": "《政府信息公开条例》第十六条第一款", "note": "",
}  # fmt: skip


@pytest.mark.duty("000-2a")
def test_a_negative_list_is_written_reviewed_public_and_offered(office, client):
    client.force_login(office.officer)
    client.post(reverse("workbench:new", args=["negative-list", "open"]), {})
    case = NegativeList.objects.get()
    with pytest.raises(ActError, match="还没有条目"):
        perform("negative-list.submit", case, office.officer, {})
    client.post(reverse("workbench:act", args=[case.pk, "add_entry"]), ENTRY)
    perform(
        "negative-list.add_entry", fresh(case), office.officer, {**ENTRY, "entry_name": "学生成绩", "ground": "X15"}
    )
    with pytest.raises(ActError, match="已经有"):
        perform("negative-list.add_entry", fresh(case), office.officer, ENTRY)
    perform("negative-list.remove_entry", fresh(case), office.officer, {
        "entry": case.entries.get(name="学生成绩").pk, "reason": "合并到个人信息一条"})  # fmt: skip
    assert negative.entries_for(office.unit.pk) == []
    perform("negative-list.submit", fresh(case), office.officer, {})
    perform("negative-list.approve", fresh(case), office.leader, {})
    page = client.get(reverse("bodies:negative", args=["jiaoyu"])).content.decode()
    assert "教师人事档案" in page
    assert "第十六条第一款" in page
    assert negative.entries_for(office.unit.pk)[0][0] == "01 教师人事档案"


@pytest.mark.duty("000-2a")
@pytest.mark.parametrize(
    ("typed", "ground", "words"),
    [
        ("", "", ""),
        ("01", "X16a", ""),
        ("教师人事档案", "", ""),
        ("01 教师人事档案", "X16a", ""),
        ("01", "X15", "法定情形和所选的不一致"),
        ("会议纪要", "X16b", "不在本单位公布的负面清单里"),
    ],
)
def test_an_entry_that_is_named_must_be_on_the_list(office, typed, ground, words):
    perform("negative-list.open", None, office.officer, {})
    case = NegativeList.objects.get()
    assert negative.check_entry(office.unit.pk, "随便什么") == "", "without a list nothing is asked"
    perform("negative-list.add_entry", case, office.officer, ENTRY)
    perform("negative-list.submit", fresh(case), office.officer, {})
    perform("negative-list.approve", fresh(case), office.reviewer, {})
    found = negative.check_entry(office.unit.pk, typed, ground)
    assert (words in found) if words else not found


# --- the log and the search index ---------------------------------------------------------------------------------------


def test_a_guide_that_goes_public_or_changes_is_in_the_log_and_in_the_search_index(office, guide, client):
    subject = outward.subject_of(guide.pk, Guide.KIND)
    first = transparency.entries_of(subject)
    assert [(entry.act, entry.version) for entry in first] == [("published", 1)]
    version = RegisterVersion.objects.get(record=guide.pk, current=True)
    assert SearchChange.objects.filter(source="register", object_id=version.pk).exists()
    found = outward.document(outward.rows().get(pk=version.pk))
    assert found.public
    assert found.url == "/bodies/jiaoyu/guide/"
    assert "0000-1234501" in found.body
    perform("disclosure-guide.revise", guide, office.officer, {})
    perform("disclosure-guide.edit", fresh(guide), office.officer, said(telephone="0000-7654321"))
    assert len(transparency.entries_of(subject)) == 1
    perform("disclosure-guide.submit", fresh(guide), office.officer, {})
    perform("disclosure-guide.approve", fresh(guide), office.reviewer, {"note": "电话变更"})
    entries = transparency.entries_of(subject)
    assert [(entry.act, entry.version) for entry in entries] == [("published", 1), ("amended", 2)]
    assert entries[0].content != entries[1].content
    assert [row.number for row in outward.rows()] == [2]
    search_work.drain()
    hits = client.get("/search/", {"q": "0000-7654321"}).content.decode()
    assert "/bodies/jiaoyu/guide/" in hits
    assert "/bodies/jiaoyu/guide/" not in client.get("/search/", {"q": "0000-1234501"}).content.decode()
    assert transparency.address_of(subject) in client.get("/bodies/jiaoyu/guide/").content.decode()
    assert client.get(transparency.address_of(subject)).status_code == 200


def test_catalogs_and_negative_lists_are_recorded_too(office):
    columns.install(office.officer, office.unit)
    perform("catalog.open", None, office.officer, {})
    perform("negative-list.open", None, office.officer, {})
    perform("negative-list.add_entry", NegativeList.objects.get(), office.officer, ENTRY)
    for model, words in ((Catalog, "财政预算决算"), (NegativeList, "教师人事档案")):
        perform(f"{model.KIND}.submit", model.objects.get(), office.officer, {})
        perform(f"{model.KIND}.approve", model.objects.get(), office.reviewer, {})
        case = model.objects.get()
        entry = transparency.entries_of(outward.subject_of(case.pk, model.KIND))[0]
        assert (entry.act, entry.version) == ("published", 1)
        assert words in outward.document(outward.rows().get(record=case.pk)).body
