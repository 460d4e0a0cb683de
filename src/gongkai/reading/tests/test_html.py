import pytest

from gongkai.reading import Limits, ReadingError, read

TITLE = "云溪区人民政府办公室关于印发2026年云溪区政务公开工作要点的通知"
LINES = (
    "各镇人民政府、各街道办事处，区政府各部门：",
    "现将《2026年云溪区政务公开工作要点》印发给你们，请结合实际认真贯彻落实。",
    "一、扩大重点领域信息公开",
    "（一）聚焦财政信息。按季度公开财政收支情况，年底前公开全部专项资金目录和绩效评价结果。（责任单位：区财政局，各镇街）",
    "（二）聚焦民生信息。及时公开义务教育、医疗卫生、养老服务等领域信息，并在六月底前完成栏目整理。（牵头单位：区教育局）",
    "二、加强政策解读",
    "（三）政策文件与解读材料同步起草、同步审批、同步发布，图解、视频等形式的比例不低于50%。（责任单位：区政府各部门）",
)
PARAGRAPHS = "".join(f"<p style='text-indent:2em'><span>{line}</span></p>" for line in LINES)
BREAKS = "<br/>&nbsp;&nbsp;&nbsp;&nbsp;".join(LINES)
MENU = "".join(f'<li><a href="/col/col{n}/index.html">栏目名称{n}</a></li>' for n in range(12))
LINKS = "".join(f'<a href="https://www.example.cn/{n}">友情链接{n}</a> ' for n in range(8))
PAIRS = (
    ("索 引 号：", "00/2026-01"),
    ("发布机构：", "区政府办"),
    ("发文字号：", "云政办〔2026〕3号"),
    ("成文日期：", "2026-03-02"),
)
TABLE_OF_PAIRS = (
    '<table width="100%">'
    + "".join(
        "<tr>" + "".join(f"<td><b>{a}</b></td><td>{b}</td>" for a, b in PAIRS[row : row + 2]) + "</tr>"
        for row in (0, 2)
    )
    + "</table>"
)
FOOT = "主办：云溪区人民政府办公室 网站标识码：0000000000 某ICP备00000000号 网站地图 联系我们"

