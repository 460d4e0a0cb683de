"""Saved pages of an old site: metadata block, body, pictures, attached files."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from gongkai.core.tests.factories import UnitFactory
from gongkai.publications.importing.tests import helpers
from gongkai.publications.importing.tests.helpers import archive, carry, read, rows_of
from gongkai.publications.models import Publication, PublicDocument

SHARED = Path(__file__).resolve().parents[6] / "shared" / "seeds"
needs_seeds = pytest.mark.skipif(not SHARED.is_dir(), reason="the real pages are not part of the repository")
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PAGE = """<html><head><meta charset="gbk"><title>通知_云溪区</title></head><body>
<div class="nav"><a href="/">首页</a> &gt; <a href="/zwgk">政务公开</a></div>
<table class="metadata">
<tr><td>索 引 号：</td><td>YX001/2021-00012</td><td>公开方式：</td><td>主动公开</td></tr>
<tr><td>发布机构：</td><td>云溪区教育局</td><td>成文日期：</td><td>2021年6月28日</td></tr>
<tr><td>发文字号：</td><td>云教发[2021]9号</td><td>发布日期：</td><td>2021-06-30 10:20</td></tr>
<tr><td>主题分类：</td><td>科技、教育\\教育</td><td>有效性：</td><td>有效</td></tr></table>
<h1>云溪区教育局关于做好招生工作的通知</h1>
<div class="content"><p>各学校：</p><p>为做好招生工作，现就有关事项通知如下，请认真贯彻执行。</p>
<p><img src="tongzhi_files/tu.png"></p><p>附件：<a href="tongzhi_files/%E8%A1%A8.xlsx">1.招生计划表</a>
<a href="http://old.example/files/sm.pdf">2.说明</a></p><script>alert(1)</script></div>
<div class="footer">主办：云溪区人民政府</div></body></html>"""


def test_a_page_saved_with_its_folder(office):
    table = helpers.workbook([{"学校": "第一小学", "计划": 120}])
    files = {
        "旧站/通知/tongzhi.html": PAGE.encode("gb18030"),
        "旧站/通知/tongzhi_files/表.xlsx": table,
        "旧站/通知/tongzhi_files/tu.png": PIXEL,
    }
    run = read(office.officer, {"旧站.zip": archive(files)})
    (row,) = rows_of(run)
    assert row.problems == []
    assert row.values["document_number"] == "云教发〔2021〕9号"
    assert any("2.说明" in words for words in row.warnings)
    run = carry(run, office)
    case = Publication.objects.get()
    assert case.title == "云溪区教育局关于做好招生工作的通知"
    assert case.index_number == "YX001/2021-00012"
    assert case.subject == "科技、教育\\教育"
    assert f"{case.made_on}" == "2021-06-28"
    version = case.current_version
    names = {file.name: file for file in version.files.all()}
    assert "1.招生计划表.xlsx" in names
    picture = next(file for file in names.values() if file.inline)
    assert f"attachment:{picture.digest}" in version.body
    assert "alert" not in version.body
    assert "首页" not in version.text
    assert "主办" not in version.text


def test_the_same_pages_in_another_folder_change_nothing(office):
    carry(read(office.officer, {"a.zip": archive({"旧站/1.html": PAGE.encode("gb18030")})}), office)
    again = read(office.officer, {"b.zip": archive({"1.html": PAGE.encode("gb18030")})})
    assert again.counts["unchanged"] == 1


def test_a_page_without_text_says_so(office):
    run = read(office.officer, {"空.html": b"<html><body><div></div></body></html>"})
    assert rows_of(run)[0].outcome == "refused"
    assert rows_of(run)[0].problems[0].endswith("。")


@needs_seeds
@pytest.mark.duty("P-001-1", "P-003-1", "P-004-1")
def test_the_real_pages_bring_their_metadata_blocks(office):
    """Every value of the blocks arrives in the metadata that the public reads."""
    for name in ("南昌市人民政府办公室", "冠县政府", "区政府办公室"):
        UnitFactory(name=name, short_name=name, parent=office.above.parent)
    pages = {path.name: path.read_bytes() for path in sorted(SHARED.glob("*.txt"))}
    run = read(office.supervisor, {"网页.zip": archive(pages)}, fallback_unit=office.unit.pk)
    rows = {row.place[:3]: row for row in rows_of(run)}
    assert run.counts["all"] == 5
    # 001: the mark of disclosure after the signature, recipients, an empty source, the day from the page's own line.
    values = rows["001"].values
    assert rows["001"].problems == []
    assert values["published_at"].startswith("2024-06-05")
    assert values["made_on"] == "2024-06-03"
    assert values["source"] == ""
    assert "此件主动公开" in rows["001"].body
    assert "各县(区)人民政府" in rows["001"].body
    assert "字体" not in rows["001"].body[:500]
    # 003: index number, issuing organ, subject, day made, title, validity, empty unified number, day published, number.
    values = rows["003"].values
    assert rows["003"].problems == []
    assert values["index_number"] == "113715250044422281/2021-26757114"
    assert values["subject"] == "综合政务\\政务公开"
    assert values["document_number"] == "冠政办发〔2021〕9号"
    assert (values["made_on"], values["published_at"][:10]) == ("2021-06-28", "2021-06-28")
    assert values["issuer"] == "冠县政府"
    assert rows["003"].source_key == values["index_number"] or rows["003"].source_key.startswith("003_")
    # 004: class, topic, kind, days, number, category, organ.
    values = rows["004"].values
    assert rows["004"].problems == []
    assert values["subject"] == "综合政务"
    assert values["document_kind"] == "通知"
    assert values["document_number"] == "宝府办〔2020〕14号"
    assert (values["made_on"], values["published_at"][:10]) == ("2020-04-20", "2020-04-21")
    assert values["attribute"] == "proactive"
    # 003 and 004 go all the way; 003 is shown as no longer in force, as its page says.
    assert rows["004"].title == "上海市宝山区人民政府办公室关于印发2020年宝山区政务公开工作要点的通知"
    from gongkai.core.acts import perform
    from gongkai.core.roles import Role
    from gongkai.core.tests.factories import UserFactory
    from gongkai.publications.importing import running

    second = UserFactory(roles=[(Role.OFFICE, office.above)])
    held = [row.pk for row in rows.values() if row.blocked]
    perform("import.submit", run, office.supervisor)
    perform("import.approve", helpers.fresh(run), second, {"overruled": held, "reason": "原文已公开"} if held else {})
    running.carry_out.func(run.pk)
    shown = PublicDocument.objects.get(document_number="冠政办发〔2021〕9号")
    assert shown.validity == "lapsed"
    assert PublicDocument.objects.filter(document_number="宝府办〔2020〕14号", document_kind="通知").exists()
    assert PublicDocument.objects.filter(
        title="南昌市人民政府办公室关于印发2024年南昌市政务公开工作要点的通知"
    ).exists()
