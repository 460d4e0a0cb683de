"""Public copies of Word, Excel and presentation files: what nobody sees on the page is taken away."""

from __future__ import annotations

import posixpath

from lxml import etree

from gongkai.reading.archive import Archive
from gongkai.screening.package import Package, remove, unwrap
from gongkai.screening.sheets import (
    S,
    blank_styles,
    column_number,
    hidden_columns,
    is_hidden_row,
    sheets_of,
)
from gongkai.screening.slides import P, is_hidden_shape, is_hidden_slide, slide_names
from gongkai.screening.word import W, hidden_styles, is_hidden
from gongkai.screening.work import Work, attribute, local, main_part

_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"

# Word

_MARKERS = tuple(
    W + name
    for name in [
        "pPrChange",
        "rPrChange",
        "tblPrChange",
        "trPrChange",
        "tcPrChange",
        "sectPrChange",
        "tblGridChange",
        "tblPrExChange",
        "numberingChange",
        "moveFromRangeStart",
        "moveFromRangeEnd",
        "moveToRangeStart",
        "moveToRangeEnd",
        "customXmlInsRangeStart",
        "customXmlInsRangeEnd",
        "customXmlDelRangeStart",
        "customXmlDelRangeEnd",
        "customXmlMoveFromRangeStart",
        "customXmlMoveFromRangeEnd",
        "customXmlMoveToRangeStart",
        "customXmlMoveToRangeEnd",
        "cellIns",
        "cellDel",
        "cellMerge",
        "proofErr",
        "dataBinding",
        "commentRangeStart",
        "commentRangeEnd",
        "commentReference",
        "annotationRef",
    ]
)
_SETTINGS = tuple(
    W + name
    for name in [
        "rsids",
        "docVars",
        "attachedTemplate",
        "mailMerge",
        "trackRevisions",
        "documentProtection",
        "writeProtection",
        "saveThroughXslt",
        "removePersonalInformation",
    ]
)


def clean_docx(archive: Archive, work: Work) -> tuple[bytes, list[str]]:
    """A Word document with changes accepted and everything unseen gone. Raises `ReadingError`."""
    package = Package(archive, work)
    main = main_part(archive)
    folder = posixpath.dirname(main)
    styles = posixpath.join(folder, "styles.xml")
    hidden = hidden_styles(package.root(styles)) if styles in package.names else frozenset()
    package.clean_common()
    for name in sorted(package.names):
        if posixpath.dirname(name) != folder or not name.endswith(".xml"):
            continue
        root = package.root(name)
        _accept_changes(root, package)
        _drop_hidden(root, hidden, package)
        _drop_marks(root, package)
        package.drop_paths(name)
        if posixpath.basename(name) == "settings.xml":
            for element in list(root.iter(*_SETTINGS)):
                remove(element)
    _clean_charts(package, set())
    return package.save(), list(package.removed)


def _accept_changes(root: etree._Element, package: Package) -> None:
    for row in list(root.iter(f"{W}tr")):
        if row.find(f"{W}trPr/{W}del") is not None:
            remove(row)
            package.note("修订痕迹")
    merged = [p for p in root.iter(f"{W}p") if p.find(f"{W}pPr/{W}rPr/{W}del") is not None]
    for tag in ("del", "moveFrom"):
        for element in list(root.iter(W + tag)):
            package.note("修订痕迹")
            remove(element)
    for tag in ("ins", "moveTo"):
        for element in list(root.iter(W + tag)):
            package.note("修订痕迹")
            unwrap(element)
    for paragraph in merged:
        _merge_with_next(paragraph)


def _merge_with_next(paragraph: etree._Element) -> None:
    """A paragraph whose end was deleted goes on in the next one."""
    following = paragraph.getnext()
    content = [child for child in paragraph if local(child) != "pPr"]
    if not content and paragraph.getparent() is not None and following is not None:
        remove(paragraph)
    elif following is not None and local(following) == "p":
        for child in list(following):
            if local(child) != "pPr":
                paragraph.append(child)
        remove(following)


def _drop_hidden(root: etree._Element, styles: frozenset[str], package: Package) -> None:
    for run in list(root.iter(f"{W}r")):
        if is_hidden(run.find(f"{W}rPr"), styles):
            remove(run)
            package.note("隐藏文字")


def _drop_marks(root: etree._Element, package: Package) -> None:
    for element in list(root.iter(*_MARKERS)):
        remove(element)
    for element in root.iter():
        for key in [str(key) for key in element.attrib]:
            if key.startswith(W + "rsid") or key.endswith(("}paraId", "}textId")):
                del element.attrib[key]


# Excel

