"""An import from upload to public pages, a second time, and undone."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from gongkai.core import audit, counters
from gongkai.core.acts import ActError, NotPermitted, perform
from gongkai.core.models import Attachment, Event
from gongkai.core.search.models import SearchChange
from gongkai.core.tests.factories import UnitFactory
from gongkai.core.transparency.models import LogEntry
from gongkai.publications import body, content, counts
from gongkai.publications.filing import recording
from gongkai.publications.filing.models import Filing
from gongkai.publications.importing import running
from gongkai.publications.importing.models import Import, ImportRow
from gongkai.publications.importing.tests import helpers
from gongkai.publications.importing.tests.helpers import carry, fresh, line, rows_of, sheet
from gongkai.publications.models import Publication, PublicDocument, ScreeningHit, Version
from gongkai.publications.readers.models import ListEntry
from gongkai.publications.tests.helpers import BODY, act, draft, through


def consistent() -> None:
    """What must hold of every document, however it came."""
    assert not counts.verify()
    assert not counters.verify()
    assert audit.verify().intact
    public = set(PublicDocument.objects.values_list("pk", flat=True))
    assert public == set(Publication.objects.filter(current_version__isnull=False).values_list("pk", flat=True))
    assert public == set(ListEntry.objects.values_list("pk", flat=True))
    for case in Publication.objects.all():
        assert case.content_digest == content.digest(content.reviewed(case))
        assert case.events.count() == case.event_count


def test_a_dry_run_writes_nothing_public_and_the_approved_run_does(office):
    run = sheet(office.officer, [line(1), line(2), line(3, 发布机构="没有这个局")])
    assert run.state == "checked"
    assert run.counts["new"] == 2
    assert run.counts["refused"] == 1
    assert "没有找到单位“没有这个局”" in rows_of(run)[2].problems[0]
    assert not Publication.objects.exists()
    run = carry(run, office)
    assert run.state == "done"
    assert run.results["new"] == 2
    first = Publication.objects.get(source_key="old-1")
    assert first.state == "published"
    assert first.public.title == line(1)["标题"]
    assert first.published_at.isoformat() == "2021-06-30T01:00:00+00:00"
    assert first.subject == "科技、教育\\教育"
    assert first.approved_by == office.leader.who
    assert first.index_number == "jiaoyu/2021-00001"
    assert first.events.get().data["import"] == run.number
    assert rows_of(run)[0].publication == first
    assert SearchChange.objects.filter(source="document").count() == 2
    assert LogEntry.objects.filter(act="published").count() == 2
    consistent()


def test_the_author_does_not_approve(office):
    run = sheet(office.officer, [line(1)])
    perform("import.submit", run, office.officer)
    with pytest.raises(NotPermitted):
        perform("import.approve", fresh(run), office.officer)
    other = sheet(office.supervisor, [line(2)])
    perform("import.submit", other, office.supervisor)
    with pytest.raises(ActError, match="两个人"):
        perform("import.approve", fresh(other), office.supervisor)


def test_a_second_run_of_the_same_files_changes_nothing(office):
    data = [line(1), line(2)]
    carry(sheet(office.officer, data), office)
    before = list(Publication.objects.order_by("pk").values()), Event.objects.filter(act__startswith="pub").count()
    again = sheet(office.officer, data)
    assert again.counts["unchanged"] == 2
    with pytest.raises(ActError, match="没有可以导入"):
        perform("import.submit", again, office.officer)
    assert before == (
        list(Publication.objects.order_by("pk").values()),
        Event.objects.filter(act__startswith="pub").count(),
    )


def test_a_changed_row_becomes_the_next_version(office):
    carry(sheet(office.officer, [line(1), line(2)]), office)
    run = carry(sheet(office.officer, [line(1), line(2, 正文="内容已经改过。")]), office)
    assert (run.results["new"], run.results["changed"]) == (0, 1)
    second = Publication.objects.get(source_key="old-2")
    assert second.version_count == 2
    assert second.current_version.text.strip() == "内容已经改过。"
    assert second.public.version == second.current_version
    assert second.index_number == "jiaoyu/2021-00002"
    assert LogEntry.objects.filter(act="amended").count() == 1
    consistent()


def test_what_was_amended_by_hand_is_not_overwritten_while_it_is_open(office):
    carry(sheet(office.officer, [line(1)]), office)
    case = Publication.objects.get()
    act("amend", case, office.officer, {"reason": "核对"})
    run = sheet(office.officer, [line(1, 正文="另一种写法。")])
    assert "没有发布" in rows_of(run)[0].problems[0]


def test_undo_withdraws_what_was_new_and_a_new_import_may_bring_it_again(office):
    data = [line(1), line(2, 公开方式="依申请公开", 不予公开理由="涉及第三方")]
    run = carry(sheet(office.officer, data), office)
    assert PublicDocument.objects.count() == 1
    perform("import.undo", run, office.leader, {"reason": "导错了网站"})
    running.undo.func(run.pk)
    run = fresh(run)
    assert run.state == "undone"
    assert not PublicDocument.objects.exists()
    assert Publication.objects.get(source_key="old-1").withdrawal.reason == "导错了网站"
    assert Publication.objects.get(source_key="old-2").state == "dropped"
    consistent()
    again = carry(sheet(office.officer, data), office)
    assert again.results["new"] == 2
    assert PublicDocument.objects.count() == 1
    assert Publication.objects.count() == 2
    consistent()


def test_undo_gives_back_the_version_before_to_what_was_updated(office):
    carry(sheet(office.officer, [line(1), line(2), line(3)]), office)
    changes = [line(number, 正文="内容已经改过。") for number in (1, 2, 3)] + [line(4)]
    run = carry(sheet(office.officer, changes), office)
    by_hand = Publication.objects.get(source_key="old-2")
    by_hand = through(act("amend", by_hand, office.officer, {"reason": "再改。"}), office)
    act("amend", Publication.objects.get(source_key="old-3"), office.officer, {"reason": "正在改。"})
    first = Publication.objects.get(source_key="old-1")
    before = first.versions.get(number=1)
    perform("import.undo", run, office.leader, {"reason": "导错了"})
    running.undo.func(run.pk)
    run = fresh(run)
    assert (run.state, run.results["withdrawn"], run.results["restored"], run.results["left"]) == ("undone", 1, 1, 2)
    first = Publication.objects.get(source_key="old-1")
    assert (first.state, first.version_count) == ("published", 3)
    assert first.current_version.text == before.text
    assert first.public.version == first.current_version
    assert first.approval_holds
    assert "没有变动" in ImportRow.objects.get(run=run, source_key="old-2").result
    assert "没有变动" in ImportRow.objects.get(run=run, source_key="old-3").result
    assert not PublicDocument.objects.filter(publication__source_key="old-4").exists()
    consistent()
    again = sheet(office.officer, [line(1, 正文="内容已经改过。")])
    assert rows_of(again)[0].outcome == "changed"


def test_what_people_withdrew_does_not_come_back(office):
    carry(sheet(office.officer, [line(1)]), office)
    act("withdraw", Publication.objects.get(), office.officer, {"reason": "有误"})
    run = sheet(office.officer, [line(1, 正文="改了。")])
    assert "已经撤回" in rows_of(run)[0].problems[0]


def test_personal_data_is_held_back_unless_overruled(office):
    number = "身份证号：110101199003074530。"
    rows = [line(1), line(2, 正文=f"名单如下。{number}"), line(3, 正文=f"公示如下。{number}")]
    run = sheet(office.officer, rows)
    assert run.counts["blocked"] == 2
    held = ImportRow.objects.filter(run=run, blocked=True)
    run = carry(run, office, overruled=[held[0].pk], reason="依法公示")
    assert run.results["new"] == 2
    assert rows_of(run)[2].state == "skipped"
    hit = ScreeningHit.objects.get(publication__source_key="old-2", blocking=True)
    assert (hit.resolution, hit.reason) == ("overruled", "依法公示")
    assert not Publication.objects.filter(source_key="old-3").exists()


def test_classified_rows_are_refused_and_nothing_of_them_is_kept(office):
    run = sheet(office.officer, [line(1), line(2, 密级="机密"), line(3, 正文="机密★10年\n内部文件正文。")])
    second, third = rows_of(run)[1:]
    assert "密级" in second.problems[0]
    assert not second.title
    assert not second.body
    assert third.outcome == "refused"


@pytest.mark.duty("004-11d")
def test_information_that_is_no_official_document_is_imported_into_the_attribute_review_and_converted(office):
    rows = [
        line(1, 标题="历年学校名录", 文号=None, 体裁="其他", 公开方式="依申请公开"),
        line(2, 标题="校车线路一览", 文号=None, 体裁="其他", 公开方式=None),
    ]
    run = carry(sheet(office.officer, rows, missing_attribute="on_request"), office)
    assert run.results["new"] == 2
    filed = Publication.objects.filter(state="filed").order_by("pk")
    assert [case.review_on for case in filed] == [timezone.localdate(run.closed_at)] * 2
    assert not PublicDocument.objects.exists()
    case = act("review_attribute", filed[0], office.officer, {"attribute": "proactive"})
    case = through(case, office)
    assert case.state == "published"
    assert case.public.title == "历年学校名录"
    consistent()


def test_files_are_kept_cleaned_and_published(office):
    notice = b"%PDF-1.4\n"  # refused below: not a whole file
    table = helpers.workbook([{"事项": "招生", "时限": "6月"}])
    rows = [line(1, 附件="附件/任务分解表.xlsx"), line(2, 附件="没有的.pdf"), line(3, 附件="坏的.pdf")]
    # A table at the top of the archive is an attachment, although it has heads that are known.
    other = helpers.workbook([{"标题": "一张表", "文号": "无"}])
    zipped = helpers.archive({"附件/任务分解表.xlsx": table, "坏的.pdf": notice, "别的.xlsx": other})
    run = sheet(office.officer, rows, {"附件.zip": zipped})
    assert [row.outcome for row in rows_of(run)] == ["new", "refused", "refused"]
    assert "没有找到附件“没有的.pdf”" in rows_of(run)[1].problems[0]
    run = carry(run, office)
    case = Publication.objects.get()
    file = case.current_version.files.get()
    assert file.name == "任务分解表.xlsx"
    assert case.files.get().original.digest != file.digest
    assert Attachment.objects.get(case=case).event == case.events.get()
    assert "招生" in file.text
    assert LogEntry.objects.get().files.count() == 1
    consistent()


def test_index_numbers_that_were_given_are_kept_and_never_given_again(office):
    rows = [line(1, 索引号="jiaoyu/2021-00001"), line(2), line(3, 索引号="jiaoyu/2021-00001")]
    run = sheet(office.officer, rows)
    assert "索引号与" in rows_of(run)[2].problems[0]
    carry(run, office)
    assert list(Publication.objects.order_by("pk").values_list("index_number", flat=True)) == [
        "jiaoyu/2021-00001",
        "jiaoyu/2021-00002",
    ]


def test_a_collision_in_a_batch_stops_only_the_row_that_collides(office):
    run = sheet(office.officer, [line(1), line(2, 索引号="X-2021-7"), line(3)])
    perform("import.submit", run, office.officer)
    perform("import.approve", fresh(run), office.leader)
    taken = through(draft(office), office)
    Publication.objects.filter(pk=taken.pk).update(index_number="X-2021-7")
    running.carry_out.func(run.pk)
    run = fresh(run)
    assert run.results["new"] == 2
    assert "X-2021-7" in rows_of(run)[1].result


# Columns in which an imported document differs from one that acts published, and why.
_OWN = {
    Publication: {
        # keys, numbers and words that are another document's
        *("id", "case_ptr", "number", "title", "document_number", "index_number", "content_digest", "approved_digest"),
        *("source_system", "source_key", "current_version", "opened_at", "closed_at", "updated_at", "approved_at"),
        *("published_at",),
        # no review of its own: the import was approved as a whole
        *("round", "event_count", "approved_by"),
        # its limit was judged when the old site published it: no clock, so neither in time nor late
        *("on_time", "clock", "light", "due_at", "due_order"),
    },
    Version: {
        *("id", "publication", "number", "title", "document_number", "index_number", "digest", "published_at"),
        "published_by",
    },
    PublicDocument: {
        *("publication", "version", "title", "document_number", "index_number", "published_at", "changed_at"),
    },
    ListEntry: {"document", "published_at"},
}


def _columns(row: Any) -> dict[str, Any]:
    return {
        field.name: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.name not in _OWN[type(row)]
    }


def test_an_imported_document_is_as_one_published_by_acts(office):
    text = body.from_html(BODY).html
    acted = through(draft(office, body=text, normative=True, keywords="招生", effective_on="2026-11-10"), office)
    row = line(
        1,
        文号="云教发〔2026〕9号",
        成文日期="2026-11-02",
        发布日期="2026-11-03",
        是否规范性文件="是",
        关键词="招生",
        施行日期="2026-11-10",
        正文=text,
    )
    carry(sheet(office.officer, [row]), office)
    imported = Publication.objects.get(source_key="old-1")
    for one, other in (
        (acted, imported),
        (acted.current_version, imported.current_version),
        (acted.public, imported.public),
        (ListEntry.objects.get(pk=acted.pk), ListEntry.objects.get(pk=imported.pk)),
    ):
        assert _columns(one) == _columns(other)
    entries = [LogEntry.objects.get(subject=f"document/{case.pk}") for case in (acted, imported)]
    assert len({(entry.act, entry.version, entry.unit_id) for entry in entries}) == 1
    assert entries[1].content
    filings = [Filing.objects.get(publication=case) for case in (acted, imported)]
    assert filings[0].number[:-5] == filings[1].number[:-5]
    assert int(filings[1].number[-5:]) == int(filings[0].number[-5:]) + 1
    recording.after_act(SimpleNamespace(case=imported, now=imported.closed_at))
    assert Filing.objects.get(publication=imported).content_digest == filings[1].content_digest
    assert SearchChange.objects.filter(source="document", object_id=imported.pk).exists()
    consistent()


def test_work_that_was_lost_with_its_worker_is_taken_up(office):
    run = sheet(office.officer, [line(1), line(2)])
    perform("import.submit", run, office.officer)
    perform("import.approve", fresh(run), office.leader)
    old = timezone.now() - dt.timedelta(minutes=10)
    # As a worker left it that wrote one batch and died.
    token = running._take(run.pk, "running")
    assert token is not None
    assert running.carry_part(*token, 1) == 1
    assert Publication.objects.count() == 1
    assert running.resume(timezone.now()) == 0
    Import.objects.filter(pk=run.pk).update(beat=old)
    assert running.resume(timezone.now()) == 1
    running.carry_out.func(run.pk)
    assert fresh(run).state == "done"
    assert Publication.objects.count() == 2
    # The first worker wakes up again and finds that the work is not its own any more.
    with pytest.raises(running.Lost):
        running.carry_part(*token)
    consistent()


def test_reading_again_after_a_name_was_registered(office):
    run = sheet(office.officer, [line(1, 发布机构="区教体局")])
    assert run.counts["refused"] == 1
    office.unit.aliases.create(name="区教体局")
    perform("import.again", run, office.officer)
    running.read_files.func(run.pk)
    assert fresh(run).counts["new"] == 1
    replaced = helpers.workbook([line(1), line(2), line(3)])
    files = helpers.uploads({"改好.xlsx": replaced})
    perform("import.again", fresh(run), office.officer, files=files)
    running.read_files.func(run.pk)
    assert fresh(run).counts["new"] == 3


def test_nobody_imports_for_units_of_others(office):
    other = UnitFactory(name="云溪区水务局", short_name="区水务局", parent=office.district)
    run = sheet(office.officer, [line(1, 发布机构=other.name)])
    assert "你不能为" in rows_of(run)[0].problems[0]
    run = sheet(office.supervisor, [line(1, 发布机构=other.name)])
    assert run.counts["new"] == 1


def test_validity_follows_the_days_and_the_rule(office):
    rows = [
        line(1, 有效性="废止", 废止日期="2023-05-01"),
        line(2, 有效性="失效", 失效日期="2022-01-01"),
        line(3, 有效性="已修改"),
        line(4, 是否规范性文件="是", 成文日期="2012-03-01", 发布日期="2012-03-02"),
        line(5, 是否规范性文件="是", 成文日期="2024-03-01", 发布日期="2024-03-02"),
        line(6),
    ]
    carry(sheet(office.officer, rows), office)
    found = Publication.objects.order_by("pk").values_list("validity", flat=True)
    assert list(found) == ["repealed", "lapsed", "amended", "lapsed", "valid", ""]
    consistent()
