"""Pages of a material: laid out as PDF, read, drawn, covered and proved. Strangers' files are opened in a process of their own.

Everything raises `SheetsError`, whose message can be shown to the person.
"""

from __future__ import annotations

import functools
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from django.utils.html import format_html, format_html_join

from gongkai.publications import public
from gongkai.reading import ReadingError, office, text
from gongkai.reading.limits import Watch

SECONDS, SECONDS_A_PAGE = 20, 0.5
# The worker may take its time: nobody waits for a page meanwhile.
BACKGROUND_SECONDS_A_PAGE = 3
TELL_SECONDS = 1.0
Tell = Callable[[str, int, int], None]
MOST_CELLS, MOST_SIGNS = 20_000, 400_000
SCREEN_DOTS = 110
_OTHER_WAY = "请用原来的软件另存为 PDF，再重新添加这份材料。"
_WORDS = {
    "encrypted": "文件设有密码，打不开。请取消密码后另存，再重新添加这份材料。",
    "damaged": "文件已损坏或没有传完整，打不开。请重新扫描或另存后，再添加这份材料。",
    "empty": "文件里没有页面。请检查后重新添加这份材料。",
    "page_size": "有一页的尺寸不正常，画不出来。" + _OTHER_WAY,
    "too_large": "页面太大或太复杂，画不完。请拆成几份较小的材料。",
    "no_page": "没有这一页。",
}
_UNPROVED = {
    "pages": "页数和原件不一样",
    "properties": "文件里还有属性信息",
    "text": "文件里还能取出文字",
    "objects": "页面里有图片以外的内容",
    "boxes": "有一处遮盖没有盖实",
}


class SheetsError(Exception):
    """The pages cannot be laid out, drawn or covered; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as it is seen: width and height in tenths of a point, and its lines (`text`, `boxes`).

    `silent` names what no search finds on it: `picture`, `note`.
    """

    width: int
    height: int
    lines: list[dict[str, Any]]
    silent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """A material as pages. `own` says that the original itself is the PDF; `notes` are sentences for the person."""

    pdf: bytes
    sheets: list[Sheet]
    own: bool
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Made:
    """A masked file and what its proof found."""

    pdf: bytes
    proof: dict[str, Any]


# --- the process ------------------------------------------------------------------------------------------------------


def _ask(data: bytes, *, most: int, pages: int, tell: Tell | None = None, **order: Any) -> tuple[dict[str, Any], bytes]:
    """Let the other process do one thing with a PDF. With `tell` it may take longer, and says how far it is."""
    given = json.dumps({"most": most, **order}).encode() + b"\n" + data
    seconds = SECONDS + (SECONDS_A_PAGE if tell is None else BACKGROUND_SECONDS_A_PAGE) * pages
    try:
        head, _, content = _run(given, seconds, tell, str(order["task"])).partition(b"\n")
    except subprocess.TimeoutExpired:
        raise SheetsError("处理时间太长，已经停止。请把材料拆成几份，或者稍后再试。") from None
    try:
        said: dict[str, Any] = json.loads(head)
    except ValueError:
        raise SheetsError(_WORDS["too_large"]) from None
    fault = said.get("error", "")
    if fault == "too_many":
        raise SheetsError(f"材料超过{most}页，不能遮盖。请拆成几份再添加。")
    if fault.startswith("not_proved:"):
        what = _UNPROVED.get(fault.partition(":")[2], "内容不对")
        raise SheetsError(f"生成的文件没有通过检验：{what}。文件没有保存，请重新生成；再次出现请联系系统管理员。")
    if fault:
        raise SheetsError(_WORDS.get(fault, _WORDS["damaged"]))
    return said, content


def _run(given: bytes, seconds: float, tell: Tell | None, task: str) -> bytes:
    """What the other process answers. Raises subprocess.TimeoutExpired; whatever `tell` raises ends the process."""
    command = [sys.executable, "-m", "gongkai.requests.masking.worker"]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(  # noqa: S603 - fixed arguments
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said if tell else subprocess.DEVNULL
        ) as process,
    ):
        answered: list[bytes] = []
        # Giving and taking go on by themselves: `communicate` does not go on with what is given after it timed out.
        talk = threading.Thread(target=lambda: answered.append(process.communicate(given)[0]), daemon=True)
        talk.start()
        ends = time.monotonic() + seconds
        try:
            while talk.is_alive():
                talk.join(min(max(ends - time.monotonic(), 0), TELL_SECONDS))
                if talk.is_alive() and time.monotonic() >= ends:
                    raise subprocess.TimeoutExpired(command, seconds)
                if tell is not None and talk.is_alive():
                    tell(task, *_last(said.fileno()))
        finally:
            process.kill()
            talk.join()
    return answered[0] if answered else b""


def _last(number: int) -> tuple[int, int]:
    """The page the process said last, and how many there are; its words are numbers, nothing of the document."""
    size = os.fstat(number).st_size
    lines = os.pread(number, 200, max(0, size - 200)).decode("ascii", "replace").split("\n")
    for line in reversed(lines[:-1]):
        done, _, total = line.partition(" ")
        if done.isdigit() and total.isdigit():
            return int(done), int(total)
    return 0, 0


