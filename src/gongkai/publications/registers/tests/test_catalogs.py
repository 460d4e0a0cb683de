"""Catalogs: the template, the tree, Excel, merging, versions, the clock of columns, their pages."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from gongkai.core.acts import ActError, perform
from gongkai.core.measures import Scope, measures
from gongkai.core.models import Case
from gongkai.core.models.units import UnitKind
from gongkai.core.tests.factories import UnitFactory
from gongkai.publications.models import CatalogColumn, PublicDocument
from gongkai.publications.registers import columns, periodic
from gongkai.publications.registers.freshness import Standing
from gongkai.publications.registers.models import Catalog, ColumnUpdate, RegisterVersion
from gongkai.publications.tests.helpers import draft, fresh, through

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalog(office):
    """The bureau's catalog, with the columns of the regulation."""
    case = Catalog.objects.get(pk=perform("catalog.open", None, office.officer, {}).case.pk)
    columns.install(office.officer, office.unit)
    return case


@pytest.mark.duty("000-2c", "001-14a", "004-10a")
def test_the_template_has_the_fifteen_items_and_the_fields_of_the_level(office):
    assert columns.install(None, office.unit) == 26
    assert columns.install(None, office.unit) == 0, "a second run makes nothing"
    items = CatalogColumn.objects.filter(unit=office.unit, statutory_item__startswith="20.").count()
    assert items == 15
    town = UnitFactory(kind=UnitKind.TOWN, parent=office.district, code="anlan")
    columns.install(None, town)
    titles = set(CatalogColumn.objects.filter(unit=town, statutory_item="21").values_list("title", flat=True))
    assert "农村土地承包经营权流转" in titles
    assert "治安管理" not in titles
    assert CatalogColumn.objects.filter(unit=town, part="guide").exists()
    assert CatalogColumn.objects.filter(unit=town, part="annual").exists()


@pytest.mark.duty("000-2c", "000-2d")
def test_columns_are_made_changed_moved_and_closed_over_http(office, client, catalog):
    client.force_login(office.officer)
    page = client.get(reverse("registers:catalog", args=["jiaoyu"])).content.decode()
    assert "财政预算决算" in page
    new = {
        "title": "招生入学",
        "code": "jiaoyu-zhaosheng",
        "part": "statutory",
        "freshness": "notices",
        "basis": "工作要点",
    }
    assert client.post(reverse("registers:column-new", args=["jiaoyu"]), new).status_code == 302
    column = CatalogColumn.objects.get(code="jiaoyu-zhaosheng")
    assert (column.unit, column.owner) == (office.unit, office.unit)
    last = columns.tree(columns.of_unit(office.unit))[-1].column
    assert last == column
    client.post(reverse("registers:column-move", args=[column.pk]), {"to": "up"})
    assert columns.tree(columns.of_unit(office.unit))[-2].column == column
    heading = CatalogColumn.objects.get(code="jiaoyu-local")
    answer = client.post(reverse("registers:column-close", args=[heading.pk]), follow=True)
    assert "下面还有在用的栏目" in answer.content.decode()
    client.post(reverse("registers:column-close", args=[column.pk]))
    column.refresh_from_db()
    assert not column.active
    # Below itself a column cannot stand.
    child = CatalogColumn.objects.filter(parent=heading).first()
    wrong = {"title": "基层", "code": heading.code, "part": "statutory", "parent": child.pk}
    assert client.post(reverse("registers:column", args=[heading.pk]), wrong).status_code == 422


def test_other_bodies_catalogs_are_closed_to_strangers(office, client, catalog):
    stranger = UnitFactory(parent=office.district, code="qita")
    columns.install(None, stranger)
    client.force_login(office.officer)
    assert client.get(reverse("registers:catalog", args=["qita"])).status_code == 404
    assert client.post(reverse("registers:catalog-install", args=["common"])).status_code == 403
    client.force_login(office.supervisor)
    assert client.get(reverse("registers:catalog", args=["qita"])).status_code == 200
    assert client.post(reverse("registers:catalog-install", args=["common"])).status_code == 302
    assert CatalogColumn.objects.filter(unit__isnull=True, part="rules").exists()


