"""Look through or clean a PDF file, in a process of its own.

A PDF from a stranger can pack gigabytes into a page or keep a parser busy for ever, and no library stops by itself.
So this module runs as `python -m gongkai.screening.pdf_worker`, with a ceiling on memory, and is killed when time is
up: the order (one line of JSON) and the file come in on standard input; a line of JSON, and for cleaning the new file,
go out.
"""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from typing import Any

_BASE_MEMORY = 768 * 1024**2
_MARKUP = re.compile(r"<[^<>]{0,4000}>")
_VALUES = re.compile(r"=\"([^\"<>]{2,400})\"")
_UNTOLD = ("/CreationDate", "/ModDate", "/Producer", "/Trapped")
_INFO = {"/Author": "作者", "/Title": "标题", "/Subject": "主题", "/Keywords": "关键词", "/Creator": "创建程序"}
# Annotations that are part of what a reader uses; all others are remarks of somebody.
_KEPT = ("/Link", "/Widget")


class Trouble(Exception):
    """Stops the work with a code."""


def look_through(data: bytes, order: dict[str, Any]) -> dict[str, Any]:
    """The pages and everything else with text, as plain data."""
    reader = _open(data)
    if len(reader.pages) > order["pages"]:
        raise Trouble("too_large")
    others = [*_information(reader), *_annotations(reader), *_actions(reader)]
    attached: list[tuple[str, str]] = []
    total = 0
    for name, content in _attachments(reader):
        total += len(content)
        if total > order["attached"]:
            raise Trouble("too_large")
        attached.append((name, base64.b64encode(content).decode()))
    return {"pages": list(_pages(data, order["characters"])), "others": others, "attached": attached}


def _open(data: bytes) -> Any:
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Trouble("encrypted")
    return reader


def _information(reader: Any) -> Iterator[tuple[str, str, str]]:
    for key, value in (reader.metadata or {}).items():
        if key not in _UNTOLD and str(value).strip():
            yield f"文档属性 {_INFO.get(key, key.lstrip('/'))}", "property", str(value)
    metadata = reader.trailer["/Root"].get("/Metadata")
    if metadata is not None:
        text = metadata.get_object().get_data().decode("utf-8", "replace")
        words = " ".join((*_VALUES.findall(text), *_MARKUP.sub(" ", text).split()))
        if any(sign.isalnum() for sign in words):
            yield "文档属性 XMP", "property", words


def _annotations(reader: Any) -> Iterator[tuple[str, str, str]]:
    for number, page in enumerate(reader.pages, 1):
        for reference in page.get("/Annots") or ():
            annotation = reference.get_object()
            if not hasattr(annotation, "get"):
                continue
            kind = annotation.get("/Subtype")
            action = annotation.get("/A")
            address = action.get_object().get("/URI") if action is not None else None
            if address:
                yield "链接地址", "margin", str(address)
            for key in ("/Contents", "/T", "/Subj", "/RC"):
                if kind not in _KEPT and annotation.get(key):
                    place = f"第{number}页批注" + ("作者" if key == "/T" else "")
                    yield place, "comment", _MARKUP.sub(" ", str(annotation.get(key)))
            if kind == "/Widget" and annotation.get("/V") is not None:
                yield f"第{number}页表单", "margin", str(annotation.get("/V"))


def _actions(reader: Any) -> Iterator[tuple[str, str, str]]:
    root = reader.trailer["/Root"]
    names = root.get("/Names")
    if "/OpenAction" in root or "/AA" in root or (names is not None and "/JavaScript" in names.get_object()):
        yield "自动动作", "hidden", "文件打开时会自动执行动作或脚本"
    if _layers_off(reader):
        yield "图层", "unchecked", "PDF 带有隐藏的图层，里面的内容可能被人打开看到。请“打印”成新的 PDF 后再上传。"


def _layers_off(reader: Any) -> bool:
    layers = reader.trailer["/Root"].get("/OCProperties")
    if layers is None:
        return False
    default = layers.get_object().get("/D")
    default = default.get_object() if default is not None else {}
    return bool(default.get("/OFF")) or default.get("/BaseState") == "/OFF"


def _attachments(reader: Any) -> Iterator[tuple[str, bytes]]:
    for name, contents in reader.attachments.items():
        for content in contents:
            yield str(name), content


# Pages: characters in the order they are painted, so that it is known what lies over what.


