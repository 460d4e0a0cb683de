"""Applicants' data: masked, shown by need and recorded, erased when its time is over."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from gongkai.core import privacy
from gongkai.core.attachments import path_of
from gongkai.core.privacy import retention
from gongkai.core.privacy.fields import SealedField
from gongkai.core.privacy.models import PersonalAccess
from gongkai.core.roles import Role
from gongkai.requests import personal
from gongkai.requests.acts.reply import steps_now
from gongkai.requests.models import Message, Request
from gongkai.requests.tests.helpers import NAME, PDF, PHONE, act, at, fresh, organisation, person, submitted, upload
from gongkai.requests.tests.reply_helpers import draft, opened, submit

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


def _opened(client, user, file) -> int:
    """What comes of opening a file, as the status of the answer."""
    client.force_login(user)
    return client.get(file.get_absolute_url()).status_code


@pytest.mark.duty("004-8b")
def test_reviewers_of_a_running_review_open_the_files_and_nobody_else_gains(client, place, handling):
    """Role by state: what each may open, what stays masked, and that every look is kept."""
    case = act("add_materials", handling, place.handler, files={"files": [upload("报告.pdf", PDF)]})
    row = case.materials.get()
    case = act(
        "treat_materials", case, place.handler,
        **{f"treatment_{row.pk}": "withheld", f"ground_{row.pk}": "D1", f"reason_{row.pk}": "涉密"},
    )  # fmt: skip
    people = (
        "officer",
        "handler",
        "reviewer",
        "legal",
        "leader",
        "secrecy",
        "supervisor",
        "auditor",
        "neighbour",
        "admin",
    )
    always = {"officer": 200, "handler": 200, "reviewer": 200, "legal": 200, "leader": 200, "supervisor": 403,
              "auditor": 403, "neighbour": 404, "admin": 404}  # fmt: skip

    def table() -> dict[str, int]:
        return {name: _opened(client, getattr(place, name), row.original) for name in people}

    assert table() == always | {"secrecy": 403}
    case = submit(place, draft(place, case, "D1"))
    assert "secrecy" in [step.role for step in steps_now(case)]
    before = PersonalAccess.objects.count()
    assert table() == always | {"secrecy": 200}
    assert PersonalAccess.objects.count() == before + 6
    assert PersonalAccess.objects.filter(user=place.secrecy, case_id=case.pk).get().labels == [
        f"材料：{row.original.name}"
    ]
    # Reviewing needs the files, not who asks: the masked fields and the letters stay shut.
    assert not privacy.may_see(case, place.secrecy)
    with pytest.raises(privacy.NotShown):
        privacy.reveal(case, place.secrecy, "审核答复", ["name"])
    client.force_login(place.secrecy)
    assert row.original.get_absolute_url() in client.get(case.get_absolute_url()).content.decode()
    case = act("recall_reply", case, place.handler, "2026-06-10")
    assert table() == always | {"secrecy": 403}


def test_a_secrecy_reviewer_outside_the_chain_opens_nothing(client, place, handling):
    case = act("add_materials", handling, place.handler, files={"files": [upload("报告.pdf", PDF)]})
    row = case.materials.get()
    elsewhere = person("baomi-2", place.beside, Role.SECRECY)
    above = person("baomi-3", place.office, Role.SECRECY)
    case = act("treat_materials", case, place.handler, **{f"treatment_{row.pk}": "given"})
    case = submit(place, draft(place, case, "G-b"))
    chain = {step.role for step in steps_now(case)}
    assert _opened(client, elsewhere, row.original) == 404
    assert _opened(client, above, row.original) == 404
    assert _opened(client, place.secrecy, row.original) == (200 if "secrecy" in chain else 403)


SUPPLEMENTED = "身份证号码是110101199003071233，住柳荫巷8号2单元"


def supplemented(place) -> Request:
    """Asked for the number of the identity card, which came as words."""
    case = act("ask_supplement", opened(place), place.handler, "2026-06-03", items="请补充身份证明", lacks=["identity"],
               sent_on="2026-06-03", received_on="2026-06-03", workdays="10")  # fmt: skip
    return act("applicant_supplement", case, None, "2026-06-04", answer=SUPPLEMENTED)


def stored(table: str) -> str:
    """All that a table holds, as the database has it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        values = [value for row in cursor.fetchall() for value in row]
    return "\n".join(
        bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else str(value)
        for value in values
    )


def test_what_is_supplemented_lies_nowhere_open(place, client):
    case = supplemented(place)
    assert case.supplement_rounds.get().answer == SUPPLEMENTED
    for table, known in (("requests_supplement", "请补充身份证明"), ("core_event", "applicant_supplement")):
        held = stored(table)
        assert known in held
        # As text, and as JSON writes it.
        assert "柳荫巷" not in held
        assert json.dumps("柳荫巷")[1:-1] not in held
    # Who handles it reads it on the page of the case, others do not.
    client.force_login(place.handler)
    assert SUPPLEMENTED in client.get(case.get_absolute_url()).content.decode()
    client.force_login(place.supervisor)
    assert "柳荫巷" not in client.get(case.get_absolute_url()).content.decode()


def test_what_is_supplemented_is_erased_with_the_rest(place):
    case = act("withdraw", supplemented(place), None, "2026-06-05")
    personal.erase(case)
    assert case.supplement_rounds.get().answer == ""


@pytest.mark.django_db(transaction=True)
def test_the_migration_seals_and_opens_again(place):
    """On a database with content: nothing is lost on the way back, nor on the way forth."""
    case = supplemented(place)
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes()
    try:
        executor.migrate([("requests", "0001_initial")])
        with connection.cursor() as cursor:
            cursor.execute("SELECT answer FROM requests_supplement")
            assert cursor.fetchall() == [(SUPPLEMENTED,)]
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(newest)
    assert case.supplement_rounds.get().answer == SUPPLEMENTED
