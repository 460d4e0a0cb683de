"""A publication's life: written, reviewed, released, amended, withdrawn; who may not, and what stays."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from gongkai.core import jurisdiction
from gongkai.core.acts import ActError, InvalidData, NotPermitted, WrongState, perform
from gongkai.core.models import Notification
from gongkai.publications import screen
from gongkai.publications.acts.release import release_due
from gongkai.publications.models import Publication, PublicDocument, Version, WithdrawalNote
from gongkai.publications.tests.helpers import act, draft, fresh, review, through

pytestmark = pytest.mark.django_db


@pytest.mark.duty("001-14c", "001-14d")
def test_nothing_is_public_before_every_step_was_taken(office):
    case = act("submit", draft(office), office.officer)
    for purpose, who in (("content", "reviewer"), ("secrecy", "secrecy"), ("approval", "leader")):
        assert (case.state, case.review_purpose) == ("review", purpose)
        assert not PublicDocument.objects.exists()
        case = act("approve" if purpose == "approval" else "pass", case, getattr(office, who))
    assert case.state == "published"
    row = PublicDocument.objects.get()
    assert (row.title, row.version.number, row.unit) == (case.title, 1, office.unit)
    assert case.index_number == f"jiaoyu/{timezone.localdate().year}-00001"
    assert [step.by_label for step in case.steps.all()] == [
        office.reviewer.who,
        office.secrecy.who,
        office.leader.who,
    ]


@pytest.mark.duty("001-14b")
def test_whoever_wrote_it_never_approves_it(office):
    from gongkai.core.models import Membership
    from gongkai.core.roles import Role

    Membership.objects.create(user=office.officer, unit=office.unit, role=Role.LEADER)
    case = review(act("submit", draft(office), office.officer), office, until="approval")
    with pytest.raises(ActError, match="你修改过"):
        act("approve", case, office.officer)


def test_only_the_role_that_is_asked_passes(office):
    case = act("submit", draft(office), office.officer)
    for name in ("officer", "secrecy", "leader", "supervisor"):
        with pytest.raises(NotPermitted):
            act("pass", case, getattr(office, name))
    with pytest.raises(WrongState):
        act("approve", case, office.reviewer)


def test_a_return_goes_back_to_the_writer_and_unchanged_steps_are_kept(office):
    case = act("pass", act("submit", draft(office), office.officer), office.reviewer)
    case = act("return", case, office.secrecy, {"reason": "请说明附件来源。"})
    assert (case.state, case.turn_unit) == ("returned", office.unit)
    case = act("submit", case, office.officer)
    assert case.review_purpose == "secrecy"
    kept = case.steps.get(round=2, purpose="content")
    assert (kept.decision, kept.by_label) == ("kept", office.reviewer.who)


def test_a_changed_text_is_reviewed_from_the_beginning(office):
    case = act("pass", act("submit", draft(office), office.officer), office.reviewer)
    case = act("return", case, office.secrecy, {"reason": "请改正。"})
    case = edit(case, office.officer, body="<p>改过的正文。</p>")
    case = act("submit", case, office.officer)
    assert case.review_purpose == "content"


def edit(case, user, **more):
    """Save the form as it is, with some fields changed."""
    from gongkai.publications.forms import values_of

    typed = {name: value for name, value in values_of(case).items() if value not in (None, False)}
    return act("edit", case, user, {**typed, **more})


def test_an_unchanged_save_keeps_the_approval_and_a_change_ends_it(office):
    case = review(act("submit", draft(office), office.officer, {"when": "later"}), office)
    assert (case.state, case.approval_holds) == ("approved", True)
    case = edit(case, office.officer)
    assert (case.state, case.approval_holds) == ("approved", True)
    case = edit(case, office.second, body="<p>偷偷加一句。</p>")
    assert (case.state, case.approval_holds) == ("draft", False)
    with pytest.raises(WrongState):
        act("release", case, office.officer)


def test_the_approval_authorises_the_timed_release_even_when_the_writer_left(office):
    at = timezone.now() + dt.timedelta(days=1)
    case = act(
        "submit",
        draft(office),
        office.officer,
        {"when": "timed", "release_at": f"{timezone.localtime(at):%Y-%m-%dT%H:%M}"},
    )
    case = review(case, office)
    assert case.state == "scheduled"
    office.officer.is_active = False
    office.officer.save()
    assert release_due(timezone.now()) == 0
    assert release_due(at + dt.timedelta(minutes=1)) == 1
    assert fresh(case).state == "published"


@pytest.mark.duty("003-28c", "003-28e")
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"attribute": ""}, "没有确定公开属性"),
        ({"attribute": "on_request"}, "没有写明不主动公开的理由"),
        ({"attribute": "withheld", "reason": "内部事务"}, "没有选择不予公开的法定情形"),
        ({"policy": "on"}, "解读方案"),
        ({"normative": "on", "attribute": "on_request", "reason": "过程性"}, "政务公开工作机构同意"),
    ],
)
def test_a_document_with_a_missing_part_is_sent_back(office, typed, words):
    case = draft(office, **typed)
    with pytest.raises(ActError, match=words):
        act("submit", case, office.officer)
    assert fresh(case).state == "draft"


@pytest.mark.duty("003-28d", "000-3d")
def test_a_policy_goes_up_only_with_its_interpretation_plan(office):
    case = draft(office, policy="on")
    with pytest.raises(ActError, match="解读方案"):
        act("submit", case, office.officer)
    case = edit(case, office.officer, plan="图解一份，由起草科室解读。")
    assert act("submit", case, office.officer).state == "review"


def test_an_exception_carries_its_reason_and_a_missing_attribute_has_none(office):
    case = act("submit", draft(office, policy="on"), office.officer, {"exception": "转发上级文件，上级已解读。"})
    assert (case.state, case.gate_faults[0]["code"]) == ("review", "interpretation_plan")
    with pytest.raises(ActError, match="公开属性"):
        act("submit", draft(office, attribute=""), office.officer, {"exception": "来不及"})


def test_the_jurisdiction_may_only_record_what_is_missing(office):
    jurisdiction.change("publications.gate", "只作记录", office.supervisor)
    case = act("submit", draft(office, policy="on"), office.officer)
    assert (case.state, [fault["code"] for fault in case.gate_faults]) == ("review", ["interpretation_plan"])


def test_withheld_information_is_filed_with_a_day_to_look_again(office):
    case = through(draft(office, attribute="withheld", ground="X16b", reason="讨论过程中的稿子"), office)
    assert (case.state, case.outcome) == ("filed", "不予公开")
    assert case.review_on is not None
    assert not PublicDocument.objects.exists()


@pytest.mark.duty("004-11a")
def test_a_withheld_document_is_reviewed_and_converted(office):
    case = through(draft(office, attribute="on_request", reason="暂不成熟"), office)
    with pytest.raises(InvalidData):
        act("review_attribute", case, office.officer, {"attribute": "withheld"})
    case = act("review_attribute", case, office.officer, {"attribute": "proactive"})
    assert (case.state, case.is_open) == ("draft", True)
    assert case.clocks.filter(code="convert:1").exists()
    assert through(case, office).state == "published"


def test_the_twenty_working_days_run_from_the_day_of_making(office):
    case = draft(office, made_on="2026-09-24")
    assert timezone.localdate(case.due_at - dt.timedelta(seconds=1)) == dt.date(2026, 10, 29)
    case = edit(case, office.officer, made_on="2026-02-13")
    assert timezone.localdate(case.due_at - dt.timedelta(seconds=1)) == dt.date(2026, 3, 19)
    assert case.light == "late"


def test_an_amendment_leaves_the_released_version_until_it_is_released_itself(office, published):
    before = PublicDocument.objects.get().version
    case = act("amend", published, office.officer, {"reason": "调整招生范围。"})
    case = edit(case, office.officer, title="云溪区教育局关于调整招生范围的通知")
    assert PublicDocument.objects.get().title == before.title
    case = through(case, office)
    row = PublicDocument.objects.get()
    assert (row.version.number, row.title) == (2, case.title)
    assert Version.objects.get(publication=case, number=1).title == before.title
    assert row.published_at == published.published_at


def test_an_amendment_may_be_given_up(office, published):
    case = act("amend", published, office.officer, {"reason": "想改。"})
    case = edit(case, office.officer, title="改了一半")
    case = act("cancel_amendment", case, office.officer)
    assert (case.state, case.title) == ("published", published.title)


def test_withdrawal_leaves_nothing_but_a_note(office, published):
    case = act("withdraw", published, office.officer, {"reason": "内容有误，另行发布。"})
    assert (case.state, case.is_public) == ("withdrawn", False)
    assert not PublicDocument.objects.exists()
    assert not Version.objects.filter(public=True).exists()
    assert WithdrawalNote.objects.get().reason == "内容有误，另行发布。"


def test_repeal_by_another_document_is_shown_both_ways(office, published, client):
    other = through(
        draft(office, document_number="云教发〔2026〕9号", title="云溪区教育局关于废止部分文件的通知"), office
    )
    case = act(
        "change_validity",
        published,
        office.officer,
        {"validity": "repealed", "day": "2026-11-20", "by": "云教发〔2026〕9号"},
    )
    assert (case.validity, PublicDocument.objects.get(pk=case.pk).validity) == ("repealed", "repealed")
    assert case.relations_to.get().source == other
    client.force_login(office.officer)
    for one, linked in ((case, other), (other, case)):
        page = client.get(one.get_absolute_url()).content.decode()
        assert f'<a href="{linked.get_absolute_url()}">{linked.title}</a>' in page


def test_a_normative_document_gets_the_usual_term_and_lapses(office):
    from gongkai.publications.acts.afterwards import validity_due

    case = through(draft(office, normative="on", effective_on="2026-12-01"), office)
    assert (case.expires_on, case.validity) == (dt.date(2031, 11, 30), "valid")
    midnight = timezone.make_aware(dt.datetime(2031, 12, 1, 0, 5))
    assert validity_due(midnight - dt.timedelta(minutes=10)) == 0
    assert validity_due(midnight) == 1
    assert (fresh(case).validity, PublicDocument.objects.get(pk=case.pk).validity) == ("lapsed", "lapsed")
    assert validity_due(midnight) == 0


def test_a_normative_document_is_checked_for_legality(office):
    case = act("submit", draft(office, normative="on"), office.officer)
    assert [step.purpose for step in case.steps.all()] == ["content", "secrecy", "legal", "approval"]


def test_a_step_that_nobody_can_take_is_said_at_once(office):
    from gongkai.core.models import Membership

    Membership.objects.filter(role="leader").delete()
    with pytest.raises(ActError, match="没有人能办"):
        act("submit", draft(office), office.officer)


def test_an_outsider_does_nothing(office):
    from gongkai.core.roles import Role
    from gongkai.core.tests.factories import user_with

    stranger = user_with(Role.OFFICER)
    with pytest.raises(NotPermitted):
        perform("publication.submit", draft(office), stranger, {})


@pytest.mark.duty("004-46b")
def test_a_download_is_in_the_log_as_the_document_itself_is(office, published):
    import hashlib

    from gongkai.core.transparency import queries
    from gongkai.publications import rendered

    data = rendered.file_of(published.current_version, "docx")
    digest = hashlib.sha256(data).hexdigest()
    (found,) = queries.find(digest)
    assert (found.standing.state, found.entry.act) == ("current", "rendered")
    # One changed byte, and nobody takes it for ours.
    forged = data[:-1] + bytes([data[-1] ^ 1])
    assert not queries.find(hashlib.sha256(forged).hexdigest())
    act("withdraw", published, office.officer, {"reason": "有误。"})
    assert queries.find(digest)[0].standing.state == "withdrawn"
    assert rendered.file_of(published.versions.get(), "docx") == data
    assert not rendered.folder_of(published.pk).exists()


def test_the_daily_work_on_validity_reads_only_what_its_day_has_come_for(office):
    """Both questions are answered from partial indexes, not by walking all public documents."""
    from gongkai.publications.acts.afterwards import IN_FORCE, validity_due

    with CaptureQueriesContext(connection) as asked:
        validity_due(timezone.now())
    questions = [one["sql"] for one in asked if 'FROM "publications_publicdocument"' in one["sql"]]
    assert len(questions) == 2
    day = dt.date(2026, 11, 22)
    if connection.vendor == "sqlite":
        rows = PublicDocument.objects.filter(validity__in=IN_FORCE)
        assert "public_expires_on" in rows.filter(expires_on__lt=day).explain()
        assert "public_repealed_on" in rows.filter(repealed_on__lte=day).explain()


def test_a_cancelled_amendment_brings_back_the_files_that_were_removed(office):
    case = draft(office)
    file = SimpleUploadedFile("名单.txt", "第一小学".encode())
    case = act("add_files", case, office.officer, {}, files=MultiValueDict({"files": [file]}))
    screen.check_files.call(case.pk)
    case = through(fresh(case), office)
    before = case.content_digest
    case = act("amend", case, office.officer, {"reason": "换附件。"})
    case = act("remove_file", case, office.officer, {"file": case.files.get().pk})
    other = SimpleUploadedFile("新名单.txt", "第二小学".encode())
    case = act("add_files", case, office.officer, {}, files=MultiValueDict({"files": [other]}))
    assert [file.name for file in case.files.all()] == ["新名单.txt"]
    case = act("cancel_amendment", case, office.officer)
    (back,) = case.files.select_related("original")
    assert (back.name, back.check_state, back.original.name) == ("名单.txt", "clean", "名单.txt")
    assert back.digest == case.current_version.files.get().digest
    assert (case.state, case.content_digest, case.approval_holds) == ("published", before, True)


def test_a_cancelled_amendment_has_its_files_even_where_the_version_does_not_name_their_origin(office):
    case = draft(office)
    file = SimpleUploadedFile("名单.txt", "第一小学".encode())
    case = act("add_files", case, office.officer, {}, files=MultiValueDict({"files": [file]}))
    screen.check_files.call(case.pk)
    case = through(fresh(case), office)
    case.current_version.files.update(original=None)
    case = act("amend", case, office.officer, {"reason": "换附件。"})
    case = act("remove_file", case, office.officer, {"file": case.files.get().pk})
    case = act("cancel_amendment", case, office.officer)
    assert case.files.get().digest == case.current_version.files.get().digest


def test_a_timed_release_that_failed_says_why(office, client):
    at = timezone.localtime(timezone.now() + dt.timedelta(days=2))
    case = act("submit", draft(office), office.officer, {"when": "timed", "release_at": f"{at:%Y-%m-%dT%H:%M}"})
    case = review(case, office)
    # What nobody foresaw: the approval does not hold any more when the time comes.
    Publication.objects.filter(pk=case.pk).update(approved_digest="0" * 64)
    assert release_due(at + dt.timedelta(minutes=1)) == 0
    case = fresh(case)
    assert (case.state, case.release_at) == ("approved", None)
    assert "没有有效的批准" in case.release_failure
    client.force_login(office.officer)
    page = client.get(case.get_absolute_url()).content.decode()
    assert "定时发布没有成功。" in page
    assert case.release_failure in page
    told = Notification.objects.filter(user=office.officer).order_by("-pk").first()
    assert told is not None
    assert "没有有效的批准" in told.text
