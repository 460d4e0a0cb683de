"""Before a sensitive release what all units know is pooled, and one line is settled."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from django.utils import timezone

from gongkai.core.acts import ActError, InvalidData, NotPermitted, perform
from gongkai.core.measures import Scope, measures
from gongkai.core.models import Notification
from gongkai.core.roles import Role
from gongkai.core.tests.factories import UnitFactory, UserFactory
from gongkai.publications.acts.release import release_due
from gongkai.publications.clearance.models import Clearance, ClearanceShare
from gongkai.publications.models import PublicDocument
from gongkai.publications.tests.helpers import act, draft, fresh, review

pytestmark = pytest.mark.django_db
LINE = "事件已得到处置，未造成人员伤亡；咨询请打区教育局值班电话。"


@pytest.fixture
def two(office):
    """Two units that know something of the matter, each with an officer."""
    found = []
    for name, short in (("云溪区公安分局", "区公安分局"), ("云溪区卫生健康委员会", "区卫健委")):
        unit = UnitFactory(name=name, short_name=short, parent=office.district)
        found.append(SimpleNamespace(unit=unit, officer=UserFactory(roles=[(Role.OFFICER, unit)], post=short)))
    return found


def ask(case, office, two) -> Clearance:
    act("consult", case, office.officer, {"units": [one.unit.pk for one in two], "question": "请核对时间和人数。"})
    return Clearance.objects.get(publication=case.pk, state="open")


def answer(clearance, one, **data):
    share = clearance.shares.get(unit=one.unit)
    return perform("clearance-share.answer", share, one.officer, {"stance": "agrees", **data})


@pytest.mark.duty("003-20b")
def test_a_watched_document_goes_out_only_with_one_line_of_all_units(office, two):
    case = draft(office, watched="on", title="关于学校周边事件处置情况的通报", document_kind="通报")
    with pytest.raises(ActError, match="征求口径"):
        act("submit", case, office.officer)
    clearance = ask(case, office, two)
    assert {share.unit_id for share in clearance.shares.all()} == {one.unit.pk for one in two}
    assert all(share.clock and share.turn_role == Role.OFFICER for share in clearance.shares.all())
    case = review(act("submit", case, office.officer), office, until="approval")
    with pytest.raises(ActError, match="口径还没有统一"):
        act("approve", case, office.leader)
    answer(clearance, two[0], known_facts="接报时间是10时20分。")
    answer(clearance, two[1], stance="objects", remark="送医的是2人，不是3人。")
    with pytest.raises(ActError, match=r"区卫健委.*有不同意见"):
        perform("clearance.settle", clearance, office.officer, {"line": LINE})
    perform("clearance.settle", clearance, office.officer, {"line": LINE, "handling": "已按卫健委数字改正。"})
    for one in two:
        assert Notification.objects.filter(user=one.officer, text__contains="统一口径已定").exists()
    case = act("approve", fresh(case), office.leader)
    assert case.state == "published"
    figure = measures["publications.one_voice"].compute(Scope())
    assert (figure.numerator, figure.denominator) == (1, 1)


@pytest.mark.duty("003-20b")
def test_each_unit_sees_the_draft_answers_on_its_page_and_finds_the_line_there(office, two, client):
    case = draft(office, watched="on")
    clearance = ask(case, office, two)
    share = clearance.shares.get(unit=two[0].unit)
    client.force_login(two[0].officer)
    page = client.get(share.get_absolute_url()).content.decode()
    assert "请核对时间和人数。" in page
    assert "按照户籍和居住地划片入学" in page
    # The draft itself stays closed to the unit that is asked, and so does what others answered.
    assert client.get(case.get_absolute_url()).status_code == 404
    assert client.get(clearance.get_absolute_url()).status_code == 404
    answer(clearance, two[0])
    perform("clearance.settle", clearance, office.officer, {"line": LINE, "handling": "另一单位不再等候。"})
    assert LINE in client.get(share.get_absolute_url()).content.decode()
    left = clearance.shares.get(unit=two[1].unit)
    assert left.state == "over"
    assert left.closed_at
    client.force_login(office.reviewer)
    assert LINE in client.get(case.get_absolute_url()).content.decode()
    client.force_login(office.officer)
    shown = client.get("/workbench/information/consultations/").content.decode()
    assert "2个单位，1个已答复" in shown
    assert "口径已统一" in shown
    page = client.get(clearance.get_absolute_url()).content.decode()
    assert LINE in page
    assert "没有答复" in page


def test_nobody_answers_for_another_unit_nor_after_the_line_is_settled(office, two):
    clearance = ask(draft(office, watched="on"), office, two)
    share = clearance.shares.get(unit=two[0].unit)
    for stranger in (two[1].officer, office.officer):
        with pytest.raises(NotPermitted):
            perform("clearance-share.answer", share, stranger, {"stance": "agrees"})
    with pytest.raises(InvalidData):
        perform("clearance-share.answer", share, two[0].officer, {"stance": "objects"})
    answer(clearance, two[0])
    answer(clearance, two[1])
    perform("clearance.settle", clearance, office.leader, {"line": LINE})
    with pytest.raises(ActError, match="口径已经统一"):
        answer(clearance, two[0], stance="objects", remark="还有话说。")


def test_an_open_clearance_holds_back_what_was_approved_and_timed(office, two):
    at = timezone.localtime(timezone.now() + dt.timedelta(days=2))
    case = act("submit", draft(office), office.officer, {"when": "timed", "release_at": f"{at:%Y-%m-%dT%H:%M}"})
    case = review(case, office)
    assert case.state == "scheduled"
    clearance = ask(case, office, two)
    assert fresh(case).state == "approved"
    release_due(at + dt.timedelta(hours=1))
    with pytest.raises(ActError, match="口径还没有统一"):
        act("release", fresh(case), office.officer)
    assert not PublicDocument.objects.filter(pk=case.pk).exists()
    perform("clearance.drop", clearance, office.officer, {"reason": "查明与他单位无关。"})
    assert ClearanceShare.objects.filter(clearance=clearance, state="open").count() == 0
    assert act("release", fresh(case), office.officer).state == "published"


def test_marking_a_document_as_watched_ends_its_approval_and_an_amendment_is_cleared_anew(office, two):
    from gongkai.publications.tests.helpers import values

    case = review(act("submit", draft(office), office.officer, {"when": "later"}), office)
    assert case.approval_holds
    case = act("edit", case, office.officer, values(watched="on"))
    assert case.state == "draft"
    assert not case.approval_holds
    clearance = ask(case, office, two)
    perform("clearance.settle", clearance, office.officer, {"line": LINE, "handling": "不等了。"})
    case = review(act("submit", fresh(case), office.officer), office)
    assert case.state == "published"
    case = act("amend", case, office.officer, {"reason": "补充后续情况。"})
    with pytest.raises(ActError, match="征求口径"):
        act("submit", case, office.officer)
