"""The three tables of the annual report on disclosure, and the arithmetic that must hold in them.

国办公开办函〔2021〕30号 (form of the report), 《政府信息公开条例》 articles 49, 50. Labels are word for word those of the
form. Table A: proactive disclosure (10 cells); table B: requests (25 rows x 7 columns); table C: reconsideration and
litigation (15 cells). A table is a dict from its cell's keys to the figure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal, NamedTuple

Cell = tuple[str, str]
TableA = Mapping[Cell, int | Decimal]
TableB = Mapping[Cell, int]
TableC = Mapping[Cell, int]
Severity = Literal["error", "warning", "info"]


class Column(NamedTuple):
    """A column: key, label, and the label printed above it if it belongs to a group."""

    key: str
    label: str
    group: str = ""


class Row(NamedTuple):
    """A row of table B with the labels of its three levels; `first` and `second` are repeated on every row."""

    key: str
    first: str
    second: str = ""
    third: str = ""

    @property
    def label(self) -> str:
        """The label of the deepest level."""
        return self.third or self.second or self.first


# --- table A ------------------------------------------------------------------------------------------------------------


class ARow(NamedTuple):
    """A row of table A with the cells it has."""

    key: str
    label: str
    cells: tuple[Column, ...]


class Block(NamedTuple):
    """A block of table A: its title (the item of article 20) and its rows."""

    title: str
    rows: tuple[ARow, ...]

    @property
    def header(self) -> tuple[str, ...]:
        """The labels of its header row."""
        return ("信息内容", *(cell.label for cell in self.rows[0].cells))


_STOCK: Final = (
    Column("issued", "本年制发件数"),
    Column("repealed", "本年废止件数"),
    Column("in_force", "现行有效件数"),
)
_DECISIONS: Final = (Column("decisions", "本年处理决定数量"),)
TABLE_A_TITLE: Final = "二、主动公开政府信息情况"
TABLE_A: Final[tuple[Block, ...]] = (
    Block("第二十条第（一）项", (ARow("rules", "规章", _STOCK), ARow("normative", "行政规范性文件", _STOCK))),
    Block("第二十条第（五）项", (ARow("licences", "行政许可", _DECISIONS),)),
    Block("第二十条第（六）项", (ARow("penalties", "行政处罚", _DECISIONS), ARow("coercion", "行政强制", _DECISIONS))),
    Block(
        "第二十条第（八）项",
        (ARow("fees", "行政事业性收费", (Column("amount", "本年收费金额（单位：万元）"),)),),
    ),
)
A_LABEL_VARIANTS: Final[Mapping[str, str]] = {"规范性文件": "normative"}
"""Labels that some sites print instead; accepted on import."""

# --- table B ------------------------------------------------------------------------------------------------------------

TABLE_B_TITLE: Final = "三、收到和处理政府信息公开申请情况"
TABLE_B_CORNER: Final = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
TABLE_B_HEADER: Final = "申请人情况"
_ORGANISATION: Final = "法人或其他组织"
COLUMNS: Final[tuple[Column, ...]] = (
    Column("natural", "自然人"),
    Column("business", "商业企业", _ORGANISATION),
    Column("research", "科研机构", _ORGANISATION),
    Column("welfare", "社会公益组织", _ORGANISATION),
    Column("legal", "法律服务机构", _ORGANISATION),
    Column("other", "其他", _ORGANISATION),
    Column("total", "总计"),
)
APPLICANT_COLUMNS: Final[tuple[str, ...]] = tuple(column.key for column in COLUMNS if column.key != "total")
"""The kinds of applicant: the columns that are counted; `total` is their sum."""

_RESULTS: Final = "三、本年度办理结果"
_WITHHELD: Final = "（三）不予公开"
_UNABLE: Final = "（四）无法提供"
_REFUSED: Final = "（五）不予处理"
_OTHER: Final = "（六）其他处理"
ROWS: Final[tuple[Row, ...]] = (
    Row("r1", "一、本年新收政府信息公开申请数量"),
    Row("r2", "二、上年结转政府信息公开申请数量"),
    Row("g", _RESULTS, "（一）予以公开"),
    Row("p", _RESULTS, "（二）部分公开（区分处理的，只计这一情形，不计其他情形）"),
    Row("d1", _RESULTS, _WITHHELD, "1.属于国家秘密"),
    Row("d2", _RESULTS, _WITHHELD, "2.其他法律行政法规禁止公开"),
    Row("d3", _RESULTS, _WITHHELD, "3.危及“三安全一稳定”"),
    Row("d4", _RESULTS, _WITHHELD, "4.保护第三方合法权益"),
    Row("d5", _RESULTS, _WITHHELD, "5.属于三类内部事务信息"),
    Row("d6", _RESULTS, _WITHHELD, "6.属于四类过程性信息"),
    Row("d7", _RESULTS, _WITHHELD, "7.属于行政执法案卷"),
    Row("d8", _RESULTS, _WITHHELD, "8.属于行政查询事项"),
    Row("u1", _RESULTS, _UNABLE, "1.本机关不掌握相关政府信息"),
    Row("u2", _RESULTS, _UNABLE, "2.没有现成信息需要另行制作"),
    Row("u3", _RESULTS, _UNABLE, "3.补正后申请内容仍不明确"),
    Row("n1", _RESULTS, _REFUSED, "1.信访举报投诉类申请"),
    Row("n2", _RESULTS, _REFUSED, "2.重复申请"),
    Row("n3", _RESULTS, _REFUSED, "3.要求提供公开出版物"),
    Row("n4", _RESULTS, _REFUSED, "4.无正当理由大量反复申请"),
    Row("n5", _RESULTS, _REFUSED, "5.要求行政机关确认或重新出具已获取信息"),
    Row("o1", _RESULTS, _OTHER, "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请"),
    Row("o2", _RESULTS, _OTHER, "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请"),
    Row("o3", _RESULTS, _OTHER, "3.其他"),
    Row("tot", _RESULTS, "（七）总计"),
    Row("next", "四、结转下年度继续办理"),
)
ROW: Final[Mapping[str, Row]] = {row.key: row for row in ROWS}
COLUMN: Final[Mapping[str, Column]] = {column.key: column for column in COLUMNS}
RESULT_ROWS: Final[tuple[str, ...]] = tuple(row.key for row in ROWS if row.first == _RESULTS and row.key != "tot")
"""The 21 rows one of which every finished request counts in."""

# --- table C ------------------------------------------------------------------------------------------------------------

TABLE_C_TITLE: Final = "四、政府信息公开行政复议、行政诉讼情况"
TABLE_C_TITLE_VARIANTS: Final = ("因政府信息公开工作被申请行政复议、提起行政诉讼情况",)
C_GROUPS: Final[tuple[Column, ...]] = (
    Column("reconsideration", "行政复议"),
    Column("direct", "未经复议直接起诉", "行政诉讼"),
    Column("after", "复议后起诉", "行政诉讼"),
)
C_CELLS: Final[tuple[Column, ...]] = (
    Column("upheld", "结果维持"),
    Column("corrected", "结果纠正"),
    Column("other", "其他结果"),
    Column("pending", "尚未审结"),
    Column("total", "总计"),
)

_SIGNS: Final = re.compile(r"[\W_]+")


def find_row(label: str) -> str | None:
    """The key of a row of table A or B by its printed label, whatever its punctuation; None for any other text."""
    return _BY_LABEL.get(_SIGNS.sub("", unicodedata.normalize("NFKC", label)))


_BY_LABEL: Final[Mapping[str, str]] = {
    _SIGNS.sub("", unicodedata.normalize("NFKC", label)): key
    for label, key in (
        *((row.label, row.key) for row in ROWS),
        *((row.label, row.key) for block in TABLE_A for row in block.rows),
        *A_LABEL_VARIANTS.items(),
    )
}

# --- filling in ---------------------------------------------------------------------------------------------------------


def complete(table: TableB) -> dict[Cell, int]:
    """Table B with its sums: missing figures are 0, the results' total and the column 总计 are summed anew.

    `next` is counted, not the rest of a sum, so that K1 still tells when something is missing. Raises ValueError for a
    cell that the table does not have.
    """
    _known(table, {(row.key, column.key) for row in ROWS for column in COLUMNS})
    full = {(row.key, column): table.get((row.key, column), 0) for row in ROWS for column in APPLICANT_COLUMNS}
    for column in APPLICANT_COLUMNS:
        full["tot", column] = sum(full[row, column] for row in RESULT_ROWS)
    for row in ROWS:
        full[row.key, "total"] = sum(full[row.key, column] for column in APPLICANT_COLUMNS)
    return {(row.key, column.key): full[row.key, column.key] for row in ROWS for column in COLUMNS}


def complete_c(table: TableC) -> dict[Cell, int]:
    """Table C with its sums; missing figures are 0. Raises ValueError for a cell that the table does not have."""
    _known(table, {(group.key, cell.key) for group in C_GROUPS for cell in C_CELLS})
    full: dict[Cell, int] = {}
    for group in C_GROUPS:
        for cell in C_CELLS[:-1]:
            full[group.key, cell.key] = table.get((group.key, cell.key), 0)
        full[group.key, "total"] = sum(full[group.key, cell.key] for cell in C_CELLS[:-1])
    return full


def complete_a(table: TableA) -> dict[Cell, int | Decimal]:
    """Table A with 0 in every cell left empty. Raises ValueError for a cell that the table does not have."""
    cells = [(row.key, cell.key) for block in TABLE_A for row in block.rows for cell in row.cells]
    _known(table, set(cells))
    return {cell: table.get(cell, 0) for cell in cells}


def _known(table: Mapping[Cell, int] | Mapping[Cell, int | Decimal], cells: set[Cell]) -> None:
    strange = [cell for cell in table if cell not in cells]
    if strange:
        raise ValueError(f"表中没有“{strange[0][0]}、{strange[0][1]}”这一格。")


def places(arrived_on: date, received_on: date | None, ended_on: date | None, row: str, year: int) -> tuple[str, ...]:
    """The rows of table B one request counts in for a year: `r1` or `r2`, and its result's row or `next`.

    New is what was received in the year (by arrival, while unconfirmed), the result counts in the year of the reply;
    what was open on 31 December is carried over and appears in row 二 of the next year. `row` is that of its result.
    """
    came = (received_on or arrived_on).year
    if came > year or (ended_on is not None and ended_on.year < year):
        return ()
    entry = "r1" if came == year else "r2"
    return (entry, row if ended_on is not None and ended_on.year == year else "next")


def place_c(
    received_on: date,
    decided_on: date | None,
    year: int,
    *,
    first_on: date | None = None,
    second_on: date | None = None,
) -> Literal["", "first", "result", "pending"]:
    """How one reconsideration or suit counts in table C of a year: as it stood on 31 December.

    A result counts in the year it was made, and what is made later never moves it (annual report, counting rules): a
    judgment of first instance stays in its year when the second instance begins after it, and the second judgment counts
    in its own. `decided_on` is the result in force, `first_on` the judgment of first instance and `second_on` the day on
    which a second instance opened it again. Gives `result` or `first` for the result that counts, `pending` for 尚未审结,
    nothing where the year does not count it.
    """
    last = date(year, 12, 31)
    if received_on > last:
        return ""
    ended = [(on, name) for on, name in ((decided_on, "result"), (_standing(first_on, second_on, last), "first")) if on]
    for on, name in ended:
        if on <= last:
            return ("result" if name == "result" else "first") if on.year == year else ""
    return "pending"


def _standing(first_on: date | None, second_on: date | None, last: date) -> date | None:
    """The day of the judgment of first instance, where it was still in force on a day."""
    return first_on if second_on is not None and second_on > last else None


# --- checking -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that does not hold: its id (K1 to K10), the table and cell, both sides, and a sentence with the figures.

    `column` is empty where a whole row or group is meant, `left` what the table says, `right` what it should be.
    """

    rule: str
    table: str
    row: str
    column: str
    severity: Severity
    message: str
    left: int | Decimal = 0
    right: int | Decimal = 0


