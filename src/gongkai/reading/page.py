"""Which parts of a web page are the document, and which are the site around it.

The rule is subtractive: what is surely menu, share bar or footer goes, everything else stays. So the body of a notice
is never lost to a page layout that nobody thought of; at worst a line too many is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from gongkai.reading.limits import Watch


def names(text: str) -> frozenset[str]:
    """A set of the words of a text."""
    return frozenset(text.split())


NEVER_SHOWN = names(
    """script style noscript template iframe frame object embed applet svg canvas video audio map select option button
    input textarea head title link meta base datalist dialog"""
)
_CONTAINERS = names("div ul ol dl table tbody tr td section nav aside footer header form p center span li dd h4 h5 h6")
_SITE_TAGS = names("nav footer aside")
_SITE_WORDS = names(
    """nav navbar navigation menu submenu topmenu footer foot copyright share bdshare bdsharebuttonbox jiathis
    breadcrumb crumbs sidebar toolbar qrcode ewm erweima login search searchbox sousuo banner logo links friendlink
    yqlj related print dayin fontsize gotop totop comment pinglun wza accessibility weixin wechat recommend pagination
    prevnext skiplink fenxiang"""
)
_WORD = re.compile(r"[a-z]+|[A-Z][a-z]+|[A-Z]+")
_ATTACHMENT = re.compile(r"\.(?:docx?|xlsx?|pdf|wps|et|zip|rar|ofd|txt|rtf)(?:$|[?#])", re.I)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_RESPONSIBILITY = re.compile("责任单位|责任部门|牵头|落实单位|責任單位|牽頭|落實單位")
_DOCUMENT = re.compile("关于.{2,60}的(?:通知|意见|函|批复|公告)|工作要点|实施方案|任务分[解工]|索引号|发文字号")
_SITE_LINE = re.compile(
    "打印|关闭(?:窗口|本页)|分享到|扫一扫|浏览次数|点击数|访问量|[上下]一[篇条]|相关(?:链接|文档|解读|稿件|附件下载)|返回顶部|无障碍"
    "|长者模式|ICP备|公网安备|网站标识码|版权所有|网站地图|联系我们|技术支持|您(?:当前|现在)?(?:所在)?的?位置|建议使用|设为首页"
)
_SOURCE_LINE = re.compile(r"\d{4}\s*[-年/.]\s*\d{1,2}|来源|文号")
_NO_CORE = names("tbody tr p span font b strong a h1 h2 h3")
_SHORT_CELL = 500
_LONGEST_LINK = 150
_LONGEST_SITE_LINE = 120


@dataclass(slots=True)
class Mass:
    """What one element holds, in characters that are no spaces; `links` counts anchors with words."""

    words: int = 0
    linked: int = 0
    links: int = 0

    @property
    def plain(self) -> int:
        """Characters outside links."""
        return self.words - self.linked


@dataclass(slots=True)
class Plan:
    """The core of a page (the element that holds the running text), what every element holds, what to leave out."""

    core: etree._Element
    masses: dict[etree._Element, Mass]
    dropped: set[etree._Element] = field(default_factory=set)

    def words(self, element: etree._Element) -> int:
        """The characters shown in an element."""
        mass = self.masses.get(element)
        return mass.words if mass else 0


def plan_page(body: etree._Element, watch: Watch) -> Plan:
    """Decide what to read of a page. Raises `ReadingError("too_slow")`."""
    hidden = _hidden_elements(body, watch)
    masses = _weigh(body, hidden, watch)
    plan = Plan(_core(body, masses), masses, hidden)
    around = set(plan.core.iterancestors()) | {plan.core}
    inside = set(plan.core.iter())
    gone: set[etree._Element] = set()
    for element, mass in masses.items():
        if element.getparent() in gone:
            gone.add(element)
        elif element in around or element.tag not in _CONTAINERS:
            continue
        elif _is_site(element, mass, masses[body].plain, within=element in inside):
            gone.add(element)
            plan.dropped.add(element)
    return plan


def whole_page(body: etree._Element, watch: Watch) -> Plan:
    """The plan that leaves out nothing but what is never shown."""
    dropped = {element for element in body.iter() if element.tag in NEVER_SHOWN}
    return Plan(body, _weigh(body, dropped, watch), dropped)


def is_site_line(line: str, *, inside: bool) -> bool:
    """Whether a line outside the core is the site's own: footers, counters, buttons."""
    if inside or len(line) > _LONGEST_SITE_LINE or line.endswith(("。", "；", "）")):
        return False
    return bool(_SITE_LINE.search(line)) and not _SOURCE_LINE.search(line)


