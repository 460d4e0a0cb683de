"""Applicants' data: masked, shown by need and recorded, erased when its time is over."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection

from gongkai.core import privacy
from gongkai.core.attachments import path_of
from gongkai.core.privacy import retention
from gongkai.core.privacy.fields import SealedField
from gongkai.core.privacy.models import PersonalAccess
from gongkai.requests import personal
from gongkai.requests.models import Message, Request
from gongkai.requests.tests.helpers import NAME, PHONE, act, at, fresh, organisation, submitted, upload

pytestmark = pytest.mark.django_db


def test_lists_and_pages_show_masks(place, received):
    shown = {label: text for _, label, text in personal.describe(received)}
    assert shown["姓名或者名称"] == "欧阳某某"
    assert shown["居民身份证号码"] == "110101********1233"
    assert shown["联系电话"] == "138****8000"
    assert shown["电子邮箱"] == "q***@example.cn"
    assert shown["联系地址"] == "临江市云溪区桥头街道"
    assert shown["工作单位"] == "***"
    firm = submitted(place, **organisation(place))
    assert {key: text for key, _, text in personal.describe(firm)}["name"] == "临江市望江建材有限公司"


def test_whose_work_needs_it_looks_with_a_reason_and_the_look_is_kept(place, received):
    for user in (place.officer, place.handler, place.reviewer, place.leader):
        assert privacy.may_see(received, user)
    for user in (place.secrecy, place.neighbour, place.supervisor, place.auditor, place.admin):
        assert not privacy.may_see(received, user)
    found = privacy.reveal(received, place.handler, "打电话核对申请内容", ["name", "phone"])
    assert found == {"name": NAME, "phone": PHONE}
    look = PersonalAccess.objects.get()
    assert look.user == place.handler
    assert NAME not in str(look.__dict__)


def test_when_the_time_is_over_nothing_tells_who_asked(place):
    case = submitted(place, files={"proof": [upload()]})
    Message.objects.create(request=case, from_applicant=True, text=f"请打{PHONE}", at=at("2026-06-02"))
    case = act("withdraw", case, None, "2026-06-05", reason="不用了")
    digest = case.attachments.get().digest
    before = retention.waiting("request", at("2036-06-04"))
    assert not before.exists()
    assert retention.run(at("2036-06-06")) == 1
    gone = fresh(case)
    assert (gone.applicant, gone.code, gone.applicant_label) == ({}, "", "（已删除）")
    assert not any((gone.identity_mark, gone.phone_mark, gone.email_mark, gone.code_mark))
    assert gone.erased_at is not None
    assert (gone.number, gone.decision, gone.result_year, gone.state) == (case.number, "O3", 2026, "ended")
    assert {message.text for message in gone.messages.all()} == {""}
    assert not path_of(digest).exists()
    assert retention.run(at("2036-06-07")) == 0


def test_contested_requests_are_kept_longer(place, received):
    case = act("withdraw", received, None, "2026-06-05")
    Request.objects.filter(pk=case.pk).update(contested=True)
    assert not retention.waiting("request", at("2046-06-06")).exists()
    assert retention.waiting("request", at("2056-06-10")).exists()


def test_every_sealed_column_of_the_room_is_known_to_the_eraser():
    from django.apps import apps

    known = {model for model, _ in personal.linked()} | {Request}
    sealed = {
        model
        for model in apps.get_models()
        if model.__module__.startswith("gongkai.requests")
        and any(isinstance(f, SealedField) for f in model._meta.local_fields)
    }
    # Drafts of applications go after a day, and belong to no request.
    assert {model.__name__ for model in sealed - known} <= {"Draft", "DraftFile"} | OF_THEIR_OWN


# Counsel's own telephone is no applicant's.
OF_THEIR_OWN = {"Counsel"}


def test_the_erased_values_are_sealed_empties(place, received):
    case = act("withdraw", received, None, "2026-06-05")
    personal.erase(case)
    with connection.cursor() as cursor:
        cursor.execute("SELECT applicant FROM requests_request")
        assert len(bytes(cursor.fetchone()[0])) > 16
    assert dt.date(2026, 6, 5) == fresh(case).replied_on