@pytest.mark.duty("004-10b", "000-2d")
def test_a_version_is_reviewed_by_somebody_else_and_made_public(office, client, catalog):
    catalog.refresh_from_db()
    perform("catalog.submit", catalog, office.officer, {})
    catalog.refresh_from_db()
    # The supervisor is no author and may approve; nobody sees it before.
    assert client.get(reverse("bodies:catalog", args=["jiaoyu"])).status_code == 404
    client.force_login(office.reviewer)
    client.post(reverse("workbench:act", args=[catalog.pk, "approve"]), {"note": "第一版"})
    version = RegisterVersion.objects.get(record=catalog.pk)
    assert len(version.content["rows"]) == 26
    page = client.get(reverse("bodies:catalog", args=["jiaoyu"])).content.decode()
    assert "《政府信息公开条例》第二十条第（七）项" in page
    assert "更新日期" in page
    catalog.refresh_from_db()
    perform("catalog.revise", catalog, office.second, {})
    CatalogColumn.objects.filter(code="jiaoyu-item7").update(title="部门预决算")
    catalog.refresh_from_db()
    perform("catalog.submit", catalog, office.second, {})
    catalog.refresh_from_db()
    assert "部门预决算" not in client.get(reverse("bodies:catalog", args=["jiaoyu"])).content.decode()
    perform("catalog.approve", catalog, office.leader, {"note": "改名"})
    now = client.get(reverse("bodies:catalog", args=["jiaoyu"])).content.decode()
    assert "部门预决算" in now
    old = client.get(reverse("bodies:catalog-version", args=["jiaoyu", 1])).content.decode()
    assert "已经不是现行版本" in old
    assert "财政预算决算" in old


def test_whoever_wrote_it_does_not_approve(office, catalog):
    catalog.authors = [office.reviewer.pk]
    catalog.save()
    perform("catalog.submit", catalog, office.officer, {})
    catalog.refresh_from_db()
    with pytest.raises(ActError, match="参与了编写"):
        perform("catalog.approve", catalog, office.reviewer, {})


def test_excel_out_and_in_changes_nothing_and_faults_stop_everything(office, client, catalog):
    client.force_login(office.officer)
    data = client.get(reverse("registers:catalog-export", args=["jiaoyu"])).content
    report = columns.take_in(office.officer, office.unit, data)
    assert (report.created, report.changed, report.same, report.errors) == (0, 0, 26, [])
    book = load_workbook(io.BytesIO(data))
    sheet = book.worksheets[0]
    sheet.append(
        [
            "jiaoyu-x1",
            "校园餐",
            "jiaoyu-local",
            "法定主动公开内容",
            "21",
            "区教育局",
            "要点",
            "",
            "动态、要闻",
            10,
            99,
            "是",
        ]
    )
    sheet["B2"] = "公开指南"
    out = io.BytesIO()
    book.save(out)
    upload = SimpleUploadedFile("目录.xlsx", out.getvalue())
    address = reverse("registers:catalog-import", args=["jiaoyu"])
    tried = client.post(address, {"file": upload})
    assert "新增1个栏目，修改1个栏目，不变25个栏目" in tried.content.decode()
    assert not CatalogColumn.objects.filter(code="jiaoyu-x1").exists()
    assert client.post(address, {"digest": tried.context["digest"], "sure": "1"}).status_code == 302
    column = CatalogColumn.objects.get(code="jiaoyu-x1")
    assert (column.parent.code, column.update_days, column.freshness) == ("jiaoyu-local", 10, "news")
    sheet.append(["jiaoyu x2", "", "没有", "不对", "", "没有这个局", "", "", "天天", "x", "", ""])
    out = io.BytesIO()
    book.save(out)
    report = columns.take_in(office.officer, office.unit, out.getvalue())
    assert len(report.errors) >= 5
    answer = client.post(address, {"file": SimpleUploadedFile("目录.xlsx", b"not a workbook")})
    assert answer.status_code == 422


def test_merging_keeps_documents_approvals_and_addresses(office, client, catalog):
    old, new = (CatalogColumn.objects.get(code=f"jiaoyu-{key}") for key in ("item3", "item4"))
    case = through(draft(office, column=old.pk), office)
    before = (case.approved_digest, case.current_version_id)
    client.force_login(office.officer)
    client.post(reverse("registers:column-merge", args=[old.pk]), {"into": new.pk})
    case = fresh(case)
    assert case.column == new
    assert case.approval_holds
    assert case.current_version_id == before[1]
    assert PublicDocument.objects.get(pk=case.pk).column == new
    old.refresh_from_db()
    assert not old.active
    assert client.get(case.public_address).status_code == 200
    assert case.title in client.get(reverse("information:column", args=[new.code])).content.decode()


# --- the clock --------------------------------------------------------------------------------------------------------


def _aged(code: str, days: int) -> CatalogColumn:
    CatalogColumn.objects.filter(code=code).update(updated_at=timezone.now() - dt.timedelta(days=days))
    return CatalogColumn.objects.get(code=code)


@pytest.mark.duty("000-2c", "004-46a")
def test_a_stale_column_is_a_to_do_of_its_owner_until_something_is_published(office, catalog):
    CatalogColumn.objects.filter(unit=office.unit).update(freshness="")
    CatalogColumn.objects.filter(code="jiaoyu-item1").update(freshness="news")
    column = _aged("jiaoyu-item1", 16)
    _aged("jiaoyu-item2", 400)
    assert periodic.columns_due(timezone.now()) == 1
    assert periodic.columns_due(timezone.now()) == 0, "once only"
    case = ColumnUpdate.objects.get()
    assert (case.unit, case.column, case.light) == (office.unit, column, "late")
    assert case.turn_unit == office.unit
    through(draft(office, column=column.pk), office)
    case.refresh_from_db()
    assert (case.state, case.on_time) == ("done", False)
    column.refresh_from_db()
    assert column.updated_at.date() == timezone.now().date()
    assert periodic.columns_due(timezone.now()) == 0


