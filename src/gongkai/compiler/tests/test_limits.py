"""Deadlines and targets by table."""

from __future__ import annotations

import pytest

from gongkai.compiler.characters import fold
from gongkai.compiler.deadlines import Calendar, deadlines_in
from gongkai.compiler.targets import targets_in

WHEN = Calendar(2024, "2024-04-20")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("力争在2018年底前完成", [("date", "2018-12-31")]),
        ("2021年年底前清理", [("date", "2021-12-31")]),
        ("于9月30前完成", [("date", "2024-09-30")]),
        ("２０２５年６月底前完成", [("date", "2025-06-30")]),
        ("第三季度末完成", [("date", "2024-09-30")]),
        ("上半年完成", [("date", "2024-06-30")]),
        ("年内至少1次", [("date", "2024-12-31")]),
        ("次年1月31日前发布", [("date", "2025-01-31")]),
        ("最迟在5小时内发布，在24小时内举行发布会", [("hour", 5), ("hour", 24)]),
        ("在政策出台后10个工作日内公布", [("workday", 10)]),
        ("本要点印发30日内", [("day", 30)]),
        ("文件公开后3个工作日内在网站发布", [("workday", 3)]),
        ("半年内办结", [("month", 6)]),
        ("三天内复核", [("day", 3)]),
        ("首次回应时间不得超过5个小时", [("hour", 5)]),
        ("每年至少听取一次", [("year", 1)]),
        ("每季度通报，按月更新", [("quarter", 1), ("month", 1)]),
        ("每日查看", [("day", 1)]),
        ("每半年报送", [("month", 6)]),
        ("定期公开", [(None, None)]),
        ("每年定期督查", [("year", 1)]),
        ("年度业务培训至少一次", [("year", 1)]),
        ("用三年时间，完成编制", [("year", 3)]),
        ("及时公开，第一时间发布，尽快整改，实时更新", []),
        ("从2017年开始加大力度", []),
        ("清理文件（2016年以后制定的）", []),
        ("2010年以来的公文", []),
        ("省级规定出台后再行调整", []),
        ("持续推进信息公开", []),
        ("24小时畅通", []),
        ("不定期抽查", []),
        ("《2023年底前完成的工作办法》", []),
    ],
)
def test_deadlines(text: str, expected: list[tuple[object, object]]) -> None:
    folded = fold(text)
    found = deadlines_in(folded, 0, len(folded), WHEN)
    assert [("date", one.date) if one.kind == "date" else (one.unit, one.amount) for one in found] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("持续推进", ("recurring", None)),
        ("长期", ("recurring", None)),
        ("全年", ("recurring", None)),
        ("2024年12月", ("date", "2024-12-31")),
        ("6月30日", ("date", "2024-06-30")),
        ("6月至9月", ("date", "2024-09-30")),
        ("第四季度", ("date", "2024-12-31")),
        ("2024.11", ("date", "2024-11-30")),
        ("每季度", ("recurring", None)),
    ],
)
def test_time_columns(text: str, expected: tuple[str, str | None]) -> None:
    (found,) = deadlines_in(text, 0, len(text), WHEN, column=True)
    assert (found.kind, found.date) == expected


def test_trigger_and_count() -> None:
    text = "应当在作出答复后的30日内公开,每年至少培训2次"
    duration, rhythm = deadlines_in(text, 0, len(text), WHEN)
    assert duration.trigger is not None
    assert text[slice(*duration.trigger)] == "作出答复"
    assert rhythm.count == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("占比不得低于50%", [(">=", 50, "%")]),
        ("解读率达100%", [(">=", 100, "%")]),
        ("公示率达到百分之九十五", [(">=", 95, "%")]),
        ("列席会议不得少于3次", [(">=", 3, "times")]),
        ("年内至少听取一次汇报", [(">=", 1, "times")]),
        ("账号不超过2个", [("<=", 2, "个")]),
        ("差评率控制在1%以内", [("<=", 1, "%")]),
        ("公示不少于5个工作日", [(">=", 5, "个工作日")]),
        ("图解10篇以上", [(">=", 10, "篇")]),
        ("回应时间不得超过5个小时", []),
        ("三同步、五公开、26个领域、7大要素", []),
        ("县级以上人民政府", []),
    ],
)
def test_targets(text: str, expected: list[tuple[str, float, str]]) -> None:
    folded = fold(text)
    assert [(one.op, one.value, one.unit) for one in targets_in(folded, 0, len(folded))] == expected