def _walk(body: etree._Element, watch: Watch) -> Iterator[tuple[str, etree._Element]]:
    for number, (event, element) in enumerate(etree.iterwalk(body, events=("start", "end"))):
        if number % 5000 == 0:
            watch.check()
        yield event, element


def _hidden_elements(body: etree._Element, watch: Watch) -> set[etree._Element]:
    """What a browser does not show; but some sites keep the body hidden until a script shows it."""
    never: set[etree._Element] = set()
    hidden: set[etree._Element] = set()
    for event, element in _walk(body, watch):
        if event == "start" and element is not body:
            if element.tag in NEVER_SHOWN:
                never.add(element)
            elif element.get("hidden") is not None or _HIDDEN.search(element.get("style", "")):
                hidden.add(element)
    masses = _weigh(body, never, watch) if hidden else {}
    total = masses[body].plain if hidden else 0
    for element in hidden:
        plain = masses[element].plain if element in masses else 0
        if plain < 400 or plain < 2 * (total - plain):
            never.add(element)
    return never


def _count(text: str | None) -> int:
    return len("".join(text.split())) if text else 0


def _weigh(body: etree._Element, hidden: set[etree._Element], watch: Watch) -> dict[etree._Element, Mass]:
    """The mass of every element that is shown, hidden parts not counted."""
    masses: dict[etree._Element, Mass] = {}
    stack: list[Mass] = []
    buried = anchors = 0
    for event, element in _walk(body, watch):
        if event == "start":
            buried += element in hidden
            if not buried:
                anchors += _is_site_link(element)
                mass = Mass(words=_count(element.text))
                mass.linked = mass.words if anchors else 0
                mass.links = 1 if _is_site_link(element) else 0
                masses[element] = mass
                stack.append(mass)
            continue
        if not buried:
            done = stack.pop()
            anchors -= _is_site_link(element)
            if done.words > _LONGEST_LINK and element.tag == "a":
                # An anchor that nobody closed swallows the body; that makes the body no link.
                done.linked = done.links = 0
            if stack:
                _give(stack[-1], done, 0 if element is body else _count(element.tail), linked=anchors > 0)
        else:
            buried -= element in hidden
            if not buried and stack:
                _give(stack[-1], Mass(), _count(element.tail), linked=anchors > 0)
    return masses


def _give(parent: Mass, child: Mass, tail: int, *, linked: bool) -> None:
    parent.words += child.words + tail
    parent.linked += child.linked + (tail if linked else 0)
    parent.links += child.links


def _is_site_link(element: etree._Element) -> bool:
    """An anchor that leads elsewhere on the site; attachments belong to the document."""
    if element.tag != "a" or not element.get("href"):
        return False
    words = (element.text or "").strip()
    return not (_ATTACHMENT.search(element.get("href", "")) or _ATTACHMENT.search(words) or words.startswith("附件"))


def _core(body: etree._Element, masses: dict[etree._Element, Mass]) -> etree._Element:
    """The lowest element that holds most of the text outside links."""
    needed = 0.7 * masses[body].plain
    core = body
    while needed:
        heavier = next((child for child in core if child in masses and masses[child].plain >= needed), None)
        if heavier is None:
            break
        core = heavier
    if core.tag in ("td", "th") and masses[core].plain < _SHORT_CELL:
        # A single long cell of a task table is no page.
        core = _parent(core, body)
    while core.tag in _NO_CORE and core is not body:
        core = _parent(core, body)
    return core


def _parent(element: etree._Element, body: etree._Element) -> etree._Element:
    parent = element.getparent()
    return body if parent is None or element is body else parent


def _is_site(element: etree._Element, mass: Mass, total: int, *, within: bool) -> bool:
    if not mass.words or mass.plain > 0.15 * total:
        return False
    named = element.tag in _SITE_TAGS or not _SITE_WORDS.isdisjoint(_names(element))
    share = mass.linked / mass.words
    fewest, least = (4, 0.85) if within else (2, 0.6)
    listed = mass.links >= fewest and share >= least
    if not (named or listed):
        return False
    words = "".join(map(str, element.itertext()))
    # A name is only a hint: class="share-title" may well hold the title.
    return not _RESPONSIBILITY.search(words) and (listed or not _DOCUMENT.search(words))


def _names(element: etree._Element) -> set[str]:
    names = f"{element.get('id', '')} {element.get('class', '')}"
    return {word.lower() for word in _WORD.findall(names)} | set(names.lower().split())
