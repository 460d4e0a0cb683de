"""Breakdown tables: grids with merged cells, pipe tables, and tables flattened to a stream of cells.

Cells are spans of the source text; rows come out with their section path and unit cells by column.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace

from gongkai.compiler.characters import Source
from gongkai.compiler.deadlines import Calendar, deadlines_in
from gongkai.compiler.notice import Role, Span
from gongkai.compiler.numbering import parse_number
from gongkai.compiler.responsibility import Responsibility, parse_cell
from gongkai.reading.blocks import Cell, Table

_BODY = r"(?:单位|部门|科室|处室|股室|机构|主体|站所|所站|科|处|室|者|方|领域|地区|人员|岗位|组)"
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("number", re.compile(r"^(?:序号?|编号|项次|号)$")),
    ("person", re.compile(r"(?:责任|负责|分管|包抓|牵头|联系)(?:领导|人)(?!员?单位|科)|联系电话|^电话|联络员|姓名|职务")),
    ("unit", re.compile(rf"(?:牵头|责任|配合|落实|负责|承办|主办|协办|实施|参与|参加|主管|协助|主责|执行|组织|完成|承担).{{0,8}}{_BODY}|^(?:责任|牵头|配合|分工)$|(?:责任|任务|职责)分工$|^(?:责任|单位|部门|科室|处室|股室)(?:单位|部门|科室)?(?:\(.{{1,10}}\))?$|工作主体|^责任主体")),
    ("time", re.compile(r"(?:完成|办结|推进|工作|实施|落实|任务)?(?:时限|期限|时间|节点|进度)(?:要求|节点|安排|计划|及.{1,6})?$|^(?:时限|时间|进度|频次|工作频次|更新频率)|截止")),
    ("status", re.compile(r"(?:完成|落实|进展|推进|工作|整改)(?:情况|进展|状态|结果)$|^(?:备注|进展|状态|说明|成效|佐证.{0,6}|链接)$|[得自评扣打赋计]分|分[值数]|权重|^(?:考核|评价|评估|评议)(?!指标|任务|事项|内容|项目).{0,6}$|^完成情况")),
    ("task", re.compile(r"^[一二三四五]级(?:指标|任务|目标|栏目)")),
    ("target", re.compile(r"(?:量化|考核|绩效|评估|具体)指标|量化要求|目标值|^数量")),
    ("basis", re.compile(r"依据|出处|^来源|文件名称|公开依据")),
    ("text", re.compile(r"(?:具体|工作|任务|主要|重点|落实|实施|目标|公开|细化|推进|分解|有关)(?:要求|内容|举措|措施|做法|标准|步骤|安排|事项内容|任务要求|目标要求|工作内容)(?:及.{1,6}|和.{1,6})?$|^(?:内容|要求|举措|措施|具体任务|具体工作|具体事项|任务分解|分解任务|细化任务|工作内容和要求|主要工作任务|任务内容|主要任务及.{1,6}|工作要点)(?:\(.{1,10}\))?$|^.{0,10}(?:措施|举措|要求|内容|做法)$")),
    ("task", re.compile(r"任务|事项|^(?:项目|类别|类型|领域|目标|板块|方面|工作|指标|名称|主题|要点|重点|分类|栏目|模块|章节|内容分类|大类|小类)$|重点工作|工作(?:项目|类别|重点|目标|名称)|一级|二级|三级|目标任务")),
)  # fmt: skip
_CATALOG = re.compile(r"公开(?:依据|渠道|载体|方式|对象|层级|主体|时限|途径|形式)|收费|法律依据|行政相对人|申请人")
_SPACE = re.compile(r"[\s\u3000\xa0]+")
_SERVICES = re.compile(r"承诺|办理|窗口|法定|服务对象|层级|设定依据|实施依据|事项类型|编码|申请条件|收费|薪|学历|奖")
_ANY_CALENDAR = Calendar(2000, "2000-01-01")
_SOON = re.compile(r"(?:及时|即时|实时|适时|按时|立即|随时|按要求|按规定|按上级|按照|信息形成|根据|视情|动态|按需)")
LEVELS = frozenset({"city", "division", "county", "district", "province", "town"})
SECTION = frozenset({"chapter", "section", "subsection"})
_LABEL_LIMIT = 22


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it holds, its label, and for units the role that the label gives."""

    kind: str
    label: str
    role: Role = "responsible"