_BOOK = tuple(
    S + name
    for name in [
        "fileSharing",
        "customWorkbookViews",
        "definedNames",
        "externalReferences",
        "pivotCaches",
        "extLst",
        "functionGroups",
        "smartTagPr",
        "smartTagTypes",
        "webPublishing",
        "fileRecoveryPr",
        "webPublishObjects",
    ]
)
_SHEET = tuple(
    S + name
    for name in [
        "dataValidations",
        "extLst",
        "legacyDrawing",
        "legacyDrawingHF",
        "oleObjects",
        "controls",
        "customSheetViews",
        "scenarios",
        "webPublishItems",
        "customProperties",
        "cellWatches",
        "smartTags",
        "protectedRanges",
        "filterColumn",
        "sortState",
    ]
)


def clean_xlsx(archive: Archive, work: Work) -> tuple[bytes, list[str]]:
    """A workbook of seen values only: no formulas, no hidden cells, no caches. Raises `ReadingError`."""
    package = Package(archive, work)
    main = main_part(archive)
    book = package.root(main)
    blank = blank_styles(archive, main)
    sheets = sheets_of(archive, main, book)
    gone = {sheet.part for sheet in sheets if sheet.hidden}
    names = {sheet.name for sheet in sheets if sheet.hidden}
    for sheet in sheets:
        if sheet.hidden:
            remove(sheet.element)
            package.note(f"隐藏的工作表“{sheet.name}”")
    package.drop_relations(main, lambda kind, target: "隐藏的工作表" if target in gone else "")
    package.removed.pop("隐藏的工作表", None)
    for element in [*book.iter(*_BOOK), *book.iterfind("{*}AlternateContent")]:
        if local(element) == "definedNames":
            package.note("定义的名称")
        remove(element)
    for view in book.iter(f"{S}workbookView"):
        for key in ("activeTab", "firstSheet"):
            if key in view.attrib:
                del view.attrib[key]
    used: set[int] = set()
    shown = [sheet.part for sheet in sheets if not sheet.hidden and sheet.part in package.names]
    for part in shown:
        _clean_sheet(package, part, blank, used)
    _vml(package)
    package.clean_common()
    _blank_strings(package, posixpath.join(posixpath.dirname(main), "sharedStrings.xml"), used)
    _clean_charts(package, names)
    for name in sorted(package.names):
        if posixpath.basename(posixpath.dirname(name)) == "drawings" and name.endswith(".xml"):
            package.drop_paths(name)
    return package.save(), list(package.removed)


def _clean_sheet(package: Package, part: str, blank: frozenset[str], used: set[int]) -> None:
    root = package.root(part)
    if _drop_hidden_cells(package, root, blank, used):
        package.note("隐藏的行、列和单元格")
        # A table whose heading cells are gone would be called damaged.
        for element in list(root.iter(f"{S}tableParts")):
            remove(element)
    for element in [*root.iter(*_SHEET), *root.iterfind("{*}AlternateContent")]:
        remove(element)
    _drop_far_references(root)
    for properties in root.iter(f"{S}sheetPr"):
        if "codeName" in properties.attrib:
            del properties.attrib["codeName"]


def _drop_hidden_cells(package: Package, root: etree._Element, blank: frozenset[str], used: set[int]) -> bool:
    """Empty hidden rows, columns and cells whose format shows nothing; of all others only the value stays."""
    columns: set[int] = set()
    for element in root.iterfind(f"{S}cols/{S}col"):
        columns.update(hidden_columns(element) or ())
    dropped = False
    for row in root.iterfind(f"{S}sheetData/{S}row"):
        gone = is_hidden_row(row)
        for cell in row.findall(f"{S}c"):
            letters = cell.get("r", "").rstrip("0123456789")
            column = column_number(letters) if letters.isalpha() and letters.isupper() else 0
            if gone or column in columns or cell.get("s", "") in blank:
                dropped = dropped or len(cell) > 0
                row.remove(cell)
            else:
                _keep_value(cell, used, package)
    return dropped


def _drop_far_references(root: etree._Element) -> None:
    """Rules and links that look into other sheets, which may be gone."""
    for rule in list(root.iter(f"{S}cfRule")):
        if any("!" in (formula.text or "") for formula in rule.iter(f"{S}formula")):
            remove(rule)
    for condition in list(root.iter(f"{S}conditionalFormatting")):
        if len(condition) == 0:
            remove(condition)
    for link in list(root.iter(f"{S}hyperlink")):
        if link.get("location") and not attribute(link, "id"):
            remove(link)