def k1(table: TableB) -> list[Violation]:
    """一 + 二 = 三（七）总计 + 四, in each column (printed in the form itself)."""
    found = []
    for column in COLUMNS:
        new, old, done, rest = (table.get((row, column.key), 0) for row in ("r1", "r2", "tot", "next"))
        if new + old != done + rest:
            message = (
                f"“{column.label}”列：新收{new}加上年结转{old}等于{new + old}，"
                f"办理结果总计{done}加结转下年{rest}等于{done + rest}，两边不相等。"
            )
            found.append(Violation("K1", "B", "", column.key, "error", message, new + old, done + rest))
    return found


def k2(table: TableB) -> list[Violation]:
    """（七）总计 = the sum of the 21 results, in each column."""
    found = []
    for column in COLUMNS:
        stated = table.get(("tot", column.key), 0)
        summed = sum(table.get((row, column.key), 0) for row in RESULT_ROWS)
        if stated != summed:
            message = f"“{column.label}”列：（七）总计是{stated}，各项办理结果相加是{summed}，不相等。"
            found.append(Violation("K2", "B", "tot", column.key, "error", message, stated, summed))
    return found


def k3(table: TableB) -> list[Violation]:
    """总计 = the sum of the six kinds of applicant, in each row."""
    found = []
    for row in ROWS:
        stated = table.get((row.key, "total"), 0)
        summed = sum(table.get((row.key, column), 0) for column in APPLICANT_COLUMNS)
        if stated != summed:
            message = f"“{row.label}”行：总计是{stated}，各类申请人相加是{summed}，不相等。"
            found.append(Violation("K3", "B", row.key, "total", "error", message, stated, summed))
    return found