@dataclass(slots=True)
class Row:
    """One row that gives responsibility. `texts` are the pieces of the requirement.

    `name` is the cell beside the requirement that may name the duty; it stands in `path` too.
    """

    number: str | None
    path: tuple[Span, ...]
    texts: list[Span]
    units: list[tuple[Column, Responsibility, bool]] = field(default_factory=list)
    times: list[Span] = field(default_factory=list)
    targets: list[Span] = field(default_factory=list)
    name: Span | None = None


def column_of(label: str) -> Column | None:
    """What a column with this (folded) label holds, or None if it is no label."""
    label = _SPACE.sub("", label).strip("*:")
    if not 1 <= len(label) <= _LABEL_LIMIT or re.search(
        r"[。;,!?]|\d|年|关于|台账|的通知|[\u4e00-\u9fff]{2}(?:表|清单|方案)$", label
    ):
        return None
    plain = re.sub(r"\([^()]{0,14}\)", "", label) or label
    for kind, pattern in _KINDS:
        if pattern.search(plain) or (kind == "unit" and pattern.search(label)):
            return Column(kind, label, _role(label))
    return None


def _role(label: str) -> Role:
    if re.search(r"牵头.{0,2}[及和、与/].{0,2}(?:责任|配合|参与)|[(].{0,6}牵头", label):
        return "responsible"
    if re.search(r"牵头|主办|主责", label) and not re.search(r"责任单位.{0,3}\(.{0,4}牵头", label):
        return "lead"
    return "cooperating" if re.search(r"配合|协办|参与|参加|协助", label) and "责任" not in label else "responsible"


def slug(columns: list[Column], index: int) -> str | None:
    """The name of a unit column where a table has several: city, division … by its level, else its label."""
    units = [column for column in columns if column.kind == "unit"]
    if len(units) < 2:
        return None
    label = columns[index].label
    if re.search(r"科室|处室|股室|局内|内设|本局|站所|所站", label):
        return "division"
    for mark, name in (
        ("省", "province"),
        ("市", "city"),
        ("区", "district"),
        ("县", "county"),
        ("镇", "town"),
        ("乡", "town"),
    ):
        if label.startswith(mark):
            return name
    return label


_NAMES = re.compile(r"任务|事项|项目|要点|工作|名称")
_SORTS = re.compile(r"类|领域|板块|方面|级|指标|目标|栏目|模块|章节")


def name_of(folded: str, columns: list[Column], requirement: int, path: dict[int, Span]) -> Span | None:
    """The cell that may name the duty of a row: the one nearest to the requirement, in a column of tasks."""
    index = max((index for index in path if index < requirement), default=-1)
    if index < 0 or not _NAMES.search(columns[index].label) or _SORTS.search(columns[index].label):
        return None
    start, end = path[index]
    words = folded[start:end].rstrip("。;:,")
    numbered = parse_number(folded, start, end) is not None
    return None if numbered or not 2 <= len(words) <= 40 or re.search(r"[。;]", words) else path[index]


def names_of_rows(rows: list[Row]) -> list[Span | None]:
    """The name of each row where the rows have names of their own; a cell merged over many rows is a section."""
    names = [row.name for row in rows]
    own = len({name for name in names if name is not None})
    return names if own and own >= 0.75 * len(rows) else [None] * len(rows)


