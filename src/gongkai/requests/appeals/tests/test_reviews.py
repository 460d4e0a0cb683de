"""Exchange of practice and special supervision in the fields that are named (001-15c)."""

from __future__ import annotations

import pytest

from gongkai.core.acts import ActError, InvalidData, NotPermitted, acts, perform
from gongkai.requests.appeals import settings
from gongkai.requests.appeals.models import Exchange, Rectification, ReviewItem, SpecialReview
from gongkai.requests.tests import helpers
from gongkai.requests.tests.helpers import NUMBER, at

LAUNCH = {
    "title": "征地拆迁类申请专项督查",
    "areas": ["征地拆迁", "物业管理", "土地规划"],
    "since": "2026-01-01",
    "until": "2026-12-31",
    "focus": "是否按时答复，是否写明理由",
}


@pytest.fixture
def demolition(place):
    """Two requests about demolition, one of each body, and one about something else."""
    first = helpers.registered(place, helpers.submitted(place, "2026-06-01"), area="征地拆迁")
    other = helpers.submitted(
        place, "2026-06-03", unit=place.beside.pk, name="司空见晴", identity_number="110101199003074514"
    )
    second = helpers.act(
        "register",
        other,
        place.neighbour,
        "2026-06-04",
        area="物业管理",
        handler=place.neighbour.pk,
        identity="complete",
    )
    third = helpers.registered(place, helpers.submitted(place, "2026-06-05", subject="道路养护计划"), now="2026-06-08")
    return first, second, third


def launched(place, user=None) -> SpecialReview:
    """A review of the office above."""
    event = perform("special_review.launch", None, user or place.supervisor, LAUNCH, now=at("2026-09-01"))
    return SpecialReview.objects.get(pk=event.case_id)


def move(name, case, user, now="2026-09-02", **data):
    """An act, and the record anew."""
    perform(f"{case.kind}.{name}", case, user, data, now=at(now))
    return type(case).objects.get(pk=case.pk)


@pytest.mark.duty("001-15c")
def test_a_special_review_from_choice_to_conclusion(place, demolition):
    first, second, _ = demolition
    assert settings.special_areas() == ["征地拆迁", "物业管理", "土地规划"]
    case = launched(place)
    case = move("choose", case, place.supervisor, pick="all", number="50")
    items = {item.request_id: item for item in ReviewItem.objects.filter(review=case)}
    assert set(items) == {first.pk, second.pk}
    with pytest.raises(ActError, match="没有符合条件"):
        move("choose", case, place.supervisor, pick="all", number="50")
    with pytest.raises(InvalidData):
        move("find", case, place.supervisor, items=[items[first.pk].pk], faulty="1", finding="")
    with pytest.raises(ActError, match="请删去"):
        move(
            "find",
            case,
            place.supervisor,
            items=[items[first.pk].pk],
            faulty="1",
            finding=f"申请人{NUMBER}没有收到答复",
        )
    case = move("find", case, place.supervisor, items=[items[first.pk].pk], faulty="1", finding="没有在期限内登记")
    with pytest.raises(ActError, match="还有1件没有写明发现"):
        move("demand", case, place.supervisor, demand="改正")
    case = move("find", case, place.supervisor, items=[items[second.pk].pk], faulty="0")
    with pytest.raises(ActError, match="还没有下发整改"):
        move("conclude", case, place.supervisor, conclusion="总体较好")
    case = move("demand", case, place.supervisor, demand="逐件改正，写明原因")
    assert case.state == "rectifying"
    task = Rectification.objects.get()
    assert (task.unit, task.lead) == (place.bureau, place.office)
    assert place.officer.notifications.filter(case=task.pk).exists()
    with pytest.raises(ActError, match="还有1个单位没有整改完"):
        move("conclude", case, place.supervisor, conclusion="总体较好")
    task = move("answer", task, place.handler, now="2026-09-10", answer="已补登记，并提醒值班岗位。")
    with pytest.raises(NotPermitted):
        move("confirm", task, place.officer, now="2026-09-11")
    task = move("send_back", task, place.supervisor, now="2026-09-11", reason="写明日期")
    task = move("answer", task, place.handler, now="2026-09-12", answer="9月10日已补登记。")
    task = move("confirm", task, place.supervisor, now="2026-09-14")
    assert task.state == "done"
    case = move("conclude", case, place.supervisor, now="2026-09-15", conclusion="总体较好，登记不及时已整改。")
    assert (case.state, case.outcome) == ("concluded", "抽查2件")


def test_a_body_reviews_only_what_it_may_read(place, demolition):
    case = launched(place, place.officer)
    case = move("choose", case, place.officer, pick="all", number="50")
    assert [item.request_id for item in case.items.all()] == [demolition[0].pk]
    for user in (place.neighbour, place.handler, place.auditor):
        with pytest.raises(NotPermitted):
            move("choose", case, user, pick="all", number="5")
    case = move("drop_items", case, place.officer)
    assert not case.items.exists()
    for pick in ("late", "contested", "withheld"):
        with pytest.raises(ActError, match="没有符合条件"):
            move("choose", case, place.officer, pick=pick, number="5")


def test_a_review_needs_a_period_that_runs_forward(place):
    with pytest.raises(InvalidData):
        perform(
            "special_review.launch", None, place.supervisor, {**LAUNCH, "until": "2025-12-31"}, now=at("2026-09-01")
        )
    assert not acts["special_review.launch"].permitted(None, place.handler)


@pytest.mark.duty("001-15c")
def test_an_exchange_of_practice_is_announced_and_recorded(place):
    data = {
        "title": "征地拆迁类申请怎样区分处理", "area": "征地拆迁", "held_on": "2026-09-20", "place": "视频会议",
        "units": [place.bureau.pk, place.beside.pk], "agenda": "各带一件难办的申请。",
    }  # fmt: skip
    event = perform("practice_exchange.plan", None, place.supervisor, data, now=at("2026-09-01"))
    case = Exchange.objects.get(pk=event.case_id)
    assert place.neighbour.notifications.filter(case=case.pk).exists()
    with pytest.raises(ActError, match="不能晚于今天"):
        move("record", case, place.supervisor, now="2026-09-02", held_on="2026-09-20", minutes="讨论了三件。")
    case = move("record", case, place.supervisor, now="2026-09-21", held_on="2026-09-20", minutes="讨论了三件。",
                agreed="补偿方案先查公告，再查档案。")  # fmt: skip
    assert case.state == "recorded"
    with pytest.raises(InvalidData):
        perform("practice_exchange.plan", None, place.supervisor, {**data, "area": "教育"}, now=at("2026-09-01"))
