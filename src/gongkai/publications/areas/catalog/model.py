"""What a catalog template (目录模板) of a key area says: pure data, no Django.

A template names the fields of one kind of record, whose duty it is, how often it is renewed, and which of its fields
the public reads as they are, masked, or never.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from functools import cached_property
from typing import Any


class Type(StrEnum):
    """What a cell holds; the word is what people read."""

    TEXT = "text"
    LONG = "long"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    YEAR = "year"
    CHOICE = "choice"
    YESNO = "yesno"
    UNIT = "unit"
    LINK = "link"
    PROJECT = "project"
    CREDIT_CODE = "credit_code"


TYPE_LABELS: dict[str, str] = {
    Type.TEXT: "文字",
    Type.LONG: "长文字",
    Type.NUMBER: "数字",
    Type.MONEY: "金额（万元）",
    Type.DATE: "日期",
    Type.YEAR: "年份",
    Type.CHOICE: "选项",
    Type.YESNO: "是或否",
    Type.UNIT: "单位",
    Type.LINK: "政府信息或网址",
    Type.PROJECT: "项目代码",
    Type.CREDIT_CODE: "统一社会信用代码",
}
NUMERIC = frozenset({Type.NUMBER, Type.MONEY})
# Only in these can somebody write a sentence: they are screened.
WORDED = frozenset({Type.TEXT, Type.LONG, Type.LINK})


class Shown(StrEnum):
    """How the public reads a field."""

    PUBLIC = "public"
    MASKED = "masked"
    INTERNAL = "internal"


SHOWN_LABELS: dict[str, str] = {Shown.PUBLIC: "公开", Shown.MASKED: "遮盖后公开", Shown.INTERNAL: "不公开"}
MASK_LABELS = {"name": "姓名", "identity": "证件号", "phone": "电话", "account": "账号", "address": "住址"}
PHASES = ("立项审批", "规划选址", "用地", "环境影响评价", "招标投标", "施工许可", "建设实施", "竣工验收", "决算审计")


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a template.

    `unit` is the unit of a number; `mask` how a masked field is covered (a key of MASK_LABELS). `telling` marks a field
    that, together with others, may point to a single person (001-14e). With `when` (field, value) a masked field is
    covered only in rows where that field has that value: a natural person is, a company is not.
    """

    name: str
    label: str
    type: Type = Type.TEXT
    required: bool = False
    unit: str = ""
    choices: tuple[str, ...] = ()
    shown: Shown = Shown.PUBLIC
    mask: str = ""
    when: tuple[str, ...] = ()
    listed: bool = False
    filter: bool = False
    telling: bool = False
    help: str = ""

    @property
    def numeric(self) -> bool:
        """Whether it holds a figure."""
        return self.type in NUMERIC

    @property
    def said_unit(self) -> str:
        """The unit of its figures: 万元 for money."""
        return "万元" if self.type == Type.MONEY else self.unit

    @property
    def head(self) -> str:
        """The label with the unit, as it stands over a column."""
        return f"{self.label}（{self.said_unit}）" if self.said_unit else self.label


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart over the published rows: bars by a field, heights the sum of the template's amount or a count."""

    title: str
    by: str
    summed: bool = False
    split: str = ""


@dataclass(frozen=True)
class Template:
    """A kind of record of a key area.

    `key` are the fields that together name a row, `title` the one that is its heading. `day` is the field by which
    rows are ordered, `amount` the figure that totals and charts add up. `months` is the update rhythm (0: whenever
    something happens). `limit` is the name of the jurisdiction's setting with the workdays from `day` to publication.
    """

    code: str
    title: str
    area: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    heading: str
    duties: tuple[str, ...] = ()
    basis: str = ""
    keepers: tuple[str, ...] = ()
    about: str = ""
    months: int = 12
    day: str = ""
    year: str = ""
    amount: str = ""
    phase: str = ""
    charts: tuple[Chart, ...] = ()
    limit: str = ""
    limit_basis: str = ""
    explained: bool = False
    own: bool = False

    def __post_init__(self) -> None:
        problem = fault_of(self)
        if problem:
            raise ValueError(f"template {self.code}: {problem}")

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """Fields by name."""
        return {one.name: one for one in self.fields}

    @cached_property
    def listed(self) -> tuple[Field, ...]:
        """The columns of the public list; never a field that is not public."""
        return tuple(one for one in self.fields if one.listed and one.shown != Shown.INTERNAL)

    @cached_property
    def filters(self) -> tuple[Field, ...]:
        """The fields by which the list is filtered, at most three."""
        return tuple(one for one in self.fields if one.filter)[:3]

    @cached_property
    def seen(self) -> tuple[Field, ...]:
        """The fields the public reads, masked ones included."""
        return tuple(one for one in self.fields if one.shown != Shown.INTERNAL)

    @cached_property
    def project(self) -> str:
        """The field that joins the row to a project; empty if there is none."""
        return next((one.name for one in self.fields if one.type == Type.PROJECT), "")

    @property
    def rhythm_words(self) -> str:
        """The update rhythm in words."""
        said = {0: "随时更新", 1: "每月更新", 3: "每季度更新", 6: "每半年更新", 12: "每年更新"}
        return said.get(self.months, f"每{self.months}个月更新")

    def with_fields(self, more: Iterable[Field]) -> Template:
        """The same template with a unit's own fields behind; names that exist are passed over."""
        added = tuple(one for one in more if one.name not in self.by_name)
        return replace(self, fields=(*self.fields, *added)) if added else self


