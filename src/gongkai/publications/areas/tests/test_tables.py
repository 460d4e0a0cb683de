"""Tables: templates to fill in, dry runs that name cells, rows that are kept although they are wrong, the same file twice."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from gongkai.core.acts import ActError, perform
from gongkai.core.models import Attachment, Event
from gongkai.publications.areas import catalog, excel, rows, values
from gongkai.publications.areas.catalog.model import Field, Type
from gongkai.publications.areas.models import Batch, BatchRow, Entry
from gongkai.publications.areas.tests.helpers import (
    IDENTITY,
    act,
    fresh,
    line,
    open_dataset,
    review,
    row,
    through,
    workbook,
)

pytestmark = pytest.mark.django_db
TEMPLATE = catalog.TEMPLATES["budget-projects"]


def upload(client, held, data, name="表.xlsx"):
    return client.post(reverse("areas:upload", args=[held.pk]), {"files": SimpleUploadedFile(name, data)})


def take(client, held, answer):
    return client.post(
        reverse("areas:upload", args=[held.pk]), {"kept": answer.context["file"].pk, "take": "1"}, follow=True
    )


def test_a_table_is_looked_through_first_and_then_taken_in(client, office):
    held = open_dataset(office, TEMPLATE.code)
    client.force_login(office.officer)
    answer = upload(client, held, workbook(TEMPLATE, [line(TEMPLATE, 1), line(TEMPLATE, 2)]))
    assert answer.status_code == 200
    assert (answer.context["plan"].added, answer.context["errors"]) == (2, [])
    assert not Batch.objects.exists(), "nothing is written by looking"
    done = take(client, held, answer)
    assert "新增2条" in done.content.decode()
    batch = fresh(Batch.objects.get())
    assert Attachment.objects.get().case_id == batch.pk
    through(batch, office)
    assert Entry.objects.count() == 2


def test_the_same_file_again_changes_nothing(client, office):
    held = open_dataset(office, TEMPLATE.code)
    client.force_login(office.officer)
    data = workbook(TEMPLATE, [line(TEMPLATE, 1), line(TEMPLATE, 2)])
    take(client, held, upload(client, held, data))
    batch = fresh(Batch.objects.get())
    before = list(batch.rows.values_list("pk", flat=True))
    answer = upload(client, held, data)
    assert answer.context["nothing"], "the draft holds the rows already"
    take(client, held, answer)
    assert list(batch.rows.values_list("pk", flat=True)) == before
    through(batch, office)
    answer = upload(client, held, data)
    assert (answer.context["plan"].unchanged, answer.context["nothing"]) == (2, True)
    assert "没有变化" in take(client, held, answer).content.decode()
    assert Batch.objects.count() == 1


def test_errors_name_their_cell_and_no_row_is_lost(client, office):
    held = open_dataset(office, TEMPLATE.code)
    client.force_login(office.officer)
    bad = line(TEMPLATE, 2, budget="约三百万", body="没有这个局", year="明年")
    data = workbook(TEMPLATE, [line(TEMPLATE, 1), bad, line(TEMPLATE, 1, plan="另一个方案")])
    answer = upload(client, held, data)
    told = dict(answer.context["errors"])
    assert "不是数字" in told["H4"]
    assert "没有登记" in told["E4"]
    assert "不是年份" in told["A4"]
    assert any("同一条数据" in said for said in told.values())
    done = take(client, held, answer)
    assert "有误2条" in done.content.decode()
    batch = fresh(Batch.objects.get())
    assert (batch.rows.filter(faulty=True).count(), batch.rows.count()) == (2, 3)
    with pytest.raises(ActError, match="有误"):
        act("submit", batch, office.officer)
    again = upload(client, held, data)
    assert again.context["nothing"], "rows that wait to be mended are known"

    wrong = batch.rows.filter(faulty=True).order_by("ordinal").first()
    page = client.get(reverse("areas:row", args=[batch.pk, wrong.pk])).content.decode()
    assert "约三百万" in page, "what was typed is still there"
    assert "H4：" in page
    mended = client.post(reverse("areas:row", args=[batch.pk, wrong.pk]), row(TEMPLATE, 2))
    assert mended.status_code == 302
    act("remove", batch, office.officer, {"rows": [batch.rows.get(faulty=True).pk]})
    assert through(fresh(batch), office).state == "published"


def test_what_is_public_comes_back_as_a_workbook_and_its_corrections_are_changes(client, office):
    held = open_dataset(office, TEMPLATE.code)
    client.force_login(office.officer)
    take(client, held, upload(client, held, workbook(TEMPLATE, [line(TEMPLATE, 1), line(TEMPLATE, 2)])))
    through(fresh(Batch.objects.get()), office)
    data = client.get(reverse("areas:filled", args=[held.pk])).content
    answer = upload(client, held, data)
    assert answer.context["plan"].unchanged == 2

    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data))
    book["数据"]["H3"] = 5000
    out = io.BytesIO()
    book.save(out)
    answer = upload(client, held, out.getvalue())
    assert (answer.context["plan"].changed, answer.context["plan"].unchanged) == (1, 1)
    take(client, held, answer)
    changed = BatchRow.objects.get(batch__state="draft")
    assert (changed.action, changed.values["budget"]) == ("change", "5000")


def test_the_blank_template_can_be_filled_in_and_read(office, client):
    client.force_login(office.officer)
    for code in ("farm-subsidies", "penalty-decisions", "school-admission"):
        held = open_dataset(office, code)
        data = client.get(reverse("areas:blank", args=[held.pk])).content
        with pytest.raises(excel.NotTheTemplate, match="没有数据"):
            excel.read(data, "模板.xlsx", held.template)
        from openpyxl import load_workbook

        book = load_workbook(io.BytesIO(data))
        book["数据"].append(line(held.template))
        out = io.BytesIO()
        book.save(out)
        lines, notes = excel.read(out.getvalue(), "填好.xlsx", held.template)
        made = rows.plan(held, lines)
        assert (len(made.taken), made.faulty, notes) == (1, [], [])


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("表.xls", b"\xd0\xcf\x11\xe0" + b"0" * 600, "另存为"),
        ("表.xlsx", b"PK\x03\x04 broken", "损坏"),
        ("表.xlsx", b"not a table", "不符"),
        ("表.csv", "甲,乙\n1,2\n".encode(), "没有找到列名"),
        ("表.docx", b"PK\x03\x04", "损坏"),
        ("表.exe", b"MZ", "格式"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_words(client, office, name, data, words):
    held = open_dataset(office, TEMPLATE.code)
    client.force_login(office.officer)
    answer = upload(client, held, data, name)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_missing_and_strange_columns_are_said(office):
    held = open_dataset(office, TEMPLATE.code)
    heads = [field.head for field in TEMPLATE.fields]
    with pytest.raises(excel.NotTheTemplate, match="缺少列：项目名称"):
        excel.read(workbook(TEMPLATE, [line(TEMPLATE)], ["年度", "别的", *heads[2:]]), "表.xlsx", TEMPLATE)
    lines, notes = excel.read(workbook(TEMPLATE, [[*line(TEMPLATE), "多余"]], [*heads, "备注列"]), "表.xlsx", TEMPLATE)
    assert "备注列" in notes[0]
    assert len(rows.plan(held, lines).taken) == 1


def test_csv_in_both_encodings(office):
    held = open_dataset(office, TEMPLATE.code)
    heads = ",".join(field.label for field in TEMPLATE.fields)
    text = f"{heads}\n" + ",".join(str(cell) for cell in line(TEMPLATE)) + "\n"
    for encoding in ("utf-8-sig", "gb18030"):
        lines, _ = excel.read(text.encode(encoding), "表.csv", TEMPLATE)
        assert len(rows.plan(held, lines).taken) == 1


def test_numbers_of_documents_and_long_codes_stay_as_they_are(office):
    held = open_dataset(office, "farm-subsidies")
    lines, _ = excel.read(workbook(held.template, [line(held.template)]), "表.xlsx", held.template)
    made = rows.plan(held, lines)
    assert made.taken[0].values["identity"] == IDENTITY


def test_only_keepers_upload_and_read_all_fields(client, office):
    held = open_dataset(office, TEMPLATE.code)
    for user, name, status in (
        (office.reviewer, "upload", 403),
        (office.supervisor, "filled", 403),
        (office.supervisor, "dataset", 200),
    ):
        client.force_login(user)
        assert client.get(reverse(f"areas:{name}", args=[held.pk])).status_code == status


def test_an_act_takes_the_table_too(office):
    held = open_dataset(office, TEMPLATE.code)
    batch = perform("dataset-batch.write", None, office.officer, {"dataset": held.pk}).case
    file = SimpleUploadedFile("表.xlsx", workbook(TEMPLATE, [line(TEMPLATE, 4)]))
    from django.utils.datastructures import MultiValueDict

    event = perform("dataset-batch.take", batch, office.officer, {}, files=MultiValueDict({"files": [file]}))
    assert "新增1条" in event.summary
    assert review(act("submit", batch, office.officer), office).state == "published"


# --- cells -----------------------------------------------------------------------------------------------------------

CELLS = [
    (Type.MONEY, "1,234.50", "1234.5"),
    (Type.MONEY, "12亿元", "120000"),
    (Type.MONEY, "3500元", "0.35"),
    (Type.MONEY, 1200, "1200"),
    (Type.MONEY, 0.1, "0.1"),
    (Type.NUMBER, "-3", "-3"),
    (Type.NUMBER, "1e3", "1000"),
    (Type.DATE, "2026年6月3日", "2026-06-03"),
    (Type.DATE, "2026/6/3", "2026-06-03"),
    (Type.DATE, "2026.06.03", "2026-06-03"),
    (Type.DATE, "20260603", "2026-06-03"),
    (Type.DATE, dt.datetime(2026, 6, 3), "2026-06-03"),
    (Type.YEAR, "2026年", 2026),
    (Type.YEAR, 2026.0, 2026),
    (Type.YESNO, "否", False),
    (Type.TEXT, "  甲\u200b 乙\n丙 ", "甲 乙 丙"),
    (Type.CREDIT_CODE, "91350100m000100y43", "91350100M000100Y43"),
    (Type.LINK, "https://www.example.gov.cn/a", {"url": "https://www.example.gov.cn/a"}),
    (Type.PROJECT, "2605-360000-04-01-10000a", "2605-360000-04-01-10000A"),
]


@pytest.mark.parametrize(("kind", "raw", "value"), CELLS)
def test_a_cell_is_read(db, kind, raw, value):
    assert values.read(Field("one", "一列", kind), raw, values.Lookup()) == value


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (Type.MONEY, "三百"),
        (Type.MONEY, "12美元"),
        (Type.NUMBER, "1e40"),
        (Type.NUMBER, "nan"),
        (Type.NUMBER, "12%"),
        (Type.DATE, "2026-02-30"),
        (Type.DATE, "下周"),
        (Type.DATE, "0026-01-01"),
        (Type.YEAR, "26"),
        (Type.YESNO, "也许"),
        (Type.TEXT, "长" * 301),
        (Type.LONG, "长" * 5001),
        (Type.CREDIT_CODE, "91350100M000100Y44"),
        (Type.LINK, "https://"),
        (Type.LINK, "http://[bad"),
        (Type.LINK, "javascript:alert(1)"),
        (Type.PROJECT, "../../etc"),
        (Type.UNIT, "没有这个局"),
    ],
)
def test_a_cell_that_does_not_fit_is_refused_in_words(db, kind, raw):
    with pytest.raises(values.CellError, match=r"。$"):
        values.read(Field("one", "一列", kind), raw, values.Lookup())


def test_a_link_to_a_public_document_is_found_by_number_and_leads_there(office, client):
    from gongkai.publications.tests.helpers import draft
    from gongkai.publications.tests.helpers import through as publish

    document = publish(draft(office), office)
    held = open_dataset(office, "school-admission")
    batch = perform("dataset-batch.write", None, office.officer, {"dataset": held.pk}).case
    perform("dataset-batch.put", batch, office.officer, row(held.template, policy=document.document_number))
    through(fresh(batch), office)
    entry = Entry.objects.get()
    assert entry.shown["policy"] == {"id": document.pk, "title": document.title}
    assert f'href="{document.public_address}"' in client.get(entry.get_absolute_url()).content.decode()


def test_taking_personal_data_out_leaves_a_trace(client, office):
    held = open_dataset(office, "farm-subsidies")
    client.force_login(office.officer)
    assert client.get(reverse("areas:filled", args=[held.pk])).status_code == 200
    assert Event.objects.filter(act="areas.filled", actor=office.officer).count() == 1
