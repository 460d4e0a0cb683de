"""Public pages of information in Chromium: at a desk, on a phone, in elder mode, in high contrast; axe on all of them."""

from __future__ import annotations

import gzip
from types import SimpleNamespace

import pytest

from gongkai.core import attachments
from gongkai.core.acts import perform
from gongkai.core.models import Unit
from gongkai.publications.models import CatalogColumn, DocumentRelation, VersionFile
from gongkai.publications.tests.conftest import office
from gongkai.publications.tests.helpers import act, draft, review, through, values

__all__ = ["office"]
pytestmark = pytest.mark.django_db(transaction=True)

TEXT = """<p class="flush">各镇人民政府、街道办事处，区政府各部门、各直属单位：</p>
<p>《云溪区既有住宅加装电梯补贴办法》已经区政府第12次常务会议讨论通过，现予印发，请认真组织实施。</p>
<p class="sign">临江市云溪区人民政府<br>2026年4月30日</p><p class="flush">（此件公开发布）</p>
<h2 class="ttl">云溪区既有住宅加装电梯补贴办法</h2>
<p><span class="no">第一条</span>为方便居民上下楼，规范补贴资金的申请和发放，结合本区实际，制定本办法。</p>
<p><span class="no">第二条</span>本区范围内2005年12月31日前建成、四层以上、没有电梯的住宅，由业主自行协商加装电梯并验收合格的，适用本办法。</p>
<p><span class="no">第三条</span>补贴按台计算，标准如下：</p>
<table><thead><tr><th>楼层数</th><th class="n">每台补贴（万元）</th><th>发放时间</th></tr></thead><tbody>
<tr><td>四层、五层</td><td class="n">18</td><td>验收合格后30日内</td></tr><tr><td>六层</td><td class="n">22</td><td>验收合格后30日内</td></tr>
<tr><td>七层以上</td><td class="n">25</td><td>开工付40%，验收后付清</td></tr></tbody></table>
<p><span class="no">第四条</span>申请补贴的，由业主推举的代表向所在镇街提交加装协议、施工合同、验收报告、收款账户。镇街应当当场核对，材料不全的一次告知。</p>
<p><span class="no">第五条</span>本办法自2026年5月18日起施行，有效期5年。</p>"""


@pytest.fixture
def world(office):
    """A normative document with everything that may hang on it, and a few others."""
    Unit.objects.filter(pk=office.unit.pk).update(telephone="0000-1234568", address="云溪区安澜路3号")
    office.unit.refresh_from_db()
    column = CatalogColumn.objects.create(
        code="guifan",
        title="规范性文件",
        unit=office.unit,
        statutory_item="20.1",
        description="区教育局制定的规范性文件。",
    )
    guide = CatalogColumn.objects.create(code="zhinan", title="公开指南", unit=office.unit, part="guide")
    old = through(
        draft(
            office,
            title="云溪区既有住宅加装电梯补贴试行办法",
            document_number="云教规〔2021〕7号",
            normative="on",
            effective_on="2021-06-03",
            expires_on="2028-06-02",
            made_on="2021-06-01",
            plan="不需要解读：试行文件",
        ),
        office,
    )
    case = through(
        draft(
            office,
            title="临江市云溪区人民政府关于印发《云溪区既有住宅加装电梯补贴办法》的通知",
            body=TEXT,
            document_number="云教规〔2026〕3号",
            normative="on",
            policy="on",
            column=column.pk,
            effective_on="2026-05-18",
            made_on="2026-04-30",
            subject="城乡建设、环境保护\\城乡建设（含住房）",
            issuer="临江市云溪区人民政府",
            keywords="加装电梯，补贴",
            summary="2005年底前建成、四层以上、没有电梯的楼，装好并验收合格，每台补18万到25万元。把材料交到所在镇街，20个工作日内出结果。不会填表，可以到窗口请人帮忙。",
            plan="图解，同步发布",
        ),
        office,
    )
    case = act("amend", case, office.officer, {"reason": "补充申请材料"})
    case = act(
        "edit",
        case,
        office.officer,
        values(
            title=case.title,
            body=case.body.replace("一次告知", "一次性告知"),
            document_number=case.document_number,
            normative="on",
            policy="on",
            column=column.pk,
            effective_on="2026-05-18",
            expires_on=case.expires_on.isoformat(),
            made_on="2026-04-30",
            subject=case.subject,
            issuer=case.issuer,
            keywords=case.keywords,
            summary=case.summary,
            plan=case.plan,
        ),
    )
    case = review(act("submit", case, office.officer), office)
    kept = attachments.keep(b"form")
    VersionFile.objects.create(
        version=case.current_version, name="加装电梯补贴申请表.docx", digest=kept.digest, size=26_000,
        content_type="application/octet-stream",
    )  # fmt: skip
    explained = through(
        draft(office, title="一图看懂：老楼加装电梯能补多少、怎么领", document_number="", document_kind="政策解读"),
        office,
    )
    DocumentRelation.objects.create(source=explained, target=case, kind="interprets")
    DocumentRelation.objects.create(source=case, target=old, kind="repeals")
    DocumentRelation.objects.create(source=case, kind="basis", outside="临江市城镇老旧小区改造条例")
    act("change_validity", old, office.reviewer, {"validity": "repealed", "day": "2026-05-18"})
    others = [
        through(draft(office, title="2026年一季度预算执行情况", document_number="", document_kind="预算决算"), office),
        through(draft(office, title="区教育局政府信息公开指南", document_number="", column=guide.pk), office),
        through(draft(office), office),
    ]
    topic = perform(
        "topic.write", None, office.officer, {"title": "加装电梯", "slug": "dianti", "summary": "补贴怎么领。"}
    ).case
    parts = {
        "heading": "政策",
        "text": "先看办法，再看图解。",
        "documents": f"{case.document_number}\n{explained.title}",
    }
    perform("topic.add_section", topic, office.officer, parts)
    perform("topic.submit", topic, office.officer)
    perform("topic.approve", topic, office.leader)
    perform("topic.revise", topic, office.officer)
    return SimpleNamespace(
        office=office, case=case, old=old, explained=explained, others=others, column=column, topic=topic
    )


