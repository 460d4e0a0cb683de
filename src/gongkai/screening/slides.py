"""The text inside presentations, seen and unseen."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from lxml import etree

from gongkai.reading.archive import Archive
from gongkai.screening.parts import Part, PartKind
from gongkai.screening.properties import attached_parts, chart_values, drawing_paragraphs, link_parts, property_parts
from gongkai.screening.work import Work, attribute, local, main_part, office_xml, relations

P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_SHAPES = frozenset(("sp", "pic", "graphicFrame", "grpSp", "cxnSp"))


def slide_names(archive: Archive, main: str, root: etree._Element) -> list[tuple[str, etree._Element]]:
    """The parts of the slides in their order, with the elements that list them."""
    targets = {relation.id: relation.target for relation in relations(archive, main)}
    found = []
    for element in root.iterfind(f"{P}sldIdLst/{P}sldId"):
        key = next((str(value) for name, value in element.attrib.items() if str(name).endswith("}id")), "")
        if targets.get(key, "") in archive.names:
            found.append((targets[key], element))
    return found


def is_hidden_slide(root: etree._Element) -> bool:
    """Whether a slide is left out of the show."""
    return root.get("show") in ("0", "false")


def is_hidden_shape(shape: etree._Element) -> bool:
    """Whether a shape is switched off in the selection pane."""
    own = next((element for element in shape.iter("{*}cNvPr")), None)
    return own is not None and own.get("hidden") in ("1", "true")


def pptx_parts(archive: Archive, work: Work) -> list[Part]:
    """The parts of a presentation. Raises `ReadingError`."""
    return [
        *_slides(archive, work),
        *_others(archive),
        *property_parts(archive),
        *link_parts(archive),
        *attached_parts(archive, work),
    ]


def _slides(archive: Archive, work: Work) -> Iterator[Part]:
    main = main_part(archive)
    for number, (name, _) in enumerate(slide_names(archive, main, office_xml(archive, main)), 1):
        work.watch.check()
        root = office_xml(archive, name)
        hidden = is_hidden_slide(root)
        place = f"演示文稿第{number}页" + ("（隐藏）" if hidden else "")
        for shape in root.iterfind(f"{P}cSld/{P}spTree/*"):
            if local(shape) in _SHAPES:
                yield from _shape(shape, place, "hidden" if hidden else "body")
        for relation in relations(archive, name):
            if relation.external or relation.target not in archive.names:
                continue
            if relation.kind == "notesSlide":
                for text in drawing_paragraphs(office_xml(archive, relation.target)):
                    yield Part(f"演示文稿第{number}页备注", text, "comment")
            elif relation.kind == "comments":
                for element in office_xml(archive, relation.target).iter("{*}text", "{*}t"):
                    yield Part(f"演示文稿第{number}页批注", element.text or "", "comment")


def _shape(shape: etree._Element, place: str, kind: PartKind) -> Iterator[Part]:
    if is_hidden_shape(shape):
        place, kind = f"{place}（隐藏的图形）", "hidden"
    for properties in shape.iter("{*}cNvPr"):
        if properties.get("descr"):
            yield Part(f"{place}图片替代文字", properties.get("descr", ""), "hidden" if kind == "hidden" else "margin")
    tables = list(shape.iter(f"{A}tbl"))
    if tables:
        for table in tables:
            yield from _table(table, place, kind)
        return
    for text in drawing_paragraphs(shape):
        yield Part(place, text, kind)


def _table(table: etree._Element, place: str, kind: PartKind) -> Iterator[Part]:
    from gongkai.screening.extract import header_of

    headings: list[str] = []
    for number, row in enumerate(table.iterfind(f"{A}tr"), 1):
        cells = ["\n".join(drawing_paragraphs(cell)) for cell in row.iterfind(f"{A}tc")]
        own = headings
        if not headings:
            headings = header_of(cells)
        for column, cell in enumerate(cells):
            if cell.strip():
                heading = own[column] if column < len(own) else ""
                yield Part(f"{place}表格第{number}行第{column + 1}列", cell, kind, heading, f"{place}-{number}")


def _others(archive: Archive) -> Iterator[Part]:
    for name in sorted(archive.names):
        folder, base = posixpath.split(name)
        if not base.endswith(".xml"):
            continue
        room = posixpath.basename(folder)
        if room in ("slideMasters", "slideLayouts", "notesMasters", "handoutMasters"):
            for text in drawing_paragraphs(office_xml(archive, name)):
                yield Part("母版", text, "margin")
        elif room == "charts" and base.startswith("chart"):
            root = office_xml(archive, name)
            for text in (*drawing_paragraphs(root), *chart_values(root)):
                yield Part("图表", text, "margin")
        elif room == "diagrams" and base.startswith("data"):
            for text in drawing_paragraphs(office_xml(archive, name)):
                yield Part("图示", text, "margin")
        else:
            yield from _background(archive, name, room, base)


def _background(archive: Archive, name: str, room: str, base: str) -> Iterator[Part]:
    if base in ("commentAuthors.xml", "authors.xml"):
        for author in office_xml(archive, name).iter("{*}cmAuthor", "{*}author"):
            yield Part("批注作者", attribute(author, "name"), "property")
    elif room == "tags":
        for tag in office_xml(archive, name).iter("{*}tag"):
            yield Part("标签", attribute(tag, "val"), "property")