def k4(table: TableC) -> list[Violation]:
    """总计 = 维持 + 纠正 + 其他 + 尚未审结, in each group of table C."""
    found = []
    for group in C_GROUPS:
        stated = table.get((group.key, "total"), 0)
        summed = sum(table.get((group.key, cell.key), 0) for cell in C_CELLS[:-1])
        if stated != summed:
            message = f"“{group.label}”：总计是{stated}，各种结果相加是{summed}，不相等。"
            found.append(Violation("K4", "C", group.key, "total", "error", message, stated, summed))
    return found


def _cells(tables: Mapping[str, TableA | TableB | TableC]) -> Iterator[tuple[str, Cell, object]]:
    for name, table in tables.items():
        for cell, figure in table.items():
            yield name, cell, figure


def k5(a: TableA | None = None, b: TableB | None = None, c: TableC | None = None) -> list[Violation]:
    """Every figure is a whole number of zero or more; the fees of table A a decimal with at most six places."""
    found = []
    tables = {name: table for name, table in (("A", a), ("B", b), ("C", c)) if table is not None}
    for name, (row, column), figure in _cells(tables):
        money = name == "A" and row == "fees"
        if money and isinstance(figure, Decimal):
            right = figure.is_finite() and figure >= 0 and -int(figure.normalize().as_tuple().exponent) <= 6
        else:
            right = isinstance(figure, int) and not isinstance(figure, bool) and figure >= 0
        if not right:
            what = "不小于零、最多六位小数的金额" if money else "不小于零的整数"
            message = f"“{cell_label(name, row, column)}”是{figure}，应为{what}。"
            found.append(Violation("K5", name, row, column, "error", message))
    return found