def _pages(data: bytes, most: int) -> Iterator[dict[str, Any]]:
    from pdfminer.converter import PDFPageAggregator
    from pdfminer.layout import LTChar
    from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
    from pdfminer.pdfpage import PDFPage

    class Device(PDFPageAggregator):
        """Notes the rendering mode on every character."""

        mode = 0

        def render_string(self, textstate: Any, *rest: Any) -> None:
            self.mode = textstate.render
            super().render_string(textstate, *rest)

        def render_char(self, *rest: Any) -> float:
            before = len(self.cur_item._objs)
            width = super().render_char(*rest)
            for item in self.cur_item._objs[before:]:
                if isinstance(item, LTChar):
                    item.mode = self.mode  # type: ignore[attr-defined]
            return width

    resources = PDFResourceManager()
    device = Device(resources, laparams=None)
    interpreter = PDFPageInterpreter(resources, device)
    total = 0
    for page in PDFPage.get_pages(BytesIO(data), check_extractable=False):
        interpreter.process_page(page)
        found = _sort_out(device.get_result())
        total += sum(map(len, found["seen"])) + sum(map(len, found["covered"])) + sum(map(len, found["unseen"]))
        if total > most:
            raise Trouble("too_large")
        yield found


def _sort_out(layout: Any) -> dict[str, Any]:
    from gongkai.reading.pdf_pages import lines_of

    height = layout.height
    kinds: dict[str, list[dict[str, Any]]] = {"seen": [], "covered": [], "unseen": []}
    boxes: list[tuple[int, Any]] = []
    grounds: list[Any] = []
    characters: list[tuple[int, Any]] = []
    images = _flatten(layout, boxes, grounds, characters)
    for order, item in characters:
        text = item.get_text()
        if not text or (text.isspace() and text != " "):
            continue
        kinds[_kind_of(order, item, boxes, grounds)].append(
            {
                "text": text,
                "x0": item.x0,
                "x1": item.x1,
                "top": height - item.y1,
                "bottom": height - item.y0,
                "height": item.height,
                "size": item.size,
            }
        )
    result: dict[str, Any] = {key: [line.text for line in lines_of(items)] for key, items in kinds.items()}
    result["images"] = images
    return result


def _flatten(layout: Any, boxes: list[Any], grounds: list[Any], characters: list[Any]) -> int:
    """Sort what is painted, with its place in the order; returns how many pictures there are."""
    from pdfminer.layout import LTChar, LTCurve, LTFigure, LTImage

    images = 0
    stack = [iter(layout)]
    order = 0
    while stack:
        item = next(stack[-1], None)
        if item is None:
            stack.pop()
            continue
        order += 1
        if isinstance(item, LTChar):
            characters.append((order, item))
        elif isinstance(item, LTFigure):
            stack.append(iter(item))
        elif isinstance(item, LTImage):
            images += 1
            grounds.append(item)
        elif isinstance(item, LTCurve) and item.fill and item.height > 3 and item.width > 3:
            if len(boxes) < 2000:
                boxes.append((order, item))
            grounds.append(item)
    return images


def _kind_of(order: int, item: Any, boxes: list[Any], grounds: list[Any]) -> str:
    if getattr(item, "mode", 0) in (3, 7):
        return "unseen"
    x, y = (item.x0 + item.x1) / 2, (item.y0 + item.y1) / 2
    colour = _colour(item.ncs, item.graphicstate.ncolor)
    under: Any = None
    for place, box in boxes:
        if box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1:
            if place > order:
                return "covered"
            under = box
    if under is not None:
        return "covered" if colour is not None and _colour(None, under.non_stroking_color) == colour else "seen"
    if colour == (1.0, 1.0, 1.0) and not any(g.x0 <= x <= g.x1 and g.y0 <= y <= g.y1 for g in grounds[:2000]):
        return "unseen"
    return "seen"


def _colour(space: Any, value: Any) -> tuple[float, ...] | None:
    """A colour as red, green, blue; None where it cannot be told."""
    if value is None:
        return None
    if isinstance(value, int | float):
        value = (value,)
    try:
        numbers = tuple(round(float(number), 3) for number in value)
    except (TypeError, ValueError):
        return None
    if len(numbers) == 1:
        return numbers * 3
    if len(numbers) == 4:
        return tuple(round((1 - part) * (1 - numbers[3]), 3) for part in numbers[:3])
    return numbers if len(numbers) == 3 else None


# Cleaning


