"""A batch's life: who may, what screening stops, what is public, what a later batch and a withdrawal change."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

import pytest
from django.urls import reverse
from django.utils import timezone

from gongkai.core import transparency
from gongkai.core.acts import ActError, InvalidData, NotPermitted, WrongState, perform
from gongkai.core.measures import Scope
from gongkai.core.models import Event, Membership
from gongkai.core.roles import Role
from gongkai.core.search.models import SearchChange
from gongkai.core.tests.factories import user_with
from gongkai.publications.areas import measures, search
from gongkai.publications.areas.forms import WithdrawForm
from gongkai.publications.areas.models import Batch, DatasetUpdate, Entry, EntryVersion
from gongkai.publications.areas.rhythm import open_updates
from gongkai.publications.areas.tests.helpers import (
    IDENTITY,
    PROJECT,
    act,
    bureau,
    enter,
    fresh,
    fresh_dataset,
    open_dataset,
    review,
    row,
    through,
)

pytestmark = pytest.mark.django_db


def test_every_step_is_taken_by_its_own_role_and_never_by_the_author(office):
    batch = act("submit", enter(office, open_dataset(office, "plans")), office.officer)
    for purpose, who in (("content", "reviewer"), ("secrecy", "secrecy"), ("approval", "leader")):
        assert (batch.state, batch.purpose) == ("review", purpose)
        assert not Entry.objects.exists()
        for other in ("officer", "supervisor"):
            with pytest.raises(NotPermitted):
                act("approve" if purpose == "approval" else "pass", batch, getattr(office, other))
        batch = act("approve" if purpose == "approval" else "pass", batch, getattr(office, who))
    assert batch.state == "published"
    assert batch.approval_holds
    assert [step["decision"] for step in batch.steps] == ["passed"] * 3


def test_whoever_entered_rows_does_not_approve_them(office):
    Membership.objects.create(user=office.officer, unit=office.unit, role=Role.LEADER)
    batch = review(
        act("submit", enter(office, open_dataset(office, "plans")), office.officer), office, until="approval"
    )
    with pytest.raises(ActError, match="你填报过"):
        act("approve", batch, office.officer)
    assert not Entry.objects.exists()


def test_a_batch_in_review_cannot_be_changed(office):
    batch = act("submit", enter(office, open_dataset(office, "plans")), office.officer)
    with pytest.raises(WrongState):
        perform("dataset-batch.put", batch, office.officer, row(batch.dataset.template, 5))
    batch = act("recall", batch, office.officer)
    assert (batch.state, batch.steps) == ("draft", [])


def test_a_return_goes_back_and_the_review_starts_again(office):
    batch = act("submit", enter(office, open_dataset(office, "plans")), office.officer)
    batch = act("return", batch, office.reviewer, {"reason": "规划期写错了。"})
    assert (batch.state, batch.turn_unit) == ("returned", office.unit)
    assert through(batch, office).state == "published"


def test_an_empty_batch_goes_nowhere_and_a_dataset_has_one_draft(office):
    held = open_dataset(office, "plans")
    batch = perform("dataset-batch.write", None, office.officer, {"dataset": held.pk}).case
    with pytest.raises(ActError, match="还没有数据"):
        act("submit", batch, office.officer)
    with pytest.raises(ActError, match="没有送审"):
        perform("dataset-batch.write", None, office.officer, {"dataset": held.pk})


def test_staff_of_another_unit_cannot_enter_rows(office):
    held = open_dataset(office, "plans")
    elsewhere = user_with(Role.OFFICER)
    with pytest.raises(InvalidData):
        perform("dataset-batch.write", None, elsewhere, {"dataset": held.pk})
    batch = enter(office, held)
    for user in (elsewhere, office.supervisor, office.reviewer):
        with pytest.raises(NotPermitted):
            perform("dataset-batch.put", batch, user, row(held.template, 3))


def test_what_screening_finds_is_mended_masked_or_overruled(office):
    held = open_dataset(office, "livelihood-projects")
    batch = enter(office, held, content=f"联系人身份证号{IDENTITY}，已核对。")
    hit = batch.hits.get(blocking=True)
    assert (hit.field, hit.label, hit.row.place) == ("content", "身份证号", "第1条")
    batch = review(act("submit", batch, office.officer), office, until="approval")
    with pytest.raises(ActError, match="检查发现"):
        act("approve", batch, office.leader)
    batch = act("return", batch, office.leader, {"reason": "去掉证件号。"})
    batch = act("mask", batch, office.officer, {"hits": [hit.pk]})
    assert IDENTITY not in batch.rows.get().values["content"]
    assert IDENTITY not in batch.hits.get().found
    assert through(batch, office).state == "published"
    assert IDENTITY not in json.dumps(Entry.objects.get().shown)


def test_a_reviewer_may_overrule_with_a_reason_and_the_writer_may_not(office):
    batch = enter(office, open_dataset(office, "livelihood-projects"), content="咨询电话13800138000。")
    batch = act("submit", batch, office.officer)
    ids = [hit.pk for hit in batch.hits.all()]
    assert ids
    with pytest.raises(NotPermitted):
        act("overrule", batch, office.officer, {"hits": ids, "reason": "是服务热线。"})
    batch = act("overrule", batch, office.reviewer, {"hits": ids, "reason": "是对外公布的服务手机。"})
    assert batch.known["hits"] == 0
    assert review(batch, office).state == "published"


def test_the_trace_keeps_no_cells(office):
    enter(office, open_dataset(office, "farm-subsidies"))
    assert not Event.objects.filter(data__icontains=IDENTITY).exists()
    assert not Event.objects.filter(changes__icontains=IDENTITY).exists()


@pytest.mark.duty("001-14e")
def test_single_harmless_cells_that_add_up_are_told_before_approval(office):
    batch = enter(office, open_dataset(office, "farm-subsidies"), 1, 2, 3)
    batch = act("submit", batch, office.officer)
    risk = batch.hits.get(kind="aggregation")
    assert "3行中有3行" in risk.explanation
    assert not risk.blocking


@pytest.mark.duty("001-14e")
def test_two_lists_of_one_area_that_make_a_portrait_are_told(office):
    """Two own columns stand open by mistake: one list gives a household's illness, the other its amount."""
    other = bureau(office, "云溪区人力资源和社会保障局")
    for who, label, words in ((other, "致贫原因", "残疾"), (office, "补助金额说明", "每月八百元")):
        held = open_dataset(who, "job-homes")
        held.more_fields = [
            {"name": "own1", "label": "受益人", "type": "text"},
            {"name": "own2", "label": "所在村", "type": "text"},
            {"name": "own3", "label": label, "type": "text"},
        ]
        held.save()
        batch = enter(who, fresh_dataset(held), own1="测试大山", own2="上河村", own3=words)
        if who is other:
            batch = act("submit", batch, who.officer)
            hits = [hit.pk for hit in batch.hits.filter(resolution="")]
            batch = act("overrule", batch, who.reviewer, {"hits": hits, "reason": "测试"}) if hits else batch
            review(batch, who)
    batch = act("submit", batch, office.officer)
    risk = batch.hits.get(kind="aggregation")
    assert "测试大山" in risk.explanation
    assert "健康状况" in risk.explanation
    batch = review(batch, office, until="approval")
    with pytest.raises(ActError, match="检查发现"):
        act("approve", batch, office.leader)