def count(pdf: bytes, most: int) -> int:
    """How many pages a PDF has."""
    said, _ = _ask(pdf, most=most, pages=1, task="count")
    return int(said["count"])


def read(pdf: bytes, most: int, tell: Tell | None = None) -> list[Sheet]:
    """The pages of a PDF with their words."""
    said, _ = _ask(pdf, most=most, pages=most, tell=tell, task="read")
    return [Sheet(page["width"], page["height"], page["lines"], tuple(page["silent"])) for page in said["pages"]]


def draw(pdf: bytes, page: int, most: int, dots: int = SCREEN_DOTS) -> tuple[bytes, str]:
    """A page as a picture for the screen, and its type."""
    said, content = _ask(pdf, most=most, pages=1, task="draw", page=page, dots=dots)
    return content, said["type"]


@functools.cache
def label_font() -> tuple[str, int] | None:
    """A font with Chinese signs, for the grounds on the boxes; None where the server has none."""
    program = shutil.which("fc-match")
    if program is None:
        return None
    asked = [program, "-f", "%{file}\n%{index}\n%{lang}", "sans:lang=zh-cn"]
    try:
        done = subprocess.run(asked, stdout=subprocess.PIPE, timeout=10, check=False)  # noqa: S603 - fixed arguments
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = done.stdout.decode("utf-8", "replace").split("\n")
    if len(lines) < 3 or "zh-cn" not in lines[2] or not lines[1].isdigit():
        return None
    return lines[0], int(lines[1])


def make(
    pdf: bytes,
    marks: Mapping[int, Iterable[tuple[int, int, int, int, str]]],
    pages: int,
    dots: int,
    tell: Tell | None = None,
) -> Made:
    """The masked file, proved.

    Args:
        pdf: the layout.
        marks: page -> boxes (left, top, right, bottom in tenths of a point) with the ground to be written on them.
        pages: how many pages the layout has.
        dots: dots an inch.
        tell: is told the step, the page and how many there are, about once a second.
    """
    order: dict[str, Any] = {
        "marks": {str(page): [list(box) for box in boxes] for page, boxes in marks.items()},
        "dots": dots,
        "font": label_font(),
    }
    _, made = _ask(pdf, most=pages, pages=pages, tell=tell, task="make", **order)
    said, _ = _ask(made, most=pages, pages=pages, tell=tell, task="prove", **order)
    return Made(made, {**said, "dots": dots})


# --- layouts ----------------------------------------------------------------------------------------------------------


def lay_out(name: str, data: bytes, most: int, tell: Tell | None = None) -> Layout:
    """A material as pages with their words."""
    ending = PurePath(name).suffix.lower().lstrip(".")
    notes: list[str] = []
    if ending == "pdf":
        pdf = data
    elif ending in ("png", "jpg", "jpeg", "gif"):
        pdf = _from_picture(data)
    elif ending in ("docx", "doc", "wps", "rtf", "odt"):
        pdf, notes = _from_words(lambda: public.pages_of_word(data, name))
        notes.insert(0, "Word 文件按公文版式重新排成了页面，版式可能和原件不同，文字和表格不变。请先对照原件看一遍。")
    elif ending == "txt":
        pdf = _from_text(data)
    elif ending in ("xlsx", "xls", "et", "csv"):
        pdf, notes = _from_table(data, ending)
    else:
        raise SheetsError(f"这种格式（.{ending}）不能直接遮盖。{_OTHER_WAY}")
    sheets = read(pdf, most, tell)
    notes += _unsearched(sheets)
    return Layout(pdf, sheets, pdf is data, notes)


def _unsearched(sheets: list[Sheet]) -> Iterable[str]:
    """Sentences on the pages that a search does not reach."""
    pages = list(enumerate(sheets, 1))
    for numbers, words in (
        (
            [n for n, one in pages if not one.lines],
            "没有可选的文字（可能是扫描件），查找和检查不到，请逐页看，用画框遮盖。",
        ),
        (
            [n for n, one in pages if one.lines and "picture" in one.silent],
            "有图片，图片里的文字查找不到，请逐页看，用画框遮盖。",
        ),
        (
            [n for n, one in pages if "note" in one.silent],
            "有批注或者表单，里面的文字查找不到，会原样显示，请逐页看，用画框遮盖。",
        ),
    ):
        if numbers:
            yield f"第{'、'.join(map(str, numbers[:10]))}{'等' if len(numbers) > 10 else ''}页{words}"


def _from_words(lay: Any) -> tuple[bytes, list[str]]:
    try:
        pdf, warnings = lay()
    except (ReadingError, public.LayoutError) as error:
        raise SheetsError(str(error.message if isinstance(error, ReadingError) else error)) from None
    return pdf, list(warnings)