def clean(data: bytes, order: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """A copy without properties, remarks, attachments and actions, and what was taken away."""
    from pypdf import PdfWriter

    reader = _open(data)
    if len(reader.pages) > order["pages"]:
        raise Trouble("too_large")
    if _layers_off(reader):
        raise Trouble("layers")
    removed: dict[str, None] = {}
    if reader.metadata or "/Metadata" in reader.trailer["/Root"]:
        removed["文档属性"] = None
    writer = PdfWriter()
    for page in reader.pages:
        writer.add_page(page)
    _keep_outline_language(reader, writer)
    for page in writer.pages:
        _strip_page(page, removed)
    root = reader.trailer["/Root"]
    for key, label in (
        ("/OpenAction", "自动动作"),
        ("/AA", "自动动作"),
        ("/AcroForm", "表单定义"),
        ("/PieceInfo", "编辑程序留下的数据"),
    ):
        if key in root:
            removed[label] = None
    names = root.get("/Names")
    if names is not None:
        for key, label in (("/EmbeddedFiles", "附件"), ("/JavaScript", "脚本")):
            if key in names.get_object():
                removed[label] = None
    _strip_objects(writer, removed)
    writer.metadata = None
    writer._ID = None
    output = BytesIO()
    writer.compress_identical_objects(remove_duplicates=True, remove_unreferenced=True)
    writer.write(output)
    return {"removed": list(removed)}, output.getvalue()


def _keep_outline_language(reader: Any, writer: Any) -> None:
    from pypdf.generic import NameObject

    language = reader.trailer["/Root"].get("/Lang")
    if language is not None:
        writer._root_object[NameObject("/Lang")] = language


def _strip_page(page: Any, removed: dict[str, None]) -> None:
    from pypdf.generic import ArrayObject, NameObject

    for key, label in (
        ("/AA", "自动动作"),
        ("/PieceInfo", "编辑程序留下的数据"),
        ("/Metadata", "文档属性"),
        ("/Thumb", "缩略图"),
        ("/B", ""),
    ):
        if key in page:
            del page[key]
            if label:
                removed[label] = None
    annotations = page.get("/Annots")
    if annotations is None:
        return
    kept = ArrayObject()
    for reference in annotations.get_object():
        annotation = reference.get_object()
        if not hasattr(annotation, "get") or annotation.get("/Subtype") not in _KEPT:
            removed["批注"] = None
            continue
        if annotation.get("/Subtype") == "/Link" and not _harmless(annotation):
            removed["链接动作"] = None
            continue
        for key in ("/T", "/AA", "/M", "/NM", "/Contents", "/Popup", "/TU", "/Parent"):
            if key in annotation:
                del annotation[key]
        kept.append(reference)
    page[NameObject("/Annots")] = kept


def _harmless(link: Any) -> bool:
    """Whether a link leads to a place in the file or to a public address."""
    action = link.get("/A")
    if action is None:
        return True
    action = action.get_object()
    kind = action.get("/S")
    return kind in ("/GoTo", "/Named") or (
        kind == "/URI" and str(action.get("/URI", "")).lower().startswith(("http://", "https://", "mailto:"))
    )


def _strip_objects(writer: Any, removed: dict[str, None]) -> None:
    """Properties and remains of editing programs that hang on pictures, fonts and forms."""
    for item in writer._objects:
        thing: Any = item.get_object() if item is not None else None
        if not hasattr(thing, "keys"):
            continue
        for key in ("/Metadata", "/PieceInfo", "/LastModified"):
            if key in thing:
                del thing[key]
                removed["图片或页面的属性"] = None


def run(order: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    """Do what was ordered; whatever a stranger's file does becomes `{"error": code}`."""
    try:
        if order["task"] == "clean":
            return clean(data, order)
        return look_through(data, order), b""
    except Trouble as trouble:
        return {"error": str(trouble)}, b""
    except MemoryError:
        return {"error": "unsafe"}, b""
    except Exception as error:
        kind = type(error).__name__
        return {
            "error": "encrypted" if "Password" in kind or "Decrypt" in kind or "Encrypt" in kind else "damaged"
        }, b""


def _limit_memory(size: int) -> None:
    try:
        import resource
    except ImportError:  # not every system has it
        return
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


def _main() -> None:
    order = json.loads(sys.stdin.buffer.readline())
    _limit_memory(_BASE_MEMORY + 4 * int(order["memory"]))
    answer, data = run(order, sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + data)


if __name__ == "__main__":
    _main()