PAGES = {
    "trs": f"""<!doctype html><html><head><meta charset="utf-8"><meta name="ArticleTitle" content="{TITLE}">
        <title>{TITLE}_云溪区人民政府</title><style>.a{{}}</style></head><body>
        <div class="header"><div class="logo">云溪区人民政府门户网站</div><ul class="nav">{MENU}</ul></div>
        <div class="crumbs">当前位置：<a href="/">首页</a>&gt;<a href="/a">政务公开</a></div>
        <div class="content"><h1>{TITLE}</h1>
        <div class="info">来源：区政府办 发布时间：2026-03-05 10:00 <a href="#">打印</a></div>
        <div class="TRS_Editor"><style>p{{}}</style>{PARAGRAPHS}</div>
        <div class="share bdsharebuttonbox"><a href="#">分享到微信</a><a href="#">微博</a></div></div>
        <div class="footer">{LINKS}<p>{FOOT}</p></div><script>var a="脚本";</script></body></html>""",
    "jpage": f"""<html><head><meta name='ContentSource' content='区政府办'></head><body><div id="top"><ul>{MENU}</ul></div>
        <table id="article" width="1000"><tr><td class="title">{TITLE}</td></tr>
        <tr><td>发布日期：2026-03-05 浏览次数：<script>count()</script> 字号：[<a href="#">大</a> <a href="#">中</a>]</td></tr>
        <tr><td><div id="zoom"><!--ZJEG_RSS.content.begin-->{PARAGRAPHS}<!--ZJEG_RSS.content.end--></div></td></tr>
        <tr><td align="right">打印本页 关闭窗口</td></tr></table><table><tr><td>{FOOT}</td></tr></table></body></html>""",
    "ucap": f"""<html><body><div class="w1200"><div class="menu"><ul>{MENU}</ul></div><div class="pages">
        <div class="pages-date">2026-03-05 来源：区政府办</div><h1>{TITLE}</h1>
        <div class="pages_content" id="UCAP-CONTENT">{PARAGRAPHS}</div><div class="editor">责任编辑：编辑部</div></div>
        <div class="related"><h3>相关稿件</h3><ul><li><a href="/x">解读一</a></li><li><a href="/y">解读二</a></li></ul></div>
        </div><div class="foot">{FOOT}</div></body></html>""",
    "vsb": f"""<html><body><form name="_newscontent_fromname"><table><tr><td><a href="/">首页</a> <a href="/g">公开</a></td></tr>
        </table><div style="width:100%;text-align:center"><h1>{TITLE}</h1></div><div id="vsb_content"><div id="vsbcontent_start">
        </div><div class="v_news_content">{PARAGRAPHS}</div><div id="vsbcontent_end"></div></div>
        <p>上一条：<a href="/1">某通知</a></p><p>下一条：<a href="/2">某公告</a></p></form></body></html>""",
    "metadata table": f"""<html><body><ul>{MENU}</ul><div class="xxgk">{TABLE_OF_PAIRS}<div class="tit">{TITLE}</div>
        <div id="zoom">{PARAGRAPHS}</div></div><div>{FOOT}</div></body></html>""",
    "metadata list": "<html><body><div class='xxgk'><ul>"
    + "".join(f"<li><label>{a}</label><span>{b}</span></li>" for a, b in PAIRS)
    + f"</ul><h2>{TITLE}</h2><article>{PARAGRAPHS}</article></div><nav><ul>{MENU}</ul></nav></body></html>",
    "metadata description list": "<html><body><dl>"
    + "".join(f"<dt>{a}</dt><dd>{b}</dd>" for a, b in PAIRS)
    + f"</dl><h2>{TITLE}</h2><div>{PARAGRAPHS}</div></body></html>",
    "layout tables": f"""<html><body><table width=1002><tr><td width=200><table><tr><td>{LINKS}</td></tr></table></td>
        <td width=800><table><tr><td height=30>您现在的位置：<a href="/">首页</a></td></tr><tr><td align=center><b>{TITLE}</b>
        </td></tr><tr><td class="content"><font>{PARAGRAPHS}</font></td></tr></table></td></tr></table>
        <table><tr><td>{FOOT}</td></tr></table></body></html>""",
    "line breaks only": f"""<html><body><div>{LINKS}</div><div class="title">{TITLE}</div>
        <div id="content">　　{BREAKS}</div></body></html>""",
    "one span for every letter": f"""<html><body><ul>{MENU}</ul><div><p>{TITLE}</p><div>"""
    + "".join("<p>" + "".join(f"<span lang=EN-US>{c}</span>" for c in line) + "<o:p></o:p></p>" for line in LINES)
    + "</div></div></body></html>",
    "unclosed tags": f"<html><body><ul>{MENU}</ul><center><font size=4>{TITLE}</center>"
    + "".join(f"<p><font color=black><span>　　{line}" for line in LINES)
    + f"<hr><center>{FOOT}</center>",
    "pre": f"<html><body><div class='nav'>{LINKS}</div><h3>{TITLE}</h3><pre>{chr(10).join(LINES)}</pre></body></html>",
    "body hidden until a script runs": f"""<html><body><ul>{MENU}</ul><h1>{TITLE}</h1><div id="c" style="display:none">
        {PARAGRAPHS * 2}</div></body></html>""",
    "wrapped source lines": f"<html><body><h1>{TITLE}</h1>"
    + "".join(f"<p>\n    {line[:9]}\n    {line[9:]}\n</p>" for line in LINES)
    + "</body></html>",
    "aspnet with print class": f"""<html><body><form id="aspnetForm"><div class="top nav"><ul>{MENU}</ul></div>
        <div class="print search" id="printArea"><h1>{TITLE}</h1><div class="article-content">{PARAGRAPHS}</div></div>
        <div class="wza">无障碍浏览 长者模式</div></form></body></html>""",
    "metadata with heads and empty values": f"""<html><body><div class="mbx">{LINKS}</div><table class="gkml"><tbody>
        <tr><th>索 引 号:</th><td>00/2026-01</td><th>主题分类:</th><td><a href="/zt">综合政务</a></td></tr>
        <tr><th>发文字号:</th><td>云政办〔2026〕3号</td><th>有效性:</th><td></td></tr><tr><th>关键词:</th><td colspan=3></td></tr>
        </tbody></table><h1 class="title">{TITLE}</h1><div class="xxgk_content">{PARAGRAPHS}</div></body></html>""",
    "metadata with label and value in one cell": f"""<html><body><table><tr><td>索引号：00/2026-01</td><td>组配分类：其他</td></tr>
        <tr><td colspan=2>发文字号：云政办〔2026〕3号</td></tr></table><h1>{TITLE}</h1><div>{PARAGRAPHS}</div></body></html>""",
    "anchor that nobody closed": f"""<html><body><ul>{MENU}</ul><div><h1>{TITLE}</h1><a href="javascript:p()">【打印】
        <div class="zw">{PARAGRAPHS}</div></div></body></html>""",
    "footer that nobody closed early": f"""<html><body><div class="footer"><div>{LINKS}</div><h1>{TITLE}</h1>
        <div class="nav-content">{PARAGRAPHS}</div></body></html>""",
    "title in a box named after sharing": f"""<html><body><nav>{LINKS}</nav><div class="share-title print">{TITLE}</div>
        <div class="article">{PARAGRAPHS * 3}</div></body></html>""",
    "word saved as page": f"""<html xmlns:o="urn:schemas-microsoft-com:office:office"><body lang=ZH-CN><div class=Section1>
        <p class=MsoNormal align=center><b>{TITLE}</b></p>"""
    + "".join(
        f"<p class=MsoNormal><![if !supportLists]><span><span>&nbsp;&nbsp; </span></span><![endif]><span>{line}</span><o:p>&nbsp;</o:p></p>"
        for line in LINES
    )
    + "</div></body></html>",
    "sidebar with sentences": f"""<html><body><div class="left"><h3>机构职能</h3><p>负责全区政务公开的指导和协调。</p><ul>{MENU}</ul></div>
        <div class="right"><div class="bt">{TITLE}</div><div class="wz">{PARAGRAPHS}</div><div class="fj">附件：
        <a href="/f/down.jsp?id=3">任务分解表.docx</a></div></div></body></html>""",
    "title by script": f"""<html><head><meta name="ArticleTitle" content="{TITLE}"></head><body><script>t()</script>
        <div>{PARAGRAPHS}</div></body></html>""",
}