def k6(table: TableB, previous: TableB) -> list[Violation]:
    """上年结转 of this year = 结转下年度 of the last report, by column; a restructured body may differ."""
    found = []
    for column in COLUMNS:
        now, before = table.get(("r2", column.key), 0), previous.get(("next", column.key), 0)
        if now != before:
            message = f"“{column.label}”列：上年结转是{now}，上年年报的结转下年是{before}，不相等。机构有调整的请说明。"
            found.append(Violation("K6", "B", "r2", column.key, "warning", message, now, before))
    return found


def k7(table: TableA, previous: TableA) -> list[Violation]:
    """现行有效 = that of the year before + 制发 - 废止, for rules and normative documents."""
    found = []
    for row in TABLE_A[0].rows:
        now, before = table.get((row.key, "in_force"), 0), previous.get((row.key, "in_force"), 0)
        issued, repealed = table.get((row.key, "issued"), 0), table.get((row.key, "repealed"), 0)
        if now != before + issued - repealed:
            message = (
                f"“{row.label}”：现行有效是{now}件，上年{before}件加制发{issued}件减废止{repealed}件"
                f"等于{before + issued - repealed}件，不相等。"
            )
            found.append(Violation("K7", "A", row.key, "in_force", "warning", message, now, before + issued - repealed))
    return found


