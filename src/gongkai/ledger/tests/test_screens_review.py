"""From import to dispatch as a person clicks it, without script: the pages, what they say, how much they ask."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from gongkai.core.models import User
from gongkai.ledger import compile_task
from gongkai.ledger.models import Assignment, Notice, Task
from gongkai.ledger.tests.helpers import NOTICE
from gongkai.ledger.views import marking


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def url(name: str, *arguments: object) -> str:
    return reverse(f"ledger:{name}", args=arguments)


@pytest.fixture
def office(district):
    return client_of(district.chief)


@pytest.mark.parametrize("way", ["text", "file"])
@pytest.mark.duty("002-29a", "003-37a")
def test_import_leads_to_the_review(district, office, way):
    data = {"way": way, "level": "own"}
    if way == "text":
        data["text"] = NOTICE
    else:
        data["file"] = SimpleUploadedFile("要点.txt", NOTICE.encode("utf-8"), "text/plain")
    response = office.post(url("import"), data)
    notice = Notice.objects.get()
    assert response.url == url("progress", notice.pk)
    response = office.get(response.url)
    assert response.url == url("review", notice.pk)
    page = office.get(response.url).content.decode()
    assert "更新主动公开目录" in page
    assert 'class="sp sp-unit"' in page
    assert 'class="sp sp-deadline"' in page
    assert "style=" not in page
    assert "onclick" not in page


def test_nothing_chosen_is_said_and_what_was_typed_stays(district, office):
    response = office.post(url("import"), {"way": "text", "level": "upstream", "title": "我写的标题"})
    assert response.status_code == 422
    page = response.content.decode()
    assert "请选择文件，或者粘贴正文" in page
    assert "我写的标题" in page
    assert Notice.objects.count() == 0


def test_a_file_that_cannot_be_read_keeps_the_upload_and_offers_to_read_again(district, office):
    office.post(url("import"), {"way": "file", "file": SimpleUploadedFile("空.docx", b"PK\x03\x04broken")})
    assert Notice.objects.count() == 0  # refused at the door: not a Word file
    office.post(url("import"), {"way": "file", "file": SimpleUploadedFile("空.pdf", b"%PDF-1.4 nothing")})
    notice = Notice.objects.get()
    assert notice.state == "failed"
    page = office.get(url("progress", notice.pk)).content.decode()
    assert notice.failure in page
    assert "重新读取" in page
    assert office.post(url("recompile", notice.pk)).url == url("progress", notice.pk)


def test_the_steps_of_the_reading_are_shown_as_a_share(district, office, imported):
    Notice.objects.filter(pk=imported.pk).update(state="reading")
    compile_task.say(imported, compile_task.STEPS[1].format(held="300字"))
    page = office.get(url("progress", imported.pk)).content.decode()
    assert "第2步，共3步：已读出300字，正在识别任务" in page
    assert 'class="val" x="0" y="0" width="33"' in page


def test_only_the_office_imports_and_reviews(district, imported):
    teacher = client_of(district.teacher)
    assert teacher.get(url("import")).status_code == 403
    assert teacher.get(url("review", imported.pk)).status_code == 403
    assert teacher.get(url("notices")).status_code == 200
    assert imported.name not in teacher.get(url("notices")).content.decode()


def test_the_open_task_is_edited_and_confirmed(district, office, imported):
    task = Task.objects.get(notice=imported, ordinal=2)
    page = office.get(url("review", imported.pk), {"task": task.pk}).content.decode()
    assert "正在编辑" in page
    assert "各镇街（2个）" in page
    one = task.named_units.first()
    response = office.post(
        url("review-task", imported.pk, task.pk),
        {
            "do": "confirm",
            "text": f"{task.text}改。",
            "heading": task.heading,
            f"unit-{one.pk}-role": "cooperating",
            f"unit-{one.pk}-target": f"unit:{one.unit_id}",
            "deadline-new-kind": "date",
            "deadline-new-date": "2026-12-01",
        },
    )
    assert response.status_code == 302
    task.refresh_from_db()
    one.refresh_from_db()
    assert task.text.endswith("改。")
    assert task.reviewed
    assert one.role == "cooperating"
    assert task.deadlines.filter(kind="date").count() == 1


def test_what_is_wrong_is_said_and_nothing_is_half_saved(district, office, imported):
    task = Task.objects.get(notice=imported, ordinal=1)
    before = task.text
    response = office.post(
        url("review-task", imported.pk, task.pk),
        {"do": "confirm", "text": "改过的文字。", "deadline-new-kind": "duration", "deadline-new-amount": "5"},
    )
    assert response.status_code == 422
    page = response.content.decode()
    assert "没有保存成功" in page
    assert "改过的文字。" in page
    task.refresh_from_db()
    assert task.text == before


def test_split_merge_drop_and_restore(district, office, imported):
    task = Task.objects.get(notice=imported, ordinal=2)
    number = Task.objects.filter(notice=imported, state="draft").count()
    where = url("review-task", imported.pk, task.pk)
    page = office.get(url("review", imported.pk), {"task": task.pk, "do": "split"}).content.decode()
    assert "从哪一句起拆成第二条" in page
    office.post(where, {"do": "split", "offset": task.text.index("，") + 1})
    assert Task.objects.filter(notice=imported, state="draft").count() == number + 1
    later = Task.objects.get(notice=imported, ordinal=3)
    office.post(url("review-task", imported.pk, later.pk), {"do": "merge"})
    assert Task.objects.filter(notice=imported, state="draft").count() == number
    office.post(where, {"do": "drop"})
    task.refresh_from_db()
    assert task.state == "dropped"
    assert "不作为任务" in office.get(url("review", imported.pk), {"show": "dropped"}).content.decode()
    office.post(where, {"do": "answer", "act": "restore"})
    task.refresh_from_db()
    assert task.state == "draft"


def test_a_foreign_act_cannot_be_smuggled_in(district, office, imported):
    task = Task.objects.filter(notice=imported).first()
    response = office.post(url("review-task", imported.pk, task.pk), {"do": "answer", "act": "dispatch"})
    assert response.status_code == 404


def test_a_task_is_added_from_the_source(district, office, imported):
    page = office.get(url("add-task", imported.pk)).content.decode()
    assert "已有任务" in page
    start = imported.text.index("《2026年云溪区政务公开工作要点》已经")
    response = office.post(url("add-task", imported.pk), {"span": f"{start}-{start + 30}", "heading": "新增"})
    added = Task.objects.get(notice=imported, heading="新增")
    assert response.url == f"{url('review', imported.pk)}?task={added.pk}"
    assert "没有责任单位" in office.get(response.url).content.decode()


def test_htmx_gets_only_what_changed(district, office, imported):
    task = Task.objects.get(notice=imported, ordinal=2)
    headers = {"HX-Request": "true", "HX-Target": "rv-tasks"}
    page = office.get(url("review", imported.pk), {"task": task.pk}, headers=headers).content.decode()
    assert "<html" not in page
    assert 'id="rv-foot" hx-swap-oob="true"' in page
    assert "正在编辑" in page


@pytest.mark.duty("002-29a", "004-58a")
def test_approve_preview_dispatch_done(district, office, imported):
    page = office.get(url("review", imported.pk)).content.decode()
    for task in Task.objects.filter(notice=imported, state="draft"):
        if task.candidate or not task.named_units.exists():
            office.post(url("review-task", imported.pk, task.pk), {"do": "drop"})
        elif not task.reviewed:
            office.post(url("review-task", imported.pk, task.pk), {"do": "answer", "act": "review"})
    for doubt in imported.doubts.filter(resolved_at__isnull=True, task__isnull=True):
        office.post(url("review-doubt", imported.pk, doubt.pk))
    response = office.post(url("approve", imported.pk))
    assert response.url == url("dispatch", imported.pk), page
    page = office.get(response.url).content.decode()
    assert "谁得到什么" in page
    assert "文津镇" in page
    assert "没有信息公开员" in page
    response = office.post(url("dispatch", imported.pk), {"own_plan": "on"})
    assert response.status_code == 302
    page = office.get(response.url).content.decode()
    assert "派发完成" in page
    assert Assignment.objects.filter(series=imported.ledger_series).count() > 5


def test_approval_is_off_with_its_reason_while_something_is_open(district, office, imported):
    Task.objects.filter(notice=imported, ordinal=1).first().named_units.all().delete()
    page = office.get(url("review", imported.pk)).content.decode()
    assert "处理完才能批准" in page
    assert "disabled" in page[page.index("批准并派发") - 120 : page.index("批准并派发")]


def copies(notice: Notice, number: int) -> None:
    """The same notice with many more tasks, written straight into the tables."""
    sample = Task.objects.filter(notice=notice, state="draft").first()
    for at in range(number):
        pk = sample.pk
        task = Task.objects.get(pk=pk)
        named = list(task.named_units.all())
        task.pk = task.id = task.case_ptr_id = None
        task._state.adding = True
        task.number, task.ordinal, task.clock = f"{notice.number}-X{at}", 100 + at, None
        task.save()
        for one in named:
            one.pk, one.task = None, task
            one._state.adding = True
            one.save()


def test_the_review_asks_the_same_few_queries_for_few_and_many_tasks(
    district, office, imported, django_assert_max_num_queries
):
    where = url("review", imported.pk)
    office.get(where)
    with django_assert_max_num_queries(15) as few:
        office.get(where)
    copies(imported, 120)
    pk = Task.objects.filter(notice=imported).last().pk
    with django_assert_max_num_queries(15) as many:
        page = office.get(where, {"task": pk})
    assert "正在编辑" in page.content.decode()
    assert len(many) <= len(few) + 1
    # The counters were not told of the copies, which no act made.
    Task.objects.filter(number__contains="-X").delete()


def test_marks_nest_overlap_and_escape():
    text = "甲<b>局牵头，6月底前完成60%"
    marks = [
        marking.Mark(0, 5, "unit", "u1"),
        marking.Mark(8, 16, "deadline", "d1"),
        marking.Mark(10, 19, "target", "t1"),
    ]
    html = str(marking.marked(text, 0, len(text), marks))
    assert "&lt;b&gt;" in html
    assert html.count("<span") == html.count("</span>")
    assert html.count('data-span="d1"') == 1
    assert html.count('data-span="t1"') >= 1
    import re

    assert re.sub(r"<[^>]+>", "", html).replace("&lt;", "<").replace("&gt;", ">") == text


def test_tables_of_the_source_keep_their_cells():
    text = "序号\t任务\t单位\n1\t更新目录\t教育局\n2\t解读\t财政局"
    marks = [marking.Mark(text.index("教育局"), text.index("教育局") + 3, "unit", "u9")]
    start = text.index("1\t更新")
    parts = marking.parts_of(text, [["table", 0, len(text), None]], marks, [(7, start, start + 10)], current=7)
    rows = parts[0].rows
    assert [len(row.cells) for row in rows] == [3, 3, 3]
    assert 'data-span="u9"' in rows[1].cells[2].html
    assert rows[1].current
    assert not rows[2].current


def test_while_something_is_left_to_check_the_way_leads_to_the_review_and_not_to_a_refusal(district, office):
    office.post(
        url("import"), {"way": "text", "level": "own", "text": NOTICE + "\n6.办好问答。（责任单位：区金库局）\n"}
    )
    notice = Notice.objects.get()
    approve = reverse("workbench:act", args=[notice.pk, "approve"])
    assert office.get(approve).status_code == 409
    todo = office.get(reverse("workbench:todo")).content.decode()
    assert notice.get_absolute_url() in todo
    assert approve not in todo
    page = office.get(notice.get_absolute_url()).content.decode()
    assert url("review", notice.pk) in page
    assert approve not in page
