"""Harmless records that together say too much."""

from __future__ import annotations

import pytest

from gongkai.screening import Part, RecordFields, aggregation_risks, records_of, small_counts


def record(number: int, list_id: str, category: str = "民生补贴", **values: str) -> RecordFields:
    return RecordFields(
        f"{list_id}第{number}行", list_id, {"name": "李建国", "place": "云溪镇下寨村", **values}, category
    )


@pytest.mark.duty("001-14e")
def test_a_number_in_parts():
    risks = aggregation_risks(
        [record(1, "公租房名单", identity="110101199003******")],
        [record(7, "低保名单", identity="********19900307123X")],
    )
    assert [(risk.rule, risk.severity, risk.fields) for risk in risks] == [("number", "must", ("identity",))]
    assert risks[0].sources == ("公租房名单第1行", "低保名单第7行")
    assert "18位中的18位" in risks[0].explanation
    same = aggregation_risks(
        [record(1, "公租房名单", identity="110101********123X")], [record(7, "低保名单", identity="110101********123X")]
    )
    assert same == []


@pytest.mark.duty("001-14e")
def test_a_portrait_from_several_lists():
    risks = aggregation_risks(
        [record(1, "救助名单", health="尿毒症")],
        [record(2, "补贴名单", amount="1200"), record(3, "公租房名单", address="幸福小区3栋")],
    )
    assert [(risk.rule, risk.severity) for risk in risks] == [("portrait", "must")]
    assert risks[0].fields == ("health", "address", "amount")
    assert "3份名单" in risks[0].explanation
    assert "健康状况、住址、金额" in risks[0].explanation


@pytest.mark.duty("001-14e")
def test_what_adds_nothing_is_no_risk():
    amount = [record(1, "一季度", amount="100")]
    assert aggregation_risks(amount, [record(1, "二季度", amount="100")]) == []
    assert aggregation_risks(amount, [record(1, "公租房名单", "住房保障", health="尿毒症")]) == []
    other_village = RecordFields(
        "低保", "低保", {"name": "李建国", "place": "云溪镇上寨村", "health": "癌"}, "民生补贴"
    )
    assert aggregation_risks(amount, [other_village]) == []
    assert aggregation_risks([], [record(1, "甲", health="癌"), record(2, "乙", amount="1")]) == []
    masked = RecordFields("名单", "名单", {"name": "李某某", "place": "下寨村", "amount": "1"}, "民生补贴")
    assert aggregation_risks([masked], [record(1, "乙", health="癌")]) == []


@pytest.mark.duty("001-14e")
def test_a_record_without_place_joins_the_only_one_of_that_name():
    new = [RecordFields("获奖第1行", "获奖", {"name": "李建国", "birth": "1961年"}, "民生补贴")]
    old = [record(1, "补贴名单", amount="100", phone="138****8000")]
    assert [risk.fields for risk in aggregation_risks(new, old)] == [("amount", "birth", "phone")]
    old.append(RecordFields("补贴第2行", "补贴名单", {"name": "李建国", "place": "上寨村", "amount": "1"}, "民生补贴"))
    assert aggregation_risks(new, old) == []


@pytest.mark.duty("001-14e")
def test_small_groups():
    rows = [("下寨村", "一级"), ("下寨村", "一级"), ("下寨村", "一级"), ("上寨村", "二级")]
    new = [
        RecordFields(f"第{n}行", "残疾补贴", {"name": "李某", "place": p, "health": h}) for n, (p, h) in enumerate(rows)
    ]
    risks = aggregation_risks(new, [])
    assert [(risk.rule, risk.sources) for risk in risks] == [("small", ("第3行",))]
    assert [risk.rule for risk in small_counts([("下寨村感染者", 1), ("上寨村感染者", 30), ("无", 0)], "统计表")] == [
        "small"
    ]


def test_many_people_are_told_as_one_risk():
    new = [record(n, "救助名单", health="癌") for n in range(50)]
    new = [
        RecordFields(r.source, r.list_id, {**r.values, "name": f"李{chr(0x4E00 + n)}"}, r.category)
        for n, r in enumerate(new)
    ]
    old = [
        RecordFields(f"补贴{n}", "补贴名单", {**r.values, "health": "", "amount": "1"}, r.category)
        for n, r in enumerate(new)
    ]
    (risk,) = aggregation_risks(new, old)
    assert "等50人" in risk.explanation
    assert len(risk.sources) <= 20


def test_rows_of_a_table_become_records():
    cells = [("姓名", "李建国"), ("所在村", "下寨村"), ("补贴金额", "1200"), ("备注", "无"), ("致贫原因", "因病")]
    parts = [Part(f"工作表“名单”{heading}2", text, heading=heading, row="2") for heading, text in cells]
    (one,) = records_of(parts, "12", "2026年补贴名单", "民生补贴")
    assert one.values == {"name": "李建国", "place": "下寨村", "amount": "1200", "health": "因病"}
    assert one.source == "2026年补贴名单 工作表“名单”姓名2"


def test_many_records():
    def lists(size: int) -> list[RecordFields]:
        return [
            RecordFields(
                f"{n}",
                f"名单{n % 5}",
                {
                    "name": f"李{chr(0x4E00 + n // 5 % 4000)}",
                    "place": f"{n // 5 % 50}村",
                    "amount": "1",
                    "health": "癌" if n % 5 else "",
                },
                "c",
            )
            for n in range(size)
        ]

    # Comparing each with each would take hours.
    rows = lists(40_000)
    risks = aggregation_risks(rows[:4_000], rows[4_000:])
    assert isinstance(risks, list)
