"""A notice from upload to ledger: reading, review, approval, dispatch, publication."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from gongkai.core.acts import ActError, InvalidData, NotPermitted, WrongState, available, perform
from gongkai.core.models import Event, UnitAlias
from gongkai.ledger import queries
from gongkai.ledger.models import Assignment, Notice, Plan, Task
from gongkai.ledger.tests.helpers import NOTICE, act, assignment_of, at, last_day, settle
from gongkai.ledger.views import review_data


@pytest.mark.duty("002-29a", "003-37a")
def test_a_pasted_notice_becomes_drafts_with_units_deadlines_and_targets(district, imported):
    assert imported.state == "review"
    assert imported.document_number == "临云政办发〔2026〕11号"
    assert imported.issued_on == dt.date(2026, 3, 30)
    assert imported.name == "2026年云溪区政务公开工作要点"
    assert imported.own_plan
    tasks = list(imported.tasks.filter(candidate=False).order_by("ordinal"))
    assert len(tasks) == 5
    assert [section.title for section in imported.sections.all()] == ["一、公开内容管得清", "二、解读讲得明白"]
    second = tasks[1]
    assert {(one.name, one.role, one.how) for one in second.named_units.all()} >= {
        ("区政府办公室", "lead", "short"),
        ("各镇街", "responsible", "group"),
    }
    assert second.deadlines.get().day == 22
    assert float(second.targets.get().value) == 60
    for task in tasks:
        assert imported.text[task.span_start : task.span_end]
        for deadline in task.deadlines.all():
            assert deadline.text in imported.text[deadline.span_start : deadline.span_end]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("空.txt", b"", "这个文件是空的"),
        ("要点.exe", b"MZ", "格式不在允许范围"),
    ],
)
def test_a_wrong_file_is_refused_in_words(district, name, data, words):
    with pytest.raises(InvalidData) as refused:
        perform("notice.import", None, district.chief, {}, files={"file": SimpleUploadedFile(name, data)})
    assert words in str(refused.value.form.errors)


def test_nothing_or_both_is_refused(district):
    with pytest.raises(InvalidData):
        perform("notice.import", None, district.chief, {})
    with pytest.raises(InvalidData):
        perform(
            "notice.import",
            None,
            district.chief,
            {"text": NOTICE},
            files={"file": SimpleUploadedFile("要点.txt", NOTICE.encode())},
        )


def test_only_the_office_imports(district):
    with pytest.raises(NotPermitted):
        perform("notice.import", None, district.teacher, {"text": NOTICE})


def test_an_unreadable_file_keeps_its_upload_and_says_why(district, django_capture_on_commit_callbacks):
    broken = SimpleUploadedFile("扫描件.pdf", b"%PDF-1.4 broken")
    notice = perform("notice.import", None, district.chief, {}, files={"file": broken}).case
    notice.refresh_from_db()
    assert notice.state == "failed"
    assert notice.failure
    assert notice.source.name == "扫描件.pdf"
    assert notice.source.case_id == notice.pk
    with django_capture_on_commit_callbacks(execute=True):
        perform("notice.recompile", notice, district.chief, {})
    notice.refresh_from_db()
    assert notice.state == "failed"
    perform("notice.withdraw", notice, district.chief, {"reason": "传错了"})


def test_reading_again_puts_earlier_drafts_aside(district, imported, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        perform("notice.recompile", imported, district.chief, {})
    imported.refresh_from_db()
    assert imported.state == "review"
    assert imported.tasks.filter(state="draft", candidate=False).count() == 5
    assert imported.tasks.filter(state="dropped").count() >= 5


def test_approval_waits_for_doubts_and_missing_units(district):
    text = NOTICE.replace("责任单位：区财政局）", "责任单位：区金库局）").replace(
        "（责任单位：区教育局）", "（区教育局）"
    )
    text += "\n6.办好政策问答。\n"
    notice = perform("notice.import", None, district.chief, {"text": text}, now=at("2026-04-01")).case
    notice.refresh_from_db()
    counts = queries.review_counts(notice)
    assert counts.obstacle.startswith("还有")
    assert counts.obstacle.endswith("处理完才能批准。")
    with pytest.raises(ActError, match="处理完才能批准"):
        perform("notice.approve", notice, district.chief, {})
    lost = notice.doubts.get(code="unit.unmatched")
    assert "区金库局" in lost.message
    with pytest.raises(ActError, match="责任单位"):
        perform("notice.resolve", notice, district.chief, {"doubt": lost.pk})
    named = lost.named_unit
    task = lost.task
    with pytest.raises(ActError, match="区金库局"):
        perform("task.review", task, district.chief, {})
    perform(
        "task.change_unit",
        task,
        district.chief,
        {"named": named.pk, "unit": district.finance.pk, "remember": "on"},
    )
    lost.refresh_from_db()
    assert lost.resolved_at
    assert UnitAlias.objects.get(name="区金库局").source == "learned"
    role = notice.doubts.filter(code="role.missing").first()
    if role:
        perform("task.set_roles", role.task, district.chief, {"role": "responsible"})
    settle(notice, district.chief)
    assert notice.state == "approved"
    again = perform("notice.import", None, district.chief, {"text": text}, now=at("2026-04-01")).case
    again.refresh_from_db()
    assert not again.doubts.filter(code="unit.unmatched").exists()


def test_the_name_of_a_group_nobody_registered_is_never_remembered_as_one_unit(district):
    text = NOTICE + "\n6.做好政策问答。（责任单位：区教育局、区政府各部门、各乡镇人民政府）\n"
    notice = perform("notice.import", None, district.chief, {"text": text}, now=at("2026-04-01")).case
    known = review_data.registry()
    doubts = [one for one in notice.doubts.filter(code="unit.unmatched") if "各" in one.message]
    assert doubts, [one.message for one in notice.doubts.all()]
    for doubt in doubts:
        assert "单位组" in doubt.message
        answers = review_data.answers_of(doubt, doubt.named_unit, known)
        assert not [one for one in answers if dict(one["data"]).get("unit")]


@pytest.mark.duty("002-29a", "004-58a", "001-18d")
def test_dispatch_lays_each_duty_on_each_unit_once_with_its_strongest_role(district, dispatched):
    assert dispatched.state == "dispatched"
    second = dispatched.tasks.get(ordinal=2)
    roles = {str(one.unit): one.role for one in second.assignments.all()}
    assert roles == {
        "区政府办公室": "lead",
        "安澜街道": "responsible",
        "文津镇": "responsible",
        "区教育局": "responsible",
        "区财政局": "cooperating",
    }
    assert second.lead == district.office
    case = assignment_of(dispatched, 2, district.education)
    assert (case.series, case.section, case.supervisor, case.lead) == (
        dispatched.ledger_series,
        "01",
        district.office,
        district.office,
    )
    assert case.number.startswith(second.number)
    assert last_day(case.clocks.get(code="receipt")) == dt.date(2026, 4, 9)
    assert not case.clocks.get(code="receipt").judged
    told = district.teacher.notifications.get(key=f"dispatch-{dispatched.pk}")
    assert "4项任务待签收" in told.text


def test_a_group_expands_to_its_members_of_the_day(district, imported):
    settle(imported, district.chief)
    district.town.active = False
    district.town.save()
    act("notice.dispatch", imported, district.chief, "2026-04-02")
    assert not Assignment.objects.filter(unit=district.town).exists()


def test_dispatch_only_from_approved_and_only_by_the_office(district, imported):
    with pytest.raises(WrongState):
        perform("notice.dispatch", imported, district.chief, {})
    settle(imported, district.chief)
    with pytest.raises(NotPermitted):
        perform("notice.dispatch", imported, district.teacher, {})
    with pytest.raises(ActError, match="不能早于今天"):
        perform("notice.dispatch", imported, district.chief, {"receipt_by": "2026-03-01"}, now=at("2026-04-02"))
    assert not Assignment.objects.exists()


def test_an_upstream_notice_is_approved_for_comparison_and_not_dispatched(district):
    notice = perform(
        "notice.import", None, district.chief, {"text": NOTICE, "level": "upstream"}, now=at("2026-04-01")
    ).case
    notice.refresh_from_db()
    settle(notice, district.chief)
    with pytest.raises(WrongState):
        perform("notice.dispatch", notice, district.chief, {})
    assert "notice.dispatch" not in {found.key for found in available(notice, district.chief)}


@pytest.mark.duty("001-18a", "004-60")
def test_dispatch_opens_a_plan_for_each_unit_due_thirty_days_after_issue(district, dispatched):
    plans = Plan.objects.filter(notice=dispatched)
    assert plans.count() == 5
    plan = plans.get(unit=district.education)
    assert last_day(plan.clock) == dt.date(2026, 4, 29)
    assert plan.items.count() == 4
    first = plan.items.first()
    assert first.due_on == dt.date(2026, 6, 30)


@pytest.mark.duty("001-18b")
def test_publication_gives_an_address_and_can_be_taken_back(district, dispatched):
    assert dispatched.public
    assert dispatched.slug == "2026"
    act("notice.unpublish", dispatched, district.chief, "2026-04-03", reason="核对文字")
    assert not dispatched.public
    act("notice.publish", dispatched, district.chief, "2026-04-04", slug="zwgk-2026")
    assert dispatched.slug == "zwgk-2026"
    act("notice.archive", dispatched, district.chief, "2027-01-10")
    assert dispatched.state == "archived"


def test_metadata_and_links(district, imported):
    before = perform("notice.import", None, district.chief, {"text": NOTICE}, now=at("2026-04-01")).case
    act(
        "notice.edit",
        imported,
        district.chief,
        "2026-04-01",
        title="区要点",
        level="own",
        year="2026",
        issued_on="2026年3月31日",
    )
    assert imported.issued_on == dt.date(2026, 3, 31)
    act("notice.link", imported, district.chief, "2026-04-01", previous=str(before.pk))
    assert imported.previous_id == before.pk


def test_a_task_can_be_added_from_the_source(district, imported):
    start = imported.text.index("政策咨询服务")
    event = perform("notice.add_task", imported, district.chief, {"start": start, "end": start + 6})
    task = Task.objects.get(pk=event.data["task"])
    assert task.text == "政策咨询服务"
    assert task.doubts.get().code == "unit.missing"
    perform("task.add_unit", task, district.chief, {"unit": district.finance.pk})
    assert not task.doubts.filter(resolved_at__isnull=True).exists()


def test_every_act_leaves_one_event_with_its_words(district, dispatched):
    labels = list(Event.objects.filter(case=dispatched).order_by("sequence").values_list("label", flat=True))
    assert labels[:2] == ["导入要点", "读取完成"]
    assert labels[-2:] == ["派发", "公开台账"]
    assert Notice.objects.get(pk=dispatched.pk).event_count == len(labels)


def test_comparison_of_two_years_with_a_persons_decision(district, imported):
    old_text = NOTICE.replace("2026", "2025").replace("5.持续做好政策咨询服务。（责任单位：区教育局）", "")
    old = perform("notice.import", None, district.chief, {"text": old_text}, now=at("2026-04-01")).case
    old.refresh_from_db()
    act("notice.link", imported, district.chief, "2026-04-01", previous=str(old.pk))
    rows = queries.comparison(old, imported, "year")
    new = [row for row in rows if row.kind == "new"]
    assert [row.right.ordinal for row in new] == [5]
    pair = next(row for row in rows if row.left and row.right)
    data = {"relation": "year", "left": pair.left.pk, "right": pair.right.pk, "score": pair.score}
    act("notice.decide_match", imported, district.chief, "2026-04-01", **data, decision="rejected")
    after = queries.comparison(old, imported, "year")
    assert any(row.kind == "dropped" and row.left.pk == pair.left.pk for row in after)
    act("notice.decide_match", imported, district.chief, "2026-04-01", **data, decision="confirmed")
    again = queries.comparison(old, imported, "year")
    assert any(row.decision == "confirmed" for row in again)


def test_a_wrong_upload_is_withdrawn_with_its_drafts(district, imported):
    act("notice.withdraw", imported, district.chief, "2026-04-01", reason="传错了文件")
    assert imported.state == "withdrawn"
    assert set(imported.tasks.values_list("state", flat=True)) == {"dropped"}
    assert imported.source_id


def test_reading_that_stood_still_is_taken_up_again(district, imported):
    from gongkai.ledger.compile_task import resume_reading

    Notice.objects.filter(pk=imported.pk).update(state="reading", updated_at=at("2026-04-01"))
    assert resume_reading(at("2026-04-01 09:10")) == 0
    assert resume_reading(at("2026-04-01 10:00")) == 1
    imported.refresh_from_db()
    assert imported.state == "review"
