"""Characters: folding keeps offsets, noise is left out, damage is reported."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.compiler.characters import Source, fold
from gongkai.compiler.citations import cited_in, document_number
from gongkai.compiler.numerals import to_int, to_number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("（责任单位：财政局）", "(责任单位:财政局)"),
        ("責任單位∶財政局", "责任单位:财政局"),
        ("１２．５％", "12.5%"),
        ("①是", "①是"),
        ("ABC", "ABC"),
    ],
)
def test_fold(text: str, expected: str) -> None:
    assert fold(text) == expected


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="公開务責（：）①1０ \u200bＡa(kāi)《", max_size=60))
def test_fold_keeps_length_and_offsets(text: str) -> None:
    source = Source(text)
    assert len(source.folded) == len(source.text)
    for position, character in enumerate(source.text):
        first, last = source.original_span(position, position + 1)
        assert text[first:last] == character
        assert source.from_original(first) == position


def test_noise_is_left_out_but_offsets_point_into_what_was_read() -> None:
    text = "政務公開(kāi)\u200b工作"
    source = Source(text)
    assert source.text == "政務公開工作"
    start = source.text.index("工作")
    assert source.words(start, start + 2) == "工作"
    assert [item.code for item in source.diagnostics()] == ["invisible_characters"]


def test_labels_set_wide_are_closed_up() -> None:
    assert "责任单位：" in Source("责 任 单 位：镇民政所").text


def test_mojibake_is_reported() -> None:
    assert "mojibake" in [item.code for item in Source("公开锟斤拷内容").diagnostics()]


@pytest.mark.parametrize(
    ("text", "number"),
    [("十二", 12), ("两", 2), ("一百零五", 105), ("30", 30), ("二〇二四", 2024), ("甲", None), ("", None), ("²", None)],
)
def test_numbers(text: str, number: int | None) -> None:
    assert to_int(text) == number


def test_decimal() -> None:
    assert to_number("99.5") == 99.5


@pytest.mark.parametrize(
    ("text", "number", "damaged"),
    [
        ("云政办发〔2024〕9号", "云政办发〔2024〕9号", False),
        ("云政办发[2024]9号", "云政办发〔2024〕9号", False),
        ("云政办发〔201680号", "云政办发〔2016〕80号", True),
        ("国务院令第713号", "国务院令第713号", False),
    ],
)
def test_document_numbers(text: str, number: str, damaged: bool) -> None:
    found = document_number(fold(text), text, 0, len(text))
    assert found is not None
    assert (found.text, found.damaged) == (number, damaged)


def test_citations_nested_and_numbered() -> None:
    text = "落实《区政府关于印发〈政务公开办法〉的通知》（云政办发〔2024〕9号）和《公共查阅点管理规定》，办好《云溪说》栏目。"
    found = cited_in(fold(text), text, 0, len(text))
    titles = [text[one.title[0] : one.title[1]] for one in found]
    assert titles == ["区政府关于印发〈政务公开办法〉的通知", "公共查阅点管理规定"]
    assert found[0].number is not None
    assert found[0].number.text == "云政办发〔2024〕9号"