def lines(document):
    for block in document.blocks:
        assert document.text_of(block) == document.text_of(block).strip()
        for cell in block.table.cells if block.table else ():
            assert document.text[cell.start : cell.end] == cell.text
    return [document.text_of(block) for block in document.blocks]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_pages_of_site_generators(name, encoding):
    found = lines(read(PAGES[name].encode(encoding), "saved.html"))
    assert TITLE in found
    # Every line of the notice is there once, in order, and nothing of the site around it.
    assert [line for line in found if line in LINES][: len(LINES)] == list(LINES)
    everything = "\n".join(found)
    for site in (
        "栏目名称",
        "友情链接",
        "ICP备",
        "分享",
        "脚本",
        "上一条",
        "无障碍",
        "解读一",
        "打印本页",
        "\xa0",
        "p{",
    ):
        assert site not in everything
    if name == "sidebar with sentences":
        assert found[-1] == "附件：任务分解表.docx"
    if name.startswith("metadata"):
        folded = everything.replace(" ", "").replace("：\n", "：")
        assert "索引号：00/2026-01" in folded
        assert "发文字号：云政办〔2026〕3号" in folded
    if name in ("trs", "jpage", "ucap"):
        assert "2026-03-05" in everything


def page(body, head=""):
    return f"<html><head>{head}</head><body>{body}</body></html>".encode()


def grid(document):
    block = next(block for block in document.blocks if block.kind == "table")
    return block.table, {c.text: (c.row, c.column, c.rowspan, c.colspan) for c in block.table.cells}


def test_task_table_keeps_its_spans():
    body = """<h1>任务分解表</h1><table><thead><tr><th>序号</th><th>任务</th><th colspan=2>单位</th></tr></thead><tbody>
    <tr><td rowspan=2>一、公开</td><td>1. 公开预算<br>和决算</td><td>区财政局</td><td>各镇</td></tr>
    <tr><td>2. 公开采购</td><td colspan="2"><p>区发改局</p><p>区财政局</p></td></tr>
    <tr><td rowspan=0>二、解读</td><td>3. 同步解读<table><tr><td>甲</td><td>乙</td></tr></table></td><td></td><td>x</td></tr>
    </tbody></table>"""
    document = read(page(body), "a.html")
    lines(document)
    table, cells = grid(document)
    assert (table.rows, table.columns) == (4, 4)
    assert cells["单位"] == (0, 2, 1, 2)
    assert cells["一、公开"] == (1, 0, 2, 1)
    assert cells["1. 公开预算\n和决算"] == (1, 1, 1, 1)
    assert cells["2. 公开采购"] == (2, 1, 1, 1)
    assert cells["区发改局\n区财政局"] == (2, 2, 1, 2)
    assert cells["3. 同步解读\n甲 乙"] == (3, 1, 1, 1)
    assert (document.blocks[0].kind, document.blocks[0].level) == ("heading", 1)