def _printed(body: str, more: str = "") -> bytes:
    """HTML of our own as PDF; nothing is fetched."""
    from gongkai.core.letters import pdf_missing

    if reason := pdf_missing():
        raise SheetsError(reason)
    from weasyprint import HTML

    def refuse(url: str, *args: Any, **kwargs: Any) -> Any:
        raise ValueError(url)

    style = (
        "@page { size: A4; margin: 20mm; } body { font: 11pt/1.6 'Noto Serif CJK SC', 'Source Han Serif SC', serif; }"
        " p { margin: 0; min-height: 1.6em; white-space: pre-wrap; overflow-wrap: anywhere; } h2 { font-size: 13pt; }"
        " table { border-collapse: collapse; width: 100%; font-size: 9pt; }"
        " td { border: 0.5pt solid #000; padding: 2pt 3pt; vertical-align: top; overflow-wrap: anywhere; }"
    )
    page = f'<!doctype html><html lang="zh-Hans"><head><style>{style}{more}</style></head><body>{body}</body></html>'
    return bytes(HTML(string=page, url_fetcher=refuse).write_pdf())


def _from_text(data: bytes) -> bytes:
    words, _ = text.decode(data)
    if len(words) > MOST_SIGNS:
        raise SheetsError("文字太长，排不成页面。请拆成几份较小的材料。")
    lines = words.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").split("\n")
    return _printed(format_html_join("", "<p>{}</p>", ((line,) for line in lines)))


def _from_picture(data: bytes) -> bytes:
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as found:
            if getattr(found, "n_frames", 1) > 1:
                raise SheetsError(f"这是动图，不能遮盖。{_OTHER_WAY}")
            if found.width * found.height > 80_000_000:
                raise SheetsError("图片太大，画不出来。请缩小后重新添加这份材料。")
            seen = ImageOps.exif_transpose(found).convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise SheetsError("图片已损坏，打不开。请重新添加这份材料。") from None
    flat = Image.new("RGB", seen.size, (255, 255, 255))
    flat.paste(seen, mask=seen.getchannel("A"))
    # As large as A4 allows, lying or standing.
    dots = max(max(flat.size) / 11.69, min(flat.size) / 8.27, 36)
    out = io.BytesIO()
    flat.save(out, "PDF", resolution=dots, quality=92)
    return out.getvalue()


def _from_table(data: bytes, ending: str) -> tuple[bytes, list[str]]:
    if ending == "csv":
        import csv

        words, _ = text.decode(data)
        rows = [list(row) for row in csv.reader(io.StringIO(words.replace("\x00", "")))]
        return _tables([("", rows)]), []
    if ending in ("xls", "et") and not data.startswith(b"PK"):
        try:
            data = office.convert(data, "xls", "xlsx", Watch())
        except ReadingError as error:
            raise SheetsError(error.message) from None
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    except Exception:  # a stranger's file may break the library in any way
        raise SheetsError(f"表格已损坏或设有密码，打不开。{_OTHER_WAY}") from None
    notes, found = ["表格按看得见的内容重新排成了页面，批注、公式和图形没有排进去。"], []
    hidden = 0
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            hidden += 1
            continue
        rows, left_out = _rows(sheet)
        hidden += left_out
        found.append((sheet.title, rows))
    if hidden:
        notes.append(f"有{hidden}处隐藏的工作表、行或列没有排进页面，也不会提供给申请人。")
    return _tables(found), notes


def _rows(sheet: Any) -> tuple[list[list[str]], int]:
    """The visible cells of a sheet, and how many rows and columns are hidden."""
    if sheet.max_row * sheet.max_column > 40 * MOST_CELLS:
        raise SheetsError("表格太大，排不成页面。请删去空白的行列，或者拆成几份。")
    columns = set()
    for letter, one in sheet.column_dimensions.items():
        if one.hidden:
            first = one.min or openpyxl_column(letter)
            columns |= set(range(first, (one.max or first) + 1))
    columns = {column for column in columns if column <= sheet.max_column}
    hidden_rows = {number for number, one in sheet.row_dimensions.items() if one.hidden and number <= sheet.max_row}
    rows = []
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        if number not in hidden_rows:
            rows.append([_cell(value) for column, value in enumerate(row, 1) if column not in columns])
    return rows, len(columns) + len(hidden_rows)


def openpyxl_column(letter: str) -> int:
    """The number of a column."""
    from openpyxl.utils import column_index_from_string

    return column_index_from_string(letter)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if hasattr(value, "strftime"):
        return str(value).removesuffix(" 00:00:00")
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _tables(found: list[tuple[str, list[list[str]]]]) -> bytes:
    """Sheets as tables; wide ones lie."""
    if sum(len(row) for _, rows in found for row in rows) > MOST_CELLS:
        raise SheetsError("表格太大，排不成页面。请删去空白的行列，或者拆成几份。")
    widest = max((len(row) for _, rows in found for row in rows), default=0)
    parts = [
        format_html(
            "{}<table>{}</table>",
            format_html("<h2>{}</h2>", title) if title else "",
            format_html_join(
                "", "<tr>{}</tr>", ((format_html_join("", "<td>{}</td>", ((c,) for c in row)),) for row in rows)
            ),
        )
        for title, rows in found
    ]
    return _printed("".join(parts), "@page { size: A4 landscape; margin: 15mm; }" if widest > 7 else "")
