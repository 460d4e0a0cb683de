"""Personal data is shown to whoever needs it, with a reason, and who looked can be read by those who oversee."""

from __future__ import annotations

import pytest
from django.urls import reverse

from gongkai.core.models import Event
from gongkai.core.privacy import NotShown, part, reveal
from gongkai.core.privacy.models import PersonalAccess
from gongkai.core.privacy.tests.test_acts import IDENTITY, NAME, every_cell, rules
from gongkai.core.roles import Role
from gongkai.core.tests.factories import user_with
from gongkai.workbench.tests.conftest import sign_in, world

__all__ = ["rules", "sign_in", "world"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_keys", "rules")]


@pytest.fixture
def case(world):
    return world.open()


def test_masks_first_then_what_was_asked_for(case, world):
    officer = world.people["officer"]
    shown = part(case, officer)
    assert [row["masked"] for row in shown["rows"]] == ["陆某某", "110105********002X"]
    assert shown["may"]
    assert NAME not in str(shown)
    assert reveal(case, officer, "联系 陆文澜 补正", ["name", "nothing"]) == {"name": NAME}
    look = PersonalAccess.objects.get()
    assert (look.labels, look.reason, look.user_label) == (["姓名"], "联系 陆文澜 补正", officer.who)
    with pytest.raises(RuntimeError, match="不能修改"):
        look.save()
    with pytest.raises(RuntimeError, match="不能删除"):
        look.delete()
    event = Event.objects.get(act="privacy.look")
    assert event.summary == f"{case.number}：姓名"
    assert event.actor == officer
    assert NAME.encode() not in every_cell(), "the reason may name somebody"


@pytest.mark.parametrize(
    ("who", "reason", "keys", "words"),
    [
        ("officer", "", ["name"], "请写明为什么"),
        ("officer", " x ", ["name"], "请写明为什么"),
        ("officer", "长" * 201, ["name"], "200字以内"),
        ("officer", "核对身份", [], "还没有勾选"),
        ("officer", "核对身份", ["password"], "还没有勾选"),
        ("handler", "核对身份", ["name"], "不需要查看"),
        ("stranger", "核对身份", ["name"], "不需要查看"),
        ("system_admin", "核对身份", ["name"], "不需要查看"),
    ],
)
def test_what_is_not_shown_is_told_and_not_recorded(case, world, who, reason, keys, words):
    with pytest.raises(NotShown, match=words):
        reveal(case, world.people[who], reason, keys)
    assert PersonalAccess.objects.count() == 0


def test_the_button_works_with_and_without_scripts(case, world, sign_in):
    client = sign_in("officer")
    address = reverse("privacy:show", args=[case.pk])
    data = {"keys": ["identity"], "reason": "核对申请人身份"}
    whole = client.post(address, data)
    assert whole.status_code == 200
    assert IDENTITY in whole.content.decode()
    assert NAME not in whole.content.decode()
    assert "no-store" in whole["Cache-Control"]
    piece = client.post(address, data, headers={"HX-Request": "true"}).content.decode()
    assert piece.lstrip().startswith("<section")
    assert IDENTITY in piece
    refused = client.post(address, {"keys": ["identity"]})
    assert refused.status_code == 422
    assert "请写明为什么要看" in refused.content.decode()
    assert IDENTITY not in refused.content.decode()
    assert PersonalAccess.objects.count() == 2
    assert sign_in("stranger").post(address, data).status_code == 404
    assert client.get(address).status_code in (302, 404)
    refused = sign_in("handler").post(address, data)
    assert "不需要查看" in refused.content.decode()
    assert IDENTITY not in refused.content.decode()


def test_who_may_read_who_looked(case, world, sign_in):
    reveal(case, world.people["officer"], "核对身份", ["name"])
    one, everything = reverse("privacy:looks", args=[case.pk]), reverse("privacy:all-looks")
    for who in ("office", "auditor", "audit_admin", "security_admin"):
        client = sign_in(who)
        for address in (one, everything):
            page = client.get(address).content.decode()
            assert "核对身份" in page, (who, address)
            assert NAME not in page
    for who, answer in (("officer", 403), ("handler", 403), ("system_admin", 404), ("stranger", 404)):
        assert sign_in(who).get(one).status_code == answer, who
        assert sign_in(who).get(everything).status_code == 403, who


def test_overseers_of_another_unit_see_nothing(case, world, sign_in):
    reveal(case, world.people["officer"], "核对身份", ["name"])
    world.people["elsewhere"] = user_with(Role.SECURITY_ADMIN, world.health, username="elsewhere")
    world.people["here"] = user_with(Role.SECURITY_ADMIN, world.education, username="here")
    assert "核对身份" not in sign_in("elsewhere").get(reverse("privacy:all-looks")).content.decode()
    assert sign_in("elsewhere").get(reverse("privacy:looks", args=[case.pk])).status_code == 404
    assert "核对身份" in sign_in("here").get(reverse("privacy:looks", args=[case.pk])).content.decode()


def test_the_list_goes_on(case, world, sign_in, django_assert_max_num_queries):
    for number in range(53):
        reveal(case, world.people["officer"], f"核对身份{number:02}", ["name"])
    client = sign_in("auditor")
    with django_assert_max_num_queries(12):
        first = client.get(reverse("privacy:all-looks")).content.decode()
    assert "核对身份52" in first
    assert "核对身份02" not in first
    last = PersonalAccess.objects.order_by("-pk")[49].pk
    assert f"before={last}" in first
    assert "核对身份02" in client.get(reverse("privacy:all-looks"), {"before": last}).content.decode()
