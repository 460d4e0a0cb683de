"""What the background reading stores of an upload."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from gongkai.core.acts import perform
from gongkai.ledger.views import marking

PAGE = """<html><body><h1>2026年云溪区政务公开任务分解表</h1><table>
<tr><th>工作任务</th><th>具体要求</th><th>责任单位</th><th>完成时限</th></tr>
<tr><td>目录</td><td>更新主动公开目录。</td><td rowspan="2">区财政局</td><td>6月30日前</td></tr>
<tr><td>预算</td><td>公开部门预算和决算。</td><td>每季度末月20日前</td></tr>
</table></body></html>"""


@pytest.mark.duty("002-29a")
def test_merged_cells_and_rhythms_of_a_table_are_stored(district):
    upload = SimpleUploadedFile("分解表.html", PAGE.encode())
    notice = perform("notice.import", None, district.chief, {}, files={"file": upload}).case
    notice.refresh_from_db()
    assert notice.state == "review"
    table = next(row for row in notice.blocks if row[0] == "table")
    held = {notice.text[start:end]: place for start, end, *place in table[4]}
    assert held["区财政局"] == [1, 2, 2, 1]
    assert held["公开部门预算和决算。"] == [2, 1, 1, 1]
    part = next(part for part in marking.parts_of(notice.text, notice.blocks, (), ()) if part.kind == "table")
    assert [[(str(cell.html), cell.rowspan) for cell in row.cells] for row in part.rows][1:] == [
        [("目录", 1), ("更新主动公开目录。", 1), ("区财政局", 2), ("6月30日前", 1)],
        [("预算", 1), ("公开部门预算和决算。", 1), ("每季度末月20日前", 1)],
    ]
    first, second = notice.tasks.filter(candidate=False).order_by("ordinal")
    assert (first.heading, second.heading) == ("目录", "预算")
    deadline = second.deadlines.get()
    assert (deadline.text, deadline.unit, deadline.day, deadline.months_after) == (
        "每季度末月20日前",
        "quarter",
        20,
        0,
    )
