"""What a document says about itself: values offered for its metadata, each with its source."""

from __future__ import annotations

import re

from lxml import etree

from gongkai.law.numbering import restore_document_number
from gongkai.publications.body import flow, recognise
from gongkai.publications.body.model import Body, Suggestion
from gongkai.publications.body.words import words_of

# Labels of saved pages, in the order of preference, and the field they fill.
_LABELS = (
    ("title", ("标题", "名称", "信息名称", "文件名称", "ArticleTitle")),
    ("number", ("发文字号", "文号", "发布文号", "文件编号")),
    ("issuing_body", ("发文机关", "发布机构", "发布机关", "发文单位", "公开主体", "机构名称", "ContentSource")),
    ("made", ("成文日期", "生成日期", "发文日期")),
    ("published", ("发布日期", "公开日期", "发布时间", "PubDate")),
    ("index_number", ("索引号", "信息索引号", "信息索引")),
    ("subject", ("主题分类", "信息分类")),
    ("kind", ("体裁", "体裁分类")),
    ("disclosure", ("公开类别", "公开方式", "公开属性")),
    ("validity", ("有效性", "时效性", "效力状态")),
)
_DATES = frozenset(("made", "published"))
_DAY = re.compile(r"((?:19|20)\d{2})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})")
_ISSUER = re.compile(rf"^(.{{2,40}}?(?:{recognise.BODY_ENDING}))(?=关于|印发|转发|$)")
_ITEM = re.compile(r"^\s*(?:附件?\s*[：:])?\s*(?:\d{1,2}\s*[.．、])?\s*")


def suggest(body: Body) -> tuple[Suggestion, ...]:
    """Values for the metadata of a body, at most one for each field; the page's own block goes before the text."""
    found: dict[str, Suggestion] = {}
    for field, labels in _LABELS:
        for label in labels:
            value = _value(field, body.metadata.get(label, ""))
            if value:
                found.setdefault(field, Suggestion(field, value, f"网页信息：{label}"))
    for suggestion in _from_text(body.html):
        found.setdefault(suggestion.field, suggestion)
    title = found.get("title")
    if "issuing_body" not in found and title is not None:
        match = _ISSUER.match(title.value)
        if match:
            found["issuing_body"] = Suggestion("issuing_body", match[1], "标题里的机关名称")
    return tuple(found.values())


def _value(field: str, text: str) -> str:
    text = text.strip()
    if field in _DATES:
        match = _DAY.search(text)
        return f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}" if match else ""
    if field == "number":
        return _number(text)
    return text


def _number(text: str) -> str:
    restored = restore_document_number("".join(text.split()))
    return str(restored.number) if restored else "".join(text.split())


def _from_text(html: str) -> list[Suggestion]:
    found: list[Suggestion] = []
    signature: list[str] = []
    enclosures: list[str] = []
    titled = False
    for place, element in enumerate(flow.parse(html), 1):
        kinds = set((element.get("class") or "").split())
        text = words_of(element).replace("\n", "")
        source = f"正文第{place}段"
        if "ttl" in kinds and titled:
            break  # a second text begins: what it says is not about the document
        if "ttl" in kinds:
            titled = True
            found.append(Suggestion("title", text, source))
        elif "sign" in kinds:
            if recognise.is_date_line(text):
                day = recognise.read_date(text)
                found += [Suggestion("made", day.isoformat(), source)] if day else []
            else:
                signature.append(text)
        elif "enclosure" in kinds:
            enclosures.append(_ITEM.sub("", text))
        else:
            found += _line(element, kinds, text, source)
    if signature:
        found.append(Suggestion("signature", "\n".join(signature), "正文落款"))
        found.append(Suggestion("issuing_body", signature[0], "正文落款"))
    if any(enclosures):
        found.append(Suggestion("enclosures", "\n".join(filter(None, enclosures)), "正文附件说明"))
    return found


def _line(element: etree._Element, kinds: set[str], text: str, source: str) -> list[Suggestion]:
    if "number" in kinds:
        return [Suggestion("number", _number(text), source)]
    if "flush" in kinds and element.tag == "p" and text.endswith(("：", ":")):
        return [Suggestion("recipients", text.rstrip("：:"), source)]
    if "note" in kinds:
        return [Suggestion("note", text.strip("（）() "), source)]
    if "imprint" in kinds and recognise._COPY.match(text):
        return [Suggestion("copy_to", recognise._COPY.sub("", text, count=1).rstrip("。"), source)]
    if "mark" in kinds:
        return [Suggestion("issuing_body", text.removesuffix("文件").strip(), source)]
    return []


def without_head(html: str, title: str, number: str = "", issuing_body: str = "") -> str:
    """A sanitised body without the leading lines that the page shows elsewhere: 机关标志, 发文字号, title.

    Only lines that repeat the given values go; a body whose head says something else keeps it.
    """
    from gongkai.publications.body.clean import sanitise

    root = flow.parse(html)
    known = {_squeezed(value) for value in (title, number, issuing_body, issuing_body + "文件") if value}
    gone = False
    for element in list(root)[:12]:
        kinds = set((element.get("class") or "").split())
        text = _squeezed(words_of(element))
        repeated = text in known or ("number" in kinds and number and _number(text) == number)
        headline = element.tag in ("h2", "h3", "p") and (kinds & {"ttl", "mark", "number", "center"} or text in known)
        if not (repeated and headline):
            if text and not kinds & {"mark", "number"}:
                break
            continue
        root.remove(element)
        gone = True
    if not gone:
        return html
    return sanitise("".join(etree.tostring(child, encoding="unicode", method="html") for child in root))


def _squeezed(text: str) -> str:
    return "".join(text.split())
