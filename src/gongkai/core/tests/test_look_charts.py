"""Drawn figures: the numbers are in the marks, and nothing needs a style attribute."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from gongkai.core import charts


def shapes(drawing: str) -> ElementTree.Element:
    return ElementTree.fromstring(drawing)


@pytest.mark.parametrize(
    ("light", "total", "used", "stopped", "kinds", "tick"),
    [
        ("ok", 20, 6, 0, {"used": 6, "slot": 14}, True),
        ("late", 20, 31, 0, {"used": 20}, False),
        ("paused", 20, 11, 3, {"used": 11, "stop": 3, "slot": 9}, True),
        ("done", 5, 2, 0, {"used": 5}, False),
        ("ok", 60, 30, 0, {"slot": 1, "used": 1}, True),
        ("ok", 24, 1, 0, {"used": 1, "slot": 23}, True),
        ("paused", 22, 10, 5, {"slot": 1, "used": 1}, True),
    ],
)
def test_ruler_from_counts(light, total, used, stopped, kinds, tick):
    found: dict[str, int] = {}
    for rect in shapes(charts.counted_ruler(light, total, used, stopped)):
        found[rect.attrib["class"]] = found.get(rect.attrib["class"], 0) + 1
    assert found == {**kinds, **({"now": 1} if tick else {})}


def test_ruler_ticks_stay_inside():
    for now in (0, 0.5, 1):
        drawing = shapes(charts.ruler("ok", ["slot"] * 5, now=now))
        tick = next(rect for rect in drawing if rect.attrib["class"] == "now")
        assert 0 <= float(tick.attrib["x"]) <= 50 - float(tick.attrib["width"]) + 0.01


@pytest.mark.parametrize(
    ("value", "target", "maximum", "width"),
    [(61.4, 60, 100, "614"), (0, None, 100, "0"), (3, 2, 2, "1000"), (2, 3, 3, "666.67")],
)
def test_bullet(value, target, maximum, width):
    drawing = shapes(charts.bullet(value, target, maximum))
    assert next(rect for rect in drawing if rect.attrib["class"] == "val").attrib["width"] == width
    assert len(drawing) == (3 if target is not None else 2)


def test_progress_tells_every_light():
    drawing = charts.progress({"done": 9, "ok": 21, "soon": 4, "late": 2, "wait": 2})
    assert 'aria-label="38项任务：已完成9项，进展正常21项，临近时限4项，已超时限2项，等待启动2项"' in drawing
    widths = [float(rect.attrib["width"]) for rect in shapes(drawing)]
    assert len(widths) == 5
    assert sum(widths) <= 380
    assert "还没有" in charts.progress({})


def columns(count: int) -> list[charts.Column]:
    return [charts.Column(f"{place + 1}月", (place, place // 3), url=f"/cases?m={place}") for place in range(count)]


@pytest.mark.parametrize("count", [0, 1, 12, 36])
def test_stacked_bars_write_totals_and_stay_inside(count):
    drawing = shapes(f"<div>{charts.stacked_bars(columns(count), ('按时办结', '逾期办结'), '标题', '说明')}</div>")
    svg = drawing.find(".//svg")
    assert svg.find("title").text == "标题"
    assert svg.find("desc").text == "说明"
    totals = [text.text for text in svg.iter("text") if text.attrib.get("class") == "lbl"]
    assert totals == [str(place + place // 3) for place in range(count)]
    for rect in svg.iter("rect"):
        assert float(rect.attrib["x"]) + float(rect.attrib["width"]) <= 760
        assert float(rect.attrib["y"]) >= 0


@pytest.mark.parametrize(("count", "fits"), [(0, True), (3, True), (5, True), (6, False), (12, False)])
def test_a_drawing_wider_than_a_phone_says_that_it_scrolls_and_a_small_one_fits(count, fits):
    written = charts.stacked_bars(columns(count), ("按时办结", "逾期办结"), "标题", "说明")
    svg = shapes(f"<div>{written}</div>").find(".//svg")
    assert ("wide-hint" in written) is not fits
    assert ("few" in svg.attrib["class"].split()) is fits
    # A phone's panel is 340 wide: no text of a small drawing becomes smaller than three quarters.
    width = float(svg.attrib["viewBox"].split()[2])
    assert (width <= 450) is fits
    for text in svg.iter("text"):
        assert float(text.attrib["x"]) <= width


@pytest.mark.parametrize("value", [900, 9_000, 1_200_000])
def test_long_axis_labels_have_their_room(value):
    """Labels end at x=22; at 13 units a digit is at most 8 wide."""
    svg = shapes(charts.stacked_bars([charts.Column("5月", (value,))], ("件",), "标题", "说明")).find("svg")
    left, _, width, _ = map(float, svg.attrib["viewBox"].split())
    longest = max(len(text.text) for text in svg.iter("text") if text.attrib.get("text-anchor") == "end")
    assert 22 - longest * 8 >= left - 2
    assert left + width <= 760


@pytest.mark.parametrize(
    ("highest", "step"), [(1, 1), (4, 1), (5, 2), (8, 2), (33, 10), (90, 50), (1_000_000, 500_000)]
)
def test_grid_steps_are_round(highest, step):
    assert charts._step(highest) == step


def test_charts_escape_words_and_need_no_style():
    drawing = charts.stacked_bars([charts.Column("<b>", (1, 1))], ("<i>", "b"), "<script>", "x")
    assert "<script>" not in drawing
    assert "<b>" not in drawing
    assert "style=" not in drawing


def test_data_table_has_the_same_numbers():
    table = shapes(charts.data_table(("月份", "按时", "逾期"), [("5月", 31, 2), ("6月", 0, 0)], "每月办结"))
    assert [cell.text for cell in table.iter("td")] == ["31", "2", "0", "0"]
    assert [cell.text for cell in table.iter("th")][3:] == ["5月", "6月"]