def fault_of(template: Template) -> str:
    """What is wrong with a template, in words; empty if nothing is."""
    names = [one.name for one in template.fields]
    if len(set(names)) != len(names):
        return "字段名称重复"
    known = set(names)
    pointers = [template.heading, template.day, template.year, template.amount, template.phase, *template.key]
    pointers += [name for chart in template.charts for name in (chart.by, chart.split) if name not in ("", "unit")]
    missing = [name for name in pointers if name and name not in known]
    if missing:
        return f"没有字段{'、'.join(missing)}"
    if not template.key:
        return "没有指定哪些字段标识一行"
    by_name = {one.name: one for one in template.fields}
    if any(by_name[name].shown == Shown.INTERNAL for name in (template.heading,)):
        return "标题字段不能是不公开的字段"
    for one in template.fields:
        if one.type == Type.CHOICE and len(one.choices) < 2:
            return f"“{one.label}”至少要有两个选项"
        if one.shown == Shown.MASKED and one.mask not in MASK_LABELS:
            return f"“{one.label}”没有说明怎样遮盖"
        if one.filter and (one.type not in (Type.CHOICE, Type.YESNO) or one.shown != Shown.PUBLIC):
            return f"“{one.label}”不能用来筛选"
    return ""


def field_data(one: Field) -> dict[str, Any]:
    """A field as plain data, empty values left out."""
    return {name: value for name, value in asdict(one).items() if value not in ("", False, (), None)}


def field_from(data: Mapping[str, Any]) -> Field:
    """A field out of plain data; unknown names are passed over. Raises ValueError for an unknown type."""
    known = {one.name for one in fields(Field)}
    values = {name: value for name, value in data.items() if name in known}
    values["type"] = Type(values.get("type", Type.TEXT))
    values["shown"] = Shown(values.get("shown", Shown.PUBLIC))
    values["choices"] = tuple(values.get("choices", ()))
    values["when"] = tuple(values.get("when", ()))
    return Field(**values)


# --- short ways to write a field down, for the catalog ---------------------------------------------------------------


def text(name: str, label: str, **more: Any) -> Field:
    """A line of words."""
    return Field(name, label, Type.TEXT, **more)


def long(name: str, label: str, **more: Any) -> Field:
    """Several sentences."""
    return Field(name, label, Type.LONG, **more)


def number(name: str, label: str, unit: str = "", **more: Any) -> Field:
    """A figure with its unit."""
    return Field(name, label, Type.NUMBER, unit=unit, **more)


def money(name: str, label: str, **more: Any) -> Field:
    """An amount in 万元."""
    return Field(name, label, Type.MONEY, **more)


def date(name: str, label: str, **more: Any) -> Field:
    """A day."""
    return Field(name, label, Type.DATE, **more)


def year(name: str = "year", label: str = "年度", **more: Any) -> Field:
    """A year; by default the required year of the row."""
    more.setdefault("required", True)
    more.setdefault("listed", True)
    return Field(name, label, Type.YEAR, **more)


def choice(name: str, label: str, *choices: str, **more: Any) -> Field:
    """One of a few words; required, listed and a filter unless said otherwise."""
    more.setdefault("required", True)
    more.setdefault("listed", True)
    more.setdefault("filter", True)
    return Field(name, label, Type.CHOICE, choices=choices, **more)


def yesno(name: str, label: str, **more: Any) -> Field:
    """Yes or no."""
    return Field(name, label, Type.YESNO, **more)


def unit(name: str, label: str, **more: Any) -> Field:
    """A unit that is registered here."""
    return Field(name, label, Type.UNIT, **more)


def link(name: str, label: str, **more: Any) -> Field:
    """A document published here (number or title), or an address."""
    return Field(name, label, Type.LINK, **more)


def project() -> Field:
    """The code by which the records of all units on one project are joined."""
    return Field(
        "project", "项目代码", Type.PROJECT, required=True, help="各部门用同一个代码，公开页面据此归到同一个项目。"
    )


def credit_code(name: str, label: str, **more: Any) -> Field:
    """The unified social credit code of an organisation."""
    return Field(name, label, Type.CREDIT_CODE, **more)


def person(name: str, label: str, **more: Any) -> Field:
    """A person's name: the public reads it covered."""
    return Field(name, label, Type.TEXT, shown=Shown.MASKED, mask="name", telling=True, **more)


def identity(name: str = "identity", label: str = "证件号码") -> Field:
    """An identity number: for checks inside only, never public."""
    return Field(name, label, Type.TEXT, shown=Shown.INTERNAL, mask="identity")


def phone(name: str = "phone", label: str = "联系电话") -> Field:
    """A private telephone: never public."""
    return Field(name, label, Type.TEXT, shown=Shown.INTERNAL, mask="phone")


def account(name: str = "account", label: str = "银行账号") -> Field:
    """A bank account: never public."""
    return Field(name, label, Type.TEXT, shown=Shown.INTERNAL, mask="account")