def is_head(columns: list[Column]) -> bool:
    """Whether these labels head a breakdown table."""
    kinds = Counter(column.kind for column in columns)
    catalog = sum(1 for column in columns if _CATALOG.search(column.label))
    return bool(
        kinds["unit"]
        and (kinds["text"] or kinds["task"])
        and catalog < 2
        and not any(_SERVICES.search(column.label) for column in columns)
    )


def spaced_head(text: str) -> bool:
    """Whether single spaces separate the cells of a line: it holds a whole head."""
    if len(text) < 8 or " " not in text[:6000]:
        return False
    run: list[Column] = []
    for word in re.split(r"\s+", text[:6000]):
        column = column_of(word)
        if column is None:
            run = []
            continue
        run.append(column)
        if len(run) >= 3 and is_head(run):
            return True
    return False


def is_time(folded: str, start: int, end: int) -> bool:
    """Whether a cell holds a time limit and little else."""
    words = folded[start:end].strip()
    if not words or len(words) > 40 or words[-1] in "。;":
        return False
    if _SOON.match(words) and len(words) <= 12:
        return True
    found = deadlines_in(folded, start, end, _ANY_CALENDAR, column=True)
    covered = sum(one.end - one.start for one in found)
    return bool(found) and len(words) - covered <= max(5, len(words) // 2)


def limits_time(column: Column, folded: str, start: int, end: int) -> bool:
    """Whether a cell gives a time limit: in the column of limits, or alone among remarks; progress tells what was done."""
    remark = column.kind == "status" and re.match("备注|说明", column.label)
    done = re.search("已|(?:公开|发布|上线|印发|公布)$", folded[start:end])
    return column.kind == "time" or bool(remark and not done and is_time(folded, start, end))


# ------------------------------------------------------------------------------------------------ grids


class Grid:
    """A table of the document with the rows of its head taken off."""

    def __init__(self, source: Source, table: Table) -> None:
        self.source = source
        self.table = table
        self.cells: dict[tuple[int, int], Cell] = {}
        for cell in table.cells:
            for row in range(cell.row, min(cell.row + cell.rowspan, table.rows)):
                for column in range(cell.column, min(cell.column + cell.colspan, table.columns)):
                    self.cells.setdefault((row, column), cell)

    def span(self, cell: Cell) -> Span:
        return self.source.strip(self.source.from_original(cell.start), self.source.from_original(cell.end))

    def words(self, cell: Cell | None) -> str:
        if cell is None:
            return ""
        start, end = self.span(cell)
        return self.source.folded[start:end]

    def head(self) -> tuple[list[Column], int] | None:
        """The columns and the first row below the head, which may be two rows high or stand under a title."""
        for first in range(min(self.table.rows, 5)):
            columns = self._columns(first, first)
            if is_head([column for column in columns if column.kind != "none"]):
                below = first + 1
                if below < self.table.rows and self._continues(first, below):
                    columns = self._columns(first, below)
                    below += 1
                return columns, below
        return None

    def heads_another(self) -> bool:
        """Whether the first row labels the columns of a table that gives no duties."""
        words = [self.words(self.cells.get((0, column))) for column in range(self.table.columns)]
        return sum(column_of(word) is not None for word in words) * 2 >= len(words)

    def _continues(self, first: int, below: int) -> bool:
        cells = [self.cells.get((below, column)) for column in range(self.table.columns)]
        fresh = [cell for cell in cells if cell is not None and cell.row == below]
        return any(cell is not None and cell.row <= first for cell in cells) and all(
            column_of(self.words(cell)) or not self.words(cell) for cell in fresh
        )

    def _columns(self, first: int, last: int) -> list[Column]:
        result = []
        for index in range(self.table.columns):
            label = ""
            for row in range(first, last + 1):
                words = _SPACE.sub("", self.words(self.cells.get((row, index))))
                label = words if words and words != label else label
            result.append(column_of(label) or Column("none", label))
        return result

    def looks_repeated(self, row: int, columns: list[Column]) -> bool:
        """Whether the row repeats the head, as at a page break."""
        labels = {column.label for column in columns if column.label}
        words = [_SPACE.sub("", self.words(self.cells.get((row, index)))) for index in range(self.table.columns)]
        full = [word for word in words if word]
        return bool(full) and sum(word in labels for word in full) >= max(1, 0.7 * len(full))


def transposed(table: Table) -> Table:
    """The table with rows and columns exchanged: cards whose first column holds the labels become rows."""
    cells = tuple(
        replace(cell, row=cell.column, column=cell.row, rowspan=cell.colspan, colspan=cell.rowspan)
        for cell in table.cells
    )
    return Table(table.columns, table.rows, tuple(sorted(cells, key=lambda cell: (cell.row, cell.column))))


@dataclass(slots=True)
class Carry:
    """What a row takes over from the rows above, also over a page break."""

    columns: list[Column]
    path: dict[int, Span] = field(default_factory=dict)
    section: list[Span] = field(default_factory=list)
    units: dict[int, Responsibility] = field(default_factory=dict)
    requirement: int = -1
    is_card: bool = False


def grid_rows(grid: Grid, carry: Carry | None) -> tuple[list[Row], Carry] | None:
    """The rows of a breakdown table, or None if the table is none. `carry` continues a table split over pages."""
    head, is_card = grid.head(), False
    if head is None and grid.table.columns <= 6:
        cards = Grid(grid.source, transposed(grid.table))
        head = cards.head()
        grid, is_card = (cards, True) if head else (grid, False)
    first = 0
    if head:
        columns, first = head
        same = carry is not None and [c.label for c in carry.columns] == [c.label for c in columns]
        carry = carry if same and carry is not None else Carry(columns, is_card=is_card)
    elif carry is None or len(carry.columns) != grid.table.columns or grid.heads_another():
        return None
    if carry.requirement < 0:
        carry.requirement = _requirement_column(grid, carry.columns, first)
    rows: list[Row] = []
    for row in range(first, grid.table.rows):
        if grid.looks_repeated(row, carry.columns):
            continue
        made = _grid_row(grid, row, carry, rows[-1] if rows else None)
        if made:
            rows.append(made)
    return rows, carry


def _requirement_column(grid: Grid, columns: list[Column], first: int) -> int:
    """The column of the requirement: the longest of those that say 要求, 内容, 措施; else of the task columns."""
    for kinds in (("text",), ("task", "none")):
        options = [index for index, column in enumerate(columns) if column.kind in kinds]
        if kinds == ("task", "none"):
            named = [index for index in options if columns[index].kind == "task"]
            options = [index for index in options if named and index >= named[0] and _before_units(columns, index)]
        if options:
            return max(options, key=lambda index: (_length(grid, index, first), index))
    return 0


def _before_units(columns: list[Column], index: int) -> bool:
    return any(column.kind == "unit" for column in columns[index:])


def _length(grid: Grid, index: int, first: int) -> int:
    cells = {
        (cell.row, cell.column): cell for (row, column), cell in grid.cells.items() if column == index and row >= first
    }
    return sum(cell.end - cell.start for cell in cells.values() if cell.colspan < grid.table.columns)


def _section_row(grid: Grid, row: int, carry: Carry) -> Span | None:
    """The one heading that a row holds, merged over the table or alone in it."""
    cells = {
        id(cell): cell for index in range(grid.table.columns) if (cell := grid.cells.get((row, index))) is not None
    }
    fresh = [cell for cell in cells.values() if cell.row == row and grid.words(cell)]
    if len(fresh) != 1:
        return None
    cell = fresh[0]
    wide = cell.colspan >= max(2, grid.table.columns - 1)
    covered = list(range(cell.column, cell.column + cell.colspan))
    reaches_units = any(carry.columns[index].kind == "unit" for index in covered if index < len(carry.columns))
    others = [other for other in cells.values() if other.row < row and grid.words(other)]
    alone = not others and cell.column <= carry.requirement and parse_number(grid.words(cell), 0, 40) is not None
    if (wide and (reaches_units or not others)) or (alone and len(grid.words(cell)) <= 60):
        return grid.span(cell)
    return None


def _grid_row(grid: Grid, row: int, carry: Carry, above: Row | None) -> Row | None:
    section = _section_row(grid, row, carry)
    if section:
        carry.section = stack_heading(grid.source.folded, carry.section, section)
        carry.path.clear()
        return None
    columns = carry.columns
    requirement = grid.cells.get((row, carry.requirement))
    if requirement is not None and requirement.row < row and above is not None:
        _add_units(grid, row, carry, above, fresh_only=True)
        return None
    made = Row(None, (), [])
    for index, column in enumerate(columns):
        cell = grid.cells.get((row, index))
        words = grid.words(cell)
        if cell is None or not words or cell.column != index:
            continue
        _take(grid, made, carry, index, column, cell)
    span = grid.span(requirement) if requirement is not None and grid.words(requirement) else None
    if span is None:
        span = _only_path(grid, row, carry)
    if span is None or span[1] - span[0] < 2:
        return None
    made.texts = [span]
    made.path = (*carry.section, *(carry.path[index] for index in sorted(carry.path) if carry.path[index] != span))
    beside = {index: cell for index, cell in carry.path.items() if cell != span}
    made.name = name_of(grid.source.folded, columns, carry.requirement, beside)
    _add_units(grid, row, carry, made, fresh_only=False)
    return made if made.units else None


def _take(grid: Grid, made: Row, carry: Carry, index: int, column: Column, cell: Cell) -> None:
    if column.kind == "number":
        made.number = _SPACE.sub("", grid.words(cell))
    elif limits_time(column, grid.source.folded, *grid.span(cell)):
        made.times.append(grid.span(cell))
    elif column.kind == "target":
        made.targets.append(grid.span(cell))
    elif (
        index < carry.requirement
        and column.kind in ("task", "text", "none")
        and carry.path.get(index) != grid.span(cell)
    ):
        carry.path = {key: span for key, span in carry.path.items() if key < index}
        carry.path[index] = grid.span(cell)


def _only_path(grid: Grid, row: int, carry: Carry) -> Span | None:
    """A row without its own requirement whose last heading speaks for it."""
    cells = [grid.cells.get((row, index)) for index in range(carry.requirement)]
    fresh = [cell for cell in cells if cell is not None and cell.row == row and len(grid.words(cell)) > 4]
    return grid.span(fresh[-1]) if fresh else None


def _add_units(grid: Grid, row: int, carry: Carry, made: Row, *, fresh_only: bool) -> None:
    folded = grid.source.folded
    columns = carry.columns
    for index, column in enumerate(columns):
        if column.kind != "unit":
            continue
        cell = grid.cells.get((row, index))
        if cell is None or not grid.words(cell) or (cell.column != index and columns[cell.column].kind != "unit"):
            continue
        if cell.column != index:
            continue
        inherited = cell.row < row
        if inherited and fresh_only:
            continue
        said = parse_cell(folded, *grid.span(cell), column.role)
        if said.claims or said.times:
            carry.units[index] = said
            made.units.append((column, said, inherited))
    if not made.units and not fresh_only and carry.units:
        made.units = [(columns[index], said, True) for index, said in sorted(carry.units.items())]


def stack_heading(folded: str, path: list[Span], heading: Span) -> list[Span]:
    """The headings above a row after a new one: those of a higher kind stay."""
    number = parse_number(folded, *heading)
    kept = []
    for one in path:
        other = parse_number(folded, *one)
        if number is None or other is None or other.kind == number.kind:
            break
        kept.append(one)
    return [*kept, heading]