def test_a_later_batch_amends_and_history_stays(client, office):
    held = open_dataset(office, "plans")
    through(enter(office, held), office)
    template = held.template
    batch = perform("dataset-batch.write", None, office.officer, {"dataset": held.pk}).case
    with pytest.raises(ActError, match="完全一样"):
        perform("dataset-batch.put", batch, office.officer, row(template, 1))
    perform("dataset-batch.put", batch, office.officer, row(template, 1, status="现行规划", approval="云府〔2026〕8号"))
    entry = Entry.objects.get()
    assert (entry.version, entry.shown["approval"]) == (1, "批准文号第1号内容")
    through(fresh(batch), office)
    entry.refresh_from_db()
    assert (entry.version, entry.shown["approval"]) == (2, "云府〔2026〕8号")
    page = client.get(entry.get_absolute_url()).content.decode()
    assert "第2版" in page
    assert "批准文号第1号内容" in page, "what it was before is told"


@pytest.mark.parametrize("which", ["all", "one"])
def test_withdrawal_takes_rows_from_everywhere_at_once(client, office, which):
    held = open_dataset(office, "plans")
    batch = through(enter(office, held, 1, 2), office)
    first, second = EntryVersion.objects.order_by("entry")
    chosen = {"versions": [first.pk]} if which == "one" else {}
    with pytest.raises(NotPermitted):
        act("withdraw", batch, office.reviewer, {"reason": "有误。", **chosen})
    batch = act("withdraw", batch, office.officer, {"reason": "数据有误，另行公开。", **chosen})
    gone = client.get(first.entry.get_absolute_url())
    assert gone.status_code == 410
    assert "数据有误" in gone.content.decode()
    assert first.title not in gone.content.decode()
    assert SearchChange.objects.filter(source="area", object_id=first.entry_id, removed=True).exists()
    data = client.get(batch.data_address)
    if which == "one":
        assert batch.state == "published"
        assert first.title not in data.content.decode()
        assert hashlib.sha256(data.content).hexdigest() == batch.file_digest
        assert client.get(second.entry.get_absolute_url()).status_code == 200
    else:
        assert batch.state == "withdrawn"
        assert data.status_code == 404
        assert client.get(reverse("areas-public:list", args=["plans"])).status_code == 404


