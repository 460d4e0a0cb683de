"""Tables of records: every cell knows its column, and stays a cell when a phone lays it out otherwise."""

from __future__ import annotations

import re

import pytest
from django.template import Context, Template

TABLE = """{% load gongkai %}{% records %}
  <table class="tbl plain" data-rows><caption class="vh">{{ caption }}</caption>
    <thead><tr><th scope="col"><label><input type="checkbox"><span class="vh">全选</span></label></th>
      <th scope="col">名称</th><th scope="col" class="n" aria-sort="ascending"><a href="?sort=n">件数<svg><use href="#i"/></svg></a></th>
      <th scope="col">{{ head }}</th><th scope="col"><span class="vh">操作</span></th></tr></thead>
    <tbody><tr data-row><td><input type="checkbox"></td><th scope="row">甲</th><td class="n">3</td><td>
      </td><td class="acts"><a href="#">改</a></td></tr>
    <tr class="fault"><td colspan="5">写错了</td></tr></tbody>
  </table>
{% endrecords %}"""


def drawn(caption: str = "清单", head: str = "状态") -> str:
    return Template(TABLE).render(Context({"caption": caption, "head": head}))


def test_every_cell_says_its_column():
    html = drawn()
    assert '<td role="cell" data-label="件数" class="n">3</td>' in html
    assert '<td role="cell" data-label="状态"></td>' in html, "an empty cell has nothing in it, not even spaces"


def test_what_explains_itself_has_no_label():
    html = drawn()
    assert '<td role="cell"><input' in html
    assert '<td role="cell" class="acts">' in html
    assert '<td role="cell" colspan="5">写错了</td>' in html


def test_a_table_stays_a_table():
    html = drawn()
    assert '<table role="table" class="records tbl plain" data-rows>' in html
    assert [html.count(f'role="{role}"') for role in ("rowgroup", "row", "columnheader", "rowheader", "cell")] == [
        2,
        3,
        5,
        1,
        5,
    ]


def test_the_box_is_named_after_the_caption():
    assert '<div class="scroll-x" tabindex="0" role="region" aria-label="清单">' in drawn()


def test_words_stay_escaped():
    html = drawn(caption='<b>"甲', head='"><script>')
    assert 'aria-label="&lt;b&gt;&quot;甲"' in html
    assert 'data-label="&quot;&gt;&lt;script&gt;"' in html


@pytest.mark.browser
@pytest.mark.parametrize(("width", "display"), [(390, "flex"), (1024, "table-row")])
def test_rows_are_entries_on_a_phone_only(chromium, width, display):
    from gongkai.core.tests.test_look_browser import STATIC

    css = "".join((STATIC / "gongkai" / "css" / f"{name}.css").read_text() for name in ("tokens", "base", "components"))
    page = chromium.new_page(viewport={"width": width, "height": 700})
    page.set_content(f'<html lang="zh-Hans"><style>{css}</style><main>{drawn()}</main></html>')
    assert page.evaluate("getComputedStyle(document.querySelector('tbody tr')).display") == display
    cell = page.get_by_role("cell", name="3", exact=True)
    label = cell.evaluate("cell => getComputedStyle(cell, '::before').content")
    assert ("件数" in label) == (width == 390)
    assert page.get_by_role("columnheader", name=re.compile("件数")).count() == 1, "the heads are there for ears"
    assert page.get_by_role("rowheader", name="甲").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()