ADDRESSES = (
    "/",
    "/information/",
    "/information/?kind=通知",
    "/information/policies/",
    "/information/policies/?state=past",
    "/information/normative/",
    "/information/disclosure/",
    "/information/disclosure/jiaoyu/",
    "/information/units/",
    "/information/units/jiaoyu/",
    "/information/columns/guifan/",
    "/information/subscribe/",
    "/information/topics/",
    "/information/topics/dianti/",
)


def addresses(world) -> list[str]:
    """Every public page of publishing."""
    here = world.case.public_address
    return [
        here,
        f"{here}versions/1/",
        f"{here}versions/1/compare/",
        f"{here}print/",
        world.old.public_address,
        *ADDRESSES,
    ]


def overflows(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_every_page_is_accessible_and_fits(page, axe, world):
    for address in addresses(world):
        page.goto(address)
        axe(page)
        assert not overflows(page), address


@pytest.mark.duty("001-12d")
@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_elder_mode_and_high_contrast(page, axe, context, live_server, world):
    context.add_cookies([{"name": "mode", "value": "elder", "url": live_server.url}])
    for address in addresses(world):
        page.goto(address)
        axe(page)
        assert not overflows(page), address
    page.goto(world.case.public_address)
    assert page.get_by_role("heading", name="先看要点").is_visible()
    assert page.get_by_role("link", name="打电话问：0000-1234568").first.is_visible()
    smallest = page.evaluate(
        "Math.min(...[...document.querySelectorAll('#main *')].filter(e => e.innerText && !e.children.length"
        " && !e.closest('.vh') && e.offsetParent).map(e => parseFloat(getComputedStyle(e).fontSize)))"
    )
    assert round(smallest) >= 20
    context.add_cookies(
        [
            {"name": "mode", "value": "", "url": live_server.url},
            {"name": "contrast", "value": "high", "url": live_server.url},
        ]
    )
    for address in addresses(world)[:6]:
        page.goto(address)
        axe(page)


@pytest.mark.duty("001-12d")
def test_reading_tools(page, world):
    # Chromium without voices still has the interface; what is read is taken from the text alone.
    page.add_init_script(
        "window.spoken = []; Object.defineProperty(window, 'speechSynthesis', {value: {"
        "speak: words => { window.spoken.push(words.text); setTimeout(() => words.onend && words.onend(), 0); },"
        "cancel: () => {} }}); window.SpeechSynthesisUtterance = function (text) { this.text = text; };"
    )
    page.goto(world.case.public_address)
    page.get_by_role("button", name="朗读").click()
    for _ in range(100):
        if "每台补贴" in "".join(page.evaluate("window.spoken")):
            break
        page.wait_for_timeout(50)
    spoken = "".join(page.evaluate("window.spoken"))
    assert "历次版本" not in spoken
    page.get_by_role("button", name="大", exact=True).click()
    assert "size-large" in page.locator("article.doc").get_attribute("class")
    page.get_by_role("link", name="打印").click()
    page.wait_for_url("**/print/")
    assert page.get_by_role("button", name="打印").is_visible()


def test_editors_pages_of_topics(page, axe, sign_in, world):
    sign_in(world.office.officer)
    for address in (
        "/workbench/topics/",
        f"/workbench/cases/{world.topic.pk}/",
        f"/workbench/topics/{world.topic.pk}/sections/1/",
    ):
        page.goto(address)
        axe(page)
    page.get_by_label("栏目标题").fill("政策和图解")
    page.get_by_role("button", name="保存").click()
    page.get_by_text("栏目已修改。").wait_for()
    assert page.get_by_text("1. 政策和图解").is_visible()
    # Readers see what was approved.
    page.goto("/information/topics/dianti/")
    assert not page.get_by_text("政策和图解").is_visible()


def test_everything_works_without_scripts(chromium, live_server, world):
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto("/information/")
    page.get_by_role("link", name="政策解读").first.click()
    page.get_by_role("link", name="一图看懂：老楼加装电梯能补多少、怎么领").first.click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("一图看懂")
    # Tools that need a script are not offered.
    assert not page.get_by_role("button", name="朗读").is_visible()
    assert not page.get_by_role("button", name="复制链接").is_visible()
    context.close()


def test_a_document_page_is_light(page, world):
    """At most 120 kB over the wire without its images, packed as any server packs them."""
    sizes: dict[str, int] = {}

    def weigh(response) -> None:
        if response.request.resource_type != "image":
            sizes[response.url] = len(gzip.compress(response.body()))

    page.on("response", weigh)
    page.goto(world.case.public_address)
    page.wait_for_load_state("networkidle")
    assert len(sizes) > 5
    assert sum(sizes.values()) <= 120_000