def test_a_row_that_a_later_batch_changed_is_withdrawn_there(office):
    held = open_dataset(office, "plans")
    first = through(enter(office, held), office)
    second = through(enter(office, held, approval="云府〔2026〕8号"), office)
    with pytest.raises(ActError, match="后来的那一批"):
        act("withdraw", first, office.officer, {"reason": "有误。"})
    act("withdraw", second, office.officer, {"reason": "有误。"})
    assert fresh(first).file_digest == "", "what the first batch released of the row is not public either"
    assert not Entry.objects.get().published


def test_the_log_commits_to_the_public_rows_and_anybody_can_check(client, office):
    batch = through(enter(office, open_dataset(office, "farm-subsidies")), office)
    data = client.get(batch.data_address).content
    assert IDENTITY not in data.decode()
    entry = transparency.entries_of(f"dataset-batch/{batch.pk}")[0]
    assert entry.act == "published"
    assert [file.sha256 for file in entry.files.all()] == [hashlib.sha256(data).hexdigest()]
    act("withdraw", batch, office.officer, {"reason": "有误。"})
    assert [one.act for one in transparency.entries_of(f"dataset-batch/{batch.pk}")] == ["published", "withdrawn"]


def test_search_holds_one_document_for_each_public_row(office):
    through(enter(office, open_dataset(office, "farm-subsidies"), 1, 2), office)
    rows = list(search.rows())
    assert SearchChange.objects.filter(source="area", removed=False).count() == len(rows) == 2
    document = search.document(rows[0])
    assert document.public
    assert IDENTITY not in document.body
    assert document.category == "重点领域"


@pytest.mark.duty("004-42a")
def test_licences_and_penalties_are_public_within_seven_workdays(office, client):
    held = open_dataset(office, "penalty-decisions")
    today = timezone.localdate()
    batch = enter(office, held, 1, decided_on=today.isoformat(), shown_until="")
    clock = batch.clocks.get(code="publish")
    assert (clock.amount, clock.unit) == (7, "workday")
    through(batch, office)
    assert Entry.objects.get().on_time is True
    through(enter(office, held, 2, decided_on="2026-01-05"), office)
    late = Entry.objects.order_by("-pk").first()
    assert late.on_time is False
    assert "超过公示期限" in client.get(late.get_absolute_url()).content.decode()
    figure = measures.on_time_share(Scope())
    assert (figure.numerator, figure.denominator) == (1, 2)


def test_the_clock_follows_the_earliest_decision_of_the_batch(office):
    batch = enter(office, open_dataset(office, "licence-decisions"), 1, decided_on="2026-09-24")
    due = timezone.localdate(batch.clocks.get(code="publish").due_at - dt.timedelta(seconds=1))
    assert due > dt.date(2026, 10, 8), "the National Day holiday is not counted"
    act("remove", batch, office.officer, {"rows": [batch.rows.get().pk]})
    assert batch.clocks.get(code="publish").state == "cancelled"


@pytest.mark.duty("004-42a")
def test_a_natural_person_is_covered_and_a_company_is_named(office):
    held = open_dataset(office, "penalty-decisions")
    through(enter(office, held, 1, party="测试小明", party_kind="自然人", party_code=""), office)
    through(enter(office, held, 2, party="云溪测试有限公司", party_kind="法人及非法人组织"), office)
    assert [entry.shown["party"] for entry in Entry.objects.order_by("pk")] == ["测某某某", "云溪测试有限公司"]
    assert not any("party_identity" in entry.shown for entry in Entry.objects.all())


@pytest.mark.duty("004-41b")
def test_random_inspections_go_out_only_with_their_explanation(office, client):
    held = open_dataset(office, "random-inspection-results")
    held.explanation = ""
    held.save()
    batch = enter(office, held)
    with pytest.raises(ActError, match="同步说明"):
        act("submit", batch, office.officer)
    held.explanation = "检查对象和人员随机抽取，结果及时公开。"
    held.save()
    through(batch, office)
    page = client.get(reverse("areas-public:list", args=["random-inspection-results"])).content.decode()
    assert "检查对象和人员随机抽取" in page


def test_a_dataset_that_is_due_is_a_case_of_its_owner_until_the_next_batch(office):
    held = open_dataset(office, "work-safety")
    through(enter(office, held), office)
    held.refresh_from_db()
    now = timezone.now()
    assert open_updates(now) == 0
    assert held.due_on > timezone.localdate(now)
    later = now + dt.timedelta(days=20)
    assert open_updates(later) == 1
    assert open_updates(later) == 0, "one case at a time"
    due = DatasetUpdate.objects.get()
    assert (due.state, due.turn_unit, due.ask) == ("open", office.unit, "更新数据")
    assert timezone.localdate(due.due_at - dt.timedelta(seconds=1)) == held.due_on
    through(enter(office, held, 2), office)
    due.refresh_from_db()
    assert (due.state, due.outcome) == ("done", "已更新")