@pytest.mark.duty("004-46a")
def test_a_blank_column_is_asked_for_and_may_be_excused_by_the_office(office, catalog):
    CatalogColumn.objects.filter(unit=office.unit).update(freshness="")
    CatalogColumn.objects.filter(code="jiaoyu-item7").update(freshness="yearly")
    assert periodic.columns_due(timezone.now()) == 1
    case = ColumnUpdate.objects.get()
    assert "还没有内容" in case.title
    perform("column-update.excuse", case, office.officer, {"reason": "今年没有预算。"})
    case.refresh_from_db()
    assert case.turn_unit == office.above
    perform("column-update.refuse", case, office.supervisor, {"reason": "区财政已批复。"})
    case.refresh_from_db()
    perform("column-update.extend", case, office.supervisor, {"until": "2027-03-01", "reason": "等批复"})
    perform("column-update.excuse", case, office.officer, {"reason": "预算由主管局合并编制。"})
    case.refresh_from_db()
    perform("column-update.agree", case, office.supervisor, {})
    # The next window counts from the day of the agreement.
    assert periodic.columns_due(timezone.now()) == 0
    assert periodic.columns_due(timezone.now() + dt.timedelta(days=364)) == 1


def test_the_condition_of_the_database_is_the_rule(office, catalog):
    today = timezone.localdate()
    for number, column in enumerate(columns.of_unit(office.unit)):
        CatalogColumn.objects.filter(pk=column.pk).update(
            updated_at=timezone.now() - dt.timedelta(days=number * 16) if number % 5 else None,
            update_days=[None, None, 30, 90][number % 4],
        )
    lines = columns.with_standing(columns.tree(columns.of_unit(office.unit)), today)
    asked = set(columns.asked_columns().filter(unit=office.unit).values_list("pk", flat=True))
    said = {line.column.pk: line.standing for line in lines if line.column.pk in asked}
    assert len(set(said.values())) >= 4
    for name in Standing:
        found = columns.asked_columns().filter(columns.standing_conditions(today)[name], unit=office.unit)
        assert set(found.values_list("pk", flat=True)) == {pk for pk, one in said.items() if one == name}, name


@pytest.mark.duty("004-46a")
def test_the_overview_counts_what_an_inspection_looks_at(office, client, catalog, django_assert_max_num_queries):
    _aged("jiaoyu-item1", 300)
    _aged("jiaoyu-item2", 1)
    client.force_login(office.supervisor)
    client.get(reverse("registers:freshness"))
    with django_assert_max_num_queries(9):
        answer = client.get(reverse("registers:freshness"))
    tiles = {tile["label"]: tile["value"] for tile in answer.context["tiles"]}
    # The heading of article 21 has columns below it and is not asked.
    assert tiles == {"空白": 23, "超期未更新": 1, "临近期限": 0, "正常": 1}
    rows = client.get(reverse("registers:freshness"), {"standing": "stale"}).content.decode()
    assert "法规规章和规范性文件" in rows
    assert "机构职能" not in rows
    assert client.get(reverse("registers:freshness"), {"export": "xlsx"})["Content-Type"].endswith("sheet")
    rate = measures["publications.columns_current_rate"].compute(Scope(units=(office.unit.pk,)))
    assert (rate.numerator, rate.denominator) == (1, 25)


def test_lists_are_paged_by_keys_and_keep_their_budget(
    office, client, catalog, django_assert_max_num_queries, settings
):
    from gongkai.core import jurisdiction

    jurisdiction.change("case.page_size", "10", office.admin)
    client.force_login(office.supervisor)
    seen, address = [], reverse("registers:freshness")
    for _ in range(5):
        answer = client.get(address)
        seen += [row["cells"][0]["url"] for row in answer.context["table"]["rows"]]
        if not answer.context["pager"]["next_url"]:
            break
        address = reverse("registers:freshness") + answer.context["pager"]["next_url"]
    assert len(seen) == len(set(seen)) == 25
    back = client.get(reverse("registers:freshness") + answer.context["pager"]["previous_url"])
    assert [row["cells"][0]["url"] for row in back.context["table"]["rows"]] == seen[10:20]
    for name, arguments in (
        ("catalogs", []),
        ("catalog", ["jiaoyu"]),
        ("bodies", []),
        ("normative", []),
        ("campaigns", []),
    ):
        # The first look fills what is kept for all pages: calendar, names of units.
        client.get(reverse(f"registers:{name}", args=arguments))
        with django_assert_max_num_queries(9):
            assert client.get(reverse(f"registers:{name}", args=arguments)).status_code == 200, name
    assert Case.objects.filter(kind="catalog").count() == 1