def test_prose_and_annexed_table_in_different_containers():
    rows = "".join(f"<tr><td>{n}</td><td>任务{n}要求公开</td><td>区财政局牵头</td></tr>" for n in range(1, 6))
    document = read(
        page(f"<ul>{MENU}</ul><div>{PARAGRAPHS * 3}</div><div class='share'><table>{rows}</table></div>"), "a.html"
    )
    table, _ = grid(document)
    assert (table.rows, table.columns) == (5, 3)
    assert "栏目名称" not in document.text


def test_short_notice_in_one_cell_stays_a_table():
    long = "公开财政预算决算和专项资金目录，" * 12
    document = read(
        page(f"<table><tr><td>序号</td><td>任务</td></tr><tr><td>1</td><td>{long}</td></tr></table>"), "a.html"
    )
    assert grid(document)[0].rows == 2


def test_list_of_documents_is_no_metadata():
    rows = "<tr><td>名称</td><td>文号</td></tr><tr><td>办法</td><td>云政〔2026〕1号</td></tr>"
    assert grid(read(page(f"<table>{rows}</table>"), "a.html"))[0].columns == 2


def test_ordered_lists_get_their_numbers_and_attachments_stay():
    body = f"{PARAGRAPHS}<ol start=3><li>第三件事情</li><li value=7>七</li><li>9. 自带</li></ol><ol type=a><li>甲</li></ol>"
    body += '<p>附件：<a href="/f/1.docx">任务分解表</a></p><p><a href="2.pdf">名单</a> <a href="3.xls">台账</a></p>'
    found = lines(read(page(body), "a.html"))
    assert [line for line in found if line not in LINES] == [
        "3. 第三件事情", "7. 七", "9. 自带", "a. 甲", "附件：任务分解表", "名单 台账",
    ]  # fmt: skip


def test_metadata_of_the_head():
    head = '<meta name="PubDate" content="2026-03-05"><meta property="og:title" content="要点"><title>题</title>'
    metadata = read(page("<p>公开</p>", head), "a.html").metadata
    assert metadata == {"PubDate": "2026-03-05", "og:title": "要点", "title": "题"}


def test_page_of_links_only_is_kept():
    assert "栏目名称3" in read(page(f"<ul>{MENU}</ul>"), "a.html").text


def test_single_file_page():
    data = (
        b"From: <Saved>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\n"
        b"Content-Type: text/html; charset=gb2312\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        + "<html><body><p>一、公开</p></body></html>".encode("gb18030")
        + b"\r\n--x--\r\n"
    )
    assert lines(read(data, "a.mht")) == ["一、公开"]


def test_page_named_as_word_file():
    assert read(page("<p>一、公开</p>"), "a.doc").format == "html"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (page("<script>x</script>"), "empty"),
        (b"<html><frameset></frameset></html>", "empty"),
        (page("<div>" * 5000 + "x"), "unsafe"),
        (page("<p>x</p>" * 700_000), "too_large"),
    ],
)
def test_faults(data, code):
    with pytest.raises(ReadingError) as caught:
        read(data, "a.html")
    assert caught.value.code == code


def test_entities_of_a_page_are_not_expanded_and_nothing_is_fetched():
    bomb = '<!DOCTYPE html [<!ENTITY a "公开"><!ENTITY b SYSTEM "file:///etc/hostname">]>'
    data = f"{bomb}<html><body><p>甲&b;乙 &lt;x&gt; &#20844;</p><img src='http://127.0.0.1:9/x'></body></html>"
    assert "甲&b;乙 <x> 公" in read(data.encode(), "a.html").text


def test_deep_but_harmless_nesting_and_slow_pages():
    assert "公开" in read(page("<font>" * 900 + "公开"), "a.html").text
    with pytest.raises(ReadingError) as caught:
        read(page(PARAGRAPHS), "a.html", limits=Limits(seconds=0))
    assert caught.value.code == "too_slow"
