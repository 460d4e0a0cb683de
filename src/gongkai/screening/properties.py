"""What office packages carry besides their text: properties, links, pictures, embedded files, macros."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from lxml import etree

from gongkai.reading.archive import Archive, parse_xml
from gongkai.screening.parts import Part
from gongkai.screening.work import Work, attribute, local, relations

_LABELS = {
    "creator": "作者",
    "lastModifiedBy": "最后修改人",
    "title": "标题",
    "subject": "主题",
    "description": "备注",
    "keywords": "关键词",
    "category": "类别",
    "contentStatus": "状态",
    "Company": "单位",
    "Manager": "主管",
    "Template": "模板",
    "HyperlinkBase": "超链接基础",
    "TitlesOfParts": "各部分标题",
}
_UNTOLD = frozenset(
    [
        "created",
        "modified",
        "revision",
        "TotalTime",
        "Pages",
        "Words",
        "Characters",
        "Application",
        "DocSecurity",
        "Lines",
        "Paragraphs",
        "ScaleCrop",
        "LinksUpToDate",
        "CharactersWithSpaces",
        "SharedDoc",
        "HyperlinksChanged",
        "AppVersion",
        "HeadingPairs",
        "PresentationFormat",
        "Slides",
        "Notes",
        "HiddenSlides",
        "MMClips",
        "lastPrinted",
        "version",
        "language",
        "identifier",
    ]
)
_PUBLIC_LINKS = ("http://", "https://", "mailto:", "#")


def property_parts(archive: Archive) -> Iterator[Part]:
    """The document properties that tell something."""
    for name in sorted(archive.names):
        if not name.startswith("docProps/") or not name.endswith(".xml"):
            continue
        for element in parse_xml(archive.read(name)):
            tag = local(element)
            text = " ".join("".join(map(str, element.itertext())).split())
            if text and tag not in _UNTOLD:
                label = _LABELS.get(tag) or attribute(element, "name") or tag
                yield Part(f"文档属性 {label}", text, "property")


def link_parts(archive: Archive) -> Iterator[Part]:
    """The addresses that links lead to; paths on somebody's computer count as properties."""
    for name in sorted(archive.names):
        if not name.endswith(".rels") or name == "_rels/.rels":
            continue
        folder, _, file = name.rpartition("/_rels/")
        for relation in relations(archive, posixpath.join(folder, file.removesuffix(".rels"))):
            if not relation.external or not relation.target:
                continue
            if relation.kind == "hyperlink" and relation.target.lower().startswith(_PUBLIC_LINKS):
                yield Part("链接地址", relation.target, "margin")
            else:
                yield Part("本机或外部路径", relation.target, "property")


def attached_parts(archive: Archive, work: Work) -> Iterator[Part]:
    """Pictures, embedded files, macros and data islands inside a package."""
    from gongkai.screening.extract import nested
    from gongkai.screening.images import picture_properties

    pictures = 0
    for name in sorted(archive.names):
        folder, base = posixpath.split(name)
        if folder.endswith("/media"):
            pictures += 1
            for part in picture_properties(archive.read(name)):
                yield Part(f"图片{base} {part.place}", part.text, part.kind)
        elif folder.endswith("/embeddings"):
            for part in nested(archive.read(name), base, f"嵌入文件 {base}", work):
                yield Part(
                    part.place, part.text, "unchecked" if part.kind == "unchecked" else "cache", part.heading, part.row
                )
        elif base in ("vbaProject.bin", "vbaData.xml"):
            yield Part("宏", "文件带有宏（程序）。公开时会去掉；请确认不需要。", "unchecked")
        elif folder == "customXml" and base.startswith("item") and base.endswith(".xml") and "Props" not in base:
            text = " ".join("".join(map(str, parse_xml(archive.read(name)).itertext())).split())
            if text:
                yield Part("自定义数据", text, "cache")
    if pictures:
        yield Part("文中图片", f"文件里有{pictures}张图片，图片里的文字机器读不出来。请人工查看。", "unchecked")


def drawing_paragraphs(root: etree._Element) -> Iterator[str]:
    """The paragraphs of drawn text (text boxes of sheets and slides, charts)."""
    for paragraph in root.iter("{*}p"):
        text = "".join(
            "\n" if local(element) == "br" else (element.text or "") for element in paragraph.iter("{*}t", "{*}br")
        )
        if text.strip():
            yield text


def chart_values(root: etree._Element) -> Iterator[str]:
    """The words and figures that a chart shows, from its own cache."""
    for element in root.iter("{*}v"):
        if element.text and element.text.strip():
            yield element.text