_NUMBER: Final = r"(?P<figure>\d{1,3}(?:[,，]\d{3})+|\d+)\s*(?:件|宗|起|份)"
_GAP: Final = r"[^。；;\d]{0,12}?"
_CLAIMS: Final[tuple[tuple[str, str, str, str, re.Pattern[str]], ...]] = (
    ("B", "r1", "total", "新收申请", re.compile(rf"(?:收到|新收|受理){_GAP}公开申请{_GAP}{_NUMBER}")),
    ("B", "r2", "total", "上年结转", re.compile(rf"(?:上年|上年度|去年)结转{_GAP}{_NUMBER}")),
    ("B", "next", "total", "结转下年", re.compile(rf"结转(?:至)?(?:下年|下一年|次年){_GAP}{_NUMBER}")),
    ("C", "reconsideration", "total", "行政复议", re.compile(rf"行政复议(?:案件|申请)?{_GAP}{_NUMBER}")),
    ("C", "suits", "total", "行政诉讼", re.compile(rf"行政诉讼(?:案件)?{_GAP}{_NUMBER}")),
    (
        "A",
        "normative",
        "issued",
        "制发行政规范性文件",
        re.compile(rf"(?:制发|制定|印发){_GAP}规范性文件{_GAP}{_NUMBER}"),
    ),
)


def k8(text: str, *, a: TableA | None = None, b: TableB | None = None, c: TableC | None = None) -> list[Violation]:
    """Figures named in the text of 一、总体情况 against the tables, as far as a plain reading finds them."""
    figures: dict[Cell, int | Decimal] = {**(a or {}), **(b or {}), **(c or {})}
    if c is not None:
        figures["suits", "total"] = c.get(("direct", "total"), 0) + c.get(("after", "total"), 0)
    found = []
    for table, row, column, word, pattern in _CLAIMS:
        if (row, column) not in figures:
            continue
        for match in pattern.finditer(text):
            stated, counted = int(re.sub("[,，]", "", match["figure"])), figures[row, column]
            if stated != counted:
                message = f"文字写明“{match.group().strip()}”，表中{word}是{counted}，不一致。"
                found.append(Violation("K8", table, row, column, "warning", message, stated, counted))
    return found


def k9(table: TableB, parts: Sequence[TableB], name: str = "B") -> list[Violation]:
    """A government's table = the sum of those of its bodies, cell by cell (also for tables A and C)."""
    found = []
    cells = dict.fromkeys([*table, *(cell for part in parts for cell in part)])
    for row, column in cells:
        stated, summed = table.get((row, column), 0), sum(part.get((row, column), 0) for part in parts)
        if stated != summed:
            message = f"“{cell_label(name, row, column)}”：汇总表是{stated}，各单位相加是{summed}，不相等。"
            found.append(Violation("K9", name, row, column, "error", message, stated, summed))
    return found


def k10(table: TableC, previous: TableC) -> list[Violation]:
    """What was 尚未审结 last year turns up this year: no group may have fewer cases than were left open."""
    found = []
    for group in C_GROUPS:
        total, open_before = table.get((group.key, "total"), 0), previous.get((group.key, "pending"), 0)
        if total < open_before:
            message = f"“{group.label}”：上年尚未审结{open_before}件，本年总计只有{total}件，请核对上年案件的结果。"
            found.append(Violation("K10", "C", group.key, "pending", "info", message, total, open_before))
    return found


def check_b(table: TableB, previous: TableB | None = None) -> list[Violation]:
    """Every rule of table B, with last year's table also K6."""
    return [*k5(b=table), *k1(table), *k2(table), *k3(table), *(k6(table, previous) if previous is not None else ())]


def check_c(table: TableC, previous: TableC | None = None) -> list[Violation]:
    """Every rule of table C, with last year's table also K10."""
    return [*k5(c=table), *k4(table), *(k10(table, previous) if previous is not None else ())]


def check_a(table: TableA, previous: TableA | None = None) -> list[Violation]:
    """Every rule of table A, with last year's table also K7."""
    return [*k5(a=table), *(k7(table, previous) if previous is not None else ())]


def cell_label(table: str, row: str, column: str) -> str:
    """How a cell is called: `（一）予以公开、自然人`, `行政复议、结果维持`, `规章、现行有效件数`."""
    if table == "B":
        return f"{ROW[row].label}、{COLUMN[column].label}"
    rows: Iterable[Column | ARow]
    if table == "C":
        rows, columns = C_GROUPS, C_CELLS
    else:
        rows = [item for block in TABLE_A for item in block.rows]
        columns = next(item.cells for block in TABLE_A for item in block.rows if item.key == row)
    return f"{next(r.label for r in rows if r.key == row)}、{next(c.label for c in columns if c.key == column)}"