def test_nothing_new_is_said_in_words_and_shown_to_the_public(office, client):
    held = open_dataset(office, "work-safety")
    through(enter(office, held), office)
    open_updates(timezone.now() + dt.timedelta(days=20))
    due = DatasetUpdate.objects.get()
    perform("dataset-update.nothing", due, office.officer, {"words": "核对了10月的检查，没有新的隐患。"})
    held.refresh_from_db()
    assert held.checked_at is not None
    assert "没有变化" in client.get(reverse("areas-public:list", args=["work-safety"])).content.decode()


def test_how_many_datasets_are_fresh_is_a_measure(office):
    held = open_dataset(office, "work-safety")
    open_dataset(office, "plans")
    held.due_on = timezone.localdate() - dt.timedelta(days=1)
    held.save()
    figure = measures.fresh_share(Scope())
    assert (figure.numerator, figure.denominator) == (1, 2)


@pytest.mark.duty("004-38", "003-1")
def test_the_life_of_a_project_across_bureaus_stands_on_one_page(office, client):
    other = bureau(office, "云溪区自然资源局")
    joined = {"project": PROJECT, "name": "云溪河综合治理工程"}
    for code in ("major-projects", "project-approval", "project-tender", "project-progress"):
        through(enter(office, open_dataset(office, code), **joined), office)
    through(enter(other, open_dataset(other, "project-land"), **joined), other)
    url = reverse("areas-public:project", args=[PROJECT])
    page = client.get(url).content.decode()
    for words in ("云溪河综合治理工程", "立项审批", "用地", "招标投标", "建设实施", "区自然资源局", "区教育局"):
        assert words in page
    listed = client.get(reverse("areas-public:projects")).content.decode()
    assert "进行到：<strong>建设实施</strong>" in listed
    assert client.get(Entry.objects.first().get_absolute_url()).content.decode().count(url) == 1
    assert client.get(reverse("areas-public:project", args=["2605-000000"])).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_no_kept_page_outlives_a_withdrawal(office, reader, kept):
    batch = through(enter(office, open_dataset(office, "project-progress"), project=PROJECT), office)
    entry = Entry.objects.get()
    addresses = ["/areas/", "/areas/project-progress/", entry.get_absolute_url(), f"/areas/projects/{PROJECT}/"]
    for address in addresses:
        assert reader.get(address).status == 200, address
    rendered = reader.rendered
    for address in addresses:
        reader.get(address)
    assert reader.rendered == rendered, "each is kept"
    act("withdraw", batch, office.officer, {"reason": "数据有误。"})
    assert [reader.get(address).status for address in addresses] == [200, 404, 410, 404]
    assert "项目建设进展" not in reader.get("/areas/").body.decode()


def test_kind_and_state_words_are_complete(office):
    batch = enter(office, open_dataset(office, "plans"))
    batch = act("drop", batch, office.officer, {"reason": "重复。"})
    assert batch.state_label == "已作废"
    assert Batch.objects.count() == 1


def test_newer_words_of_another_batch_are_not_overwritten_unseen(office):
    held = open_dataset(office, "plans")
    through(enter(office, held), office)
    old = act("submit", enter(office, held, approval="云府〔2026〕8号"), office.officer)
    through(enter(office, held, approval="云府〔2026〕9号"), office)
    old = review(old, office, until="approval")
    with pytest.raises(ActError, match="又由另一批数据更新过"):
        act("approve", old, office.leader)
    assert Entry.objects.get().shown["approval"] == "云府〔2026〕9号"
    old = act("return", old, office.leader, {"reason": "请核对。"})
    perform("dataset-batch.put", old, office.officer, row(held.template, 1, approval="云府〔2026〕10号"))
    assert through(fresh(old), office).state == "published"


def test_single_rows_of_a_large_batch_are_withdrawn_by_name(office, monkeypatch):
    monkeypatch.setattr(WithdrawForm, "MOST", 1)
    batch = through(enter(office, open_dataset(office, "plans"), 1, 2), office)
    with pytest.raises(InvalidData):
        act("withdraw", batch, office.officer, {"reason": "有误。", "titles": "没有这一条"})
    name = Entry.objects.order_by("pk")[0].title
    batch = act("withdraw", batch, office.officer, {"reason": "有误。", "titles": f" {name} \n"})
    assert [entry.published for entry in Entry.objects.order_by("pk")] == [False, True]
    assert batch.state == "published"
