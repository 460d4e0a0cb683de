"""The one door: role, state, form, event, clock, counters and notices in one transaction."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from gongkai.core import audit, calendars, clocks, counters
from gongkai.core.acts import ActError, InvalidData, NotPermitted, WrongState, available, perform
from gongkai.core.models import Case, CaseCount, Clock, Event, Membership, Notification, Unit, User
from gongkai.core.roles import Role
from gongkai.core.tests import sample

pytestmark = pytest.mark.django_db


def moment(text: str) -> dt.datetime:
    return timezone.make_aware(dt.datetime.fromisoformat(text))


@pytest.fixture
def world():
    root = Unit.objects.create(code="qu", name="云溪区人民政府", short_name="区政府", kind="government")
    office = Unit.objects.create(
        code="bgs", name="云溪区人民政府办公室", short_name="区政府办公室", kind="office", parent=root
    )
    bureau = Unit.objects.create(code="jyj", name="云溪区教育局", short_name="区教育局", parent=root)
    other = Unit.objects.create(code="mzj", name="云溪区民政局", short_name="区民政局", parent=root)

    def person(name: str, unit: Unit, role: Role) -> User:
        user = User.objects.create_user(name, password="x")
        Membership.objects.create(user=user, unit=unit, role=role, main=True)
        return user

    return {
        "office": office,
        "bureau": bureau,
        "other": other,
        "boss": person("boss", office, Role.OFFICE),
        "officer": person("officer", bureau, Role.OFFICER),
        "stranger": person("stranger", other, Role.OFFICER),
    }


@pytest.fixture
def case(world) -> Case:
    event = perform(
        sample.OpenSample,
        None,
        world["boss"],
        {"title": "公开预算", "unit": world["bureau"].pk, "workdays": 5},
        now=moment("2026-09-18T10:00"),
    )
    return event.case


def test_opening_numbers_the_case_and_starts_its_clock(case, world):
    assert case.number == "YL-2026-0001"
    assert case.turn_unit == world["bureau"]
    assert case.ask == "开始办理"
    # 2026-09-20 is a make-up Sunday: five working days after Friday the 18th end on the 24th.
    assert timezone.localtime(case.due_at) == moment("2026-09-25T00:00")
    assert case.clock.code == "main"
    assert Event.objects.get(case=case).sequence == 1


def test_an_act_moves_the_state_and_leaves_one_event(case, world):
    event = perform(sample.Begin, case, world["officer"], {"words": "着手办理"}, now=moment("2026-09-21T09:00"))
    case.refresh_from_db()
    assert case.state == "doing"
    assert (event.state_before, event.state_after, event.words) == ("new", "doing", "着手办理")
    assert event.sequence == 2
    assert event.actor_label == "区教育局 信息公开员"
    assert event.changes["state"] == ["new", "doing"]
    assert Notification.objects.get(user=world["boss"]).case == case


def test_role_state_and_form_are_checked(case, world):
    with pytest.raises(NotPermitted):
        perform(sample.Begin, case, world["stranger"], {"words": "x"})
    with pytest.raises(WrongState):
        perform(sample.Finish, case, world["officer"])
    with pytest.raises(InvalidData) as caught:
        perform(sample.Begin, case, world["officer"], {"words": ""})
    assert "words" in caught.value.form.errors
    case.refresh_from_db()
    assert case.state == "new"
    assert Event.objects.filter(case=case).count() == 1


def test_a_fault_in_the_middle_leaves_nothing(case, world):
    with pytest.raises(RuntimeError):
        perform(sample.Break, case, world["officer"])
    assert not Clock.objects.filter(case=case, code="half").exists()
    assert Event.objects.filter(case=case).count() == 1


def test_available_acts_follow_role_and_state(case, world):
    assert [act.name for act in available(case, world["officer"])] == ["begin", "break"]
    assert available(case, world["stranger"]) == []


def test_closing_in_time_and_late(case, world):
    perform(sample.Begin, case, world["officer"], {"words": "办"}, now=moment("2026-09-21T09:00"))
    perform(sample.Finish, case, world["officer"], now=moment("2026-09-24T23:59"))
    case.refresh_from_db()
    assert (case.light, case.on_time, case.closed_month) == ("done", True, "2026-09")
    late = perform(
        sample.OpenSample,
        None,
        world["boss"],
        {"title": "迟办", "unit": world["bureau"].pk, "workdays": 1},
        now=moment("2026-09-21T10:00"),
    ).case
    perform(sample.Begin, late, world["officer"], {"words": "办"}, now=moment("2026-09-23T09:00"))
    perform(sample.Finish, late, world["officer"], now=moment("2026-09-23T09:01"))
    late.refresh_from_db()
    assert (late.light, late.on_time) == ("donelate", False)
    assert counters.closed_by_month("sample") == {"2026-09": (1, 1)}
    assert counters.verify() == []


def test_counters_are_kept_and_stale_lights_corrected(case, world):
    key = (world["bureau"].pk, "01")
    now = moment("2026-09-18T11:00")
    assert counters.by_unit_section("sample", now=now)[key] == {"ok": 1}
    assert counters.by_unit_section("sample", now=moment("2026-09-23T11:00"))[key] == {"soon": 1}
    assert counters.by_unit_section("sample", now=moment("2026-10-30T11:00"))[key] == {"late": 1}
    assert clocks.refresh_lights(moment("2026-10-30T11:00")) == 1
    case.refresh_from_db()
    assert case.light == "late"
    assert counters.by_unit_section("sample", now=moment("2026-10-30T11:00"))[key] == {"late": 1}
    assert counters.verify() == []


def test_a_wrong_counter_is_named_and_repaired(case):
    CaseCount.objects.update(number=7)
    assert len(counters.verify()) == 1
    assert counters.verify(repair=True)
    assert counters.verify() == []


def test_a_pause_lengthens_and_a_resume_counts_from_the_next_day(case):
    clock = case.clock
    clocks.pause(clock, moment("2026-09-21T10:00"), reason="等第三方回函")
    assert clock.due_at is None
    assert clocks.light_of(clock, moment("2026-09-22T10:00")) == "paused"
    clocks.resume(clock, moment("2026-09-23T10:00"))
    # Days counted: 20, 21, then 24, 28, 29 (25-27 is 中秋).
    assert timezone.localtime(clock.due_at) == moment("2026-09-30T00:00")


def test_a_calendar_change_moves_open_clocks_and_says_so(case, world):
    moved = calendars.add_layer(
        [dt.date(2026, 9, 23)], [], world["boss"], reason="台风停工", document_number="云防指〔2026〕3号"
    )
    case.refresh_from_db()
    assert moved == 1
    assert timezone.localtime(case.due_at) == moment("2026-09-29T00:00")
    event = Event.objects.filter(case=case).first()
    assert event.label == "时限重算"
    assert "台风停工" in event.summary


def test_files_are_checked_and_kept_once(case, world):
    file = SimpleUploadedFile("清单.txt", "一、二、三".encode())
    event = perform(sample.Begin, case, world["officer"], {"words": "办"}, files={"files": [file]})
    attachment = event.attachments.get()
    assert attachment.case == case
    assert attachment.name == "清单.txt"
    other = perform(sample.OpenSample, None, world["boss"], {"title": "二", "unit": world["bureau"].pk}).case
    wrong = SimpleUploadedFile("假.docx", b"no office file")
    with pytest.raises(InvalidData):
        perform(sample.Begin, other, world["officer"], {"words": "办"}, files={"files": [wrong]})


def test_the_chain_shows_the_first_altered_row(case, world):
    perform(sample.Begin, case, world["officer"], {"words": "办"})
    perform(sample.Finish, case, world["officer"])
    assert audit.verify().intact
    second = Event.objects.filter(case=case).order_by("id")[1]
    Event.objects.filter(pk=second.pk).update(words="改过的话")
    verdict = audit.verify()
    assert not verdict.intact
    assert str(second.pk) in verdict.fault


def test_events_can_be_neither_changed_nor_deleted(case):
    event = Event.objects.get(case=case)
    with pytest.raises(RuntimeError):
        event.save()
    with pytest.raises(RuntimeError):
        event.delete()


def test_a_rule_of_the_room_stops_an_act_in_words(case, world, monkeypatch):
    monkeypatch.setattr(sample.Begin, "blocked", lambda self, case, user: "先签收再办理。")
    with pytest.raises(ActError, match="先签收"):
        perform(sample.Begin, case, world["officer"], {"words": "x"})


def test_visible_only_to_those_concerned(case, world):
    assert list(Case.objects.visible_to(world["officer"])) == [case]
    assert list(Case.objects.visible_to(world["boss"])) == [case]
    assert not Case.objects.visible_to(world["stranger"]).exists()