def _keep_value(cell: etree._Element, used: set[int], package: Package) -> None:
    """Only the value of a cell; a formula stays where nothing was ever calculated and it looks nowhere else."""
    formula, value = cell.find(f"{S}f"), cell.find(f"{S}v")
    if formula is not None:
        text = formula.text or ""
        if value is not None or not text or formula.get("t") or "!" in text or "[" in text:
            cell.remove(formula)
            package.note("公式（保留数值）")
    if cell.get("t") == "s" and value is not None and (value.text or "").isdigit():
        used.add(int(value.text or 0))
    for extension in cell.findall(f"{S}extLst"):
        cell.remove(extension)


def _blank_strings(package: Package, name: str, used: set[int]) -> None:
    """Words of removed cells must not stay among the shared strings; their places do."""
    if name not in package.names:
        return
    for number, item in enumerate(package.root(name).iterfind(f"{S}si")):
        if number not in used:
            for child in list(item):
                item.remove(child)
            etree.SubElement(item, f"{S}t")


def _vml(package: Package) -> None:
    """Old drawings hold the boxes of comments and controls."""
    for name in sorted(package.names):
        folder, _, file = name.rpartition("_rels/")
        if name.endswith(".rels") and "worksheets" in folder:
            part = posixpath.join(folder.rstrip("/"), file.removesuffix(".rels"))
            package.drop_relations(part, lambda kind, target: "批注框和控件" if kind == "vmlDrawing" else "")


def _clean_charts(package: Package, hidden_sheets: set[str]) -> None:
    """Charts keep what they show; their data sheets go, and references to sheets that are gone become plain values."""
    for name in sorted(package.names):
        if posixpath.basename(posixpath.dirname(name)) != "charts" or not name.endswith(".xml"):
            continue
        root = package.root(name)
        for reference in list(root.iter(f"{_CHART}numRef", f"{_CHART}strRef")):
            formula = reference.findtext(f"{_CHART}f") or ""
            if formula.rpartition("!")[0].strip("'") in hidden_sheets:
                _literal(reference)


def _literal(reference: etree._Element) -> None:
    numeric = local(reference) == "numRef"
    cache = reference.find(f"{_CHART}numCache" if numeric else f"{_CHART}strCache")
    parent = reference.getparent()
    if cache is None or parent is None:
        return
    if local(parent) == "tx":
        value = etree.Element(f"{_CHART}v")
        value.text = next((element.text for element in cache.iter(f"{_CHART}v")), "")
        parent.replace(reference, value)
        return
    cache.tag = f"{_CHART}numLit" if numeric else f"{_CHART}strLit"
    parent.replace(reference, cache)


# Presentations


def clean_pptx(archive: Archive, work: Work) -> tuple[bytes, list[str]]:
    """A presentation of its seen slides only. Raises `ReadingError`."""
    package = Package(archive, work)
    main = main_part(archive)
    root = package.root(main)
    gone: set[str] = set()
    for number, (name, element) in enumerate(slide_names(archive, main, root), 1):
        if is_hidden_slide(package.root(name)):
            gone.add(name)
            remove(element)
            package.note(f"隐藏的第{number}页")
    for name in [main, *sorted(package.names)]:
        if name == main or posixpath.basename(posixpath.dirname(name)) == "slides":
            package.drop_relations(name, lambda kind, target: "隐藏的幻灯片" if target in gone else "")
    package.removed.pop("隐藏的幻灯片", None)
    for element in [*root.iter("{*}sectionLst"), *root.iter(f"{P}custShowLst"), *root.iter(f"{P}modifyVerifier")]:
        remove(_extension(element))
    for name in sorted(package.names):
        if (
            posixpath.basename(posixpath.dirname(name)) in ("slides", "slideLayouts", "slideMasters")
            and name not in gone
        ):
            _clean_slide(package, name)
    package.clean_common()
    _clean_charts(package, set())
    return package.save(), list(package.removed)


def _extension(element: etree._Element) -> etree._Element:
    """The extension around an element, which makes no sense without it."""
    parent = element.getparent()
    return parent if parent is not None and local(parent) == "ext" else element


def _clean_slide(package: Package, name: str) -> None:
    root = package.root(name)
    for frame in list(root.iter(f"{P}graphicFrame")):
        picture = next((p for ole in frame.iter(f"{P}oleObj") for p in ole.iter(f"{P}pic")), None)
        parent = frame.getparent()
        if picture is not None and parent is not None:
            parent.replace(frame, picture)
            package.note("嵌入文件")
    for shape in list(root.iterfind(f"{P}cSld/{P}spTree/*")):
        if is_hidden_shape(shape):
            remove(shape)
            package.note("隐藏的图形")
            for timing in root.findall(f"{P}timing"):
                root.remove(timing)
    package.drop_paths(name)
