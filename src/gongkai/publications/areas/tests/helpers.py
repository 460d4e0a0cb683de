"""Steps that many tests of key areas take: a row that fits a template, a batch through its review."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

from django.urls import reverse

from gongkai.core.acts import perform
from gongkai.core.roles import Role
from gongkai.core.tests.factories import UnitFactory, UserFactory
from gongkai.law.identifiers import credit_code_check
from gongkai.publications.areas import datasets
from gongkai.publications.areas.catalog.model import Field, Shown, Template, Type
from gongkai.publications.areas.models import Batch, Dataset

PERSON = "欧阳测试"
IDENTITY = "110101199003071233"
PHONE = "13800138000"
ACCOUNT = "6222020200112233440"
PROJECT = "2605-360000-04-01-100001"


def credit(number: int = 0) -> str:
    """A code of an organisation that does not exist, with the right check character."""
    body = f"9136010{number:010d}"
    return body + credit_code_check(body)


def cell(field: Field, number: int = 1, unit: str = "云溪区教育局") -> str:
    """What somebody types into a cell."""
    if field.shown == Shown.INTERNAL:
        return {"identity": IDENTITY, "phone": PHONE, "account": ACCOUNT}[field.mask]
    if field.shown == Shown.MASKED and not field.when:
        return PERSON
    return {
        Type.TEXT: f"{field.label}第{number}号内容",
        Type.LONG: f"{field.label}：按照年度安排推进，第{number}项已经完成。",
        Type.NUMBER: str(80 + number),
        Type.MONEY: f"{1200 + number}.5",
        Type.DATE: f"2026-09-{number % 28 + 1:02d}",
        Type.YEAR: "2026",
        Type.CHOICE: field.choices[number % len(field.choices)] if field.choices else "",
        Type.YESNO: "是",
        Type.UNIT: unit,
        Type.LINK: f"https://www.example.gov.cn/documents/{number}",
        Type.PROJECT: f"{PROJECT[:-1]}{number}",
        Type.CREDIT_CODE: credit(number),
    }[field.type]


def row(template: Template, number: int = 1, **more: str) -> dict[str, str]:
    """A whole row as a form sends it."""
    return {f"cell_{field.name}": more.get(field.name, cell(field, number)) for field in template.fields}


def open_dataset(office: Any, code: str, **more: Any) -> Dataset:
    """The dataset of the bureau by a template, explained where that is asked."""
    held = datasets.open_one(office.officer, code, more.pop("unit", office.unit))
    if held.template.explained:
        held.explanation = "检查对象和检查人员由系统随机抽取，抽查结果二十个工作日内公开。"
        held.save()
    return held


def fresh(case: Any) -> Batch:
    """The batch as it stands in the database."""
    return Batch.objects.select_related("dataset", "dataset__own").get(pk=case.pk)


def fresh_dataset(held: Dataset) -> Dataset:
    """The dataset as it stands in the database."""
    return Dataset.objects.select_related("unit", "own").get(pk=held.pk)


def bureau(office: Any, name: str) -> Any:
    """Another bureau of the district with its own people."""
    unit = UnitFactory(name=name, short_name=name.removeprefix("云溪"), parent=office.district)
    roles = {"officer": Role.OFFICER, "reviewer": Role.REVIEWER, "secrecy": Role.SECRECY, "leader": Role.LEADER}
    people = {key: UserFactory(roles=[(role, unit)], post=role.label) for key, role in roles.items()}
    return SimpleNamespace(unit=unit, **people)


def enter(office: Any, held: Dataset, *numbers: int, user: Any = None, **more: str) -> Batch:
    """A batch with rows, entered by form."""
    user = user or office.officer
    batch = perform("dataset-batch.write", None, user, {"dataset": held.pk}).case
    for number in numbers or (1,):
        perform("dataset-batch.put", batch, user, row(held.template, number, **more))
    return fresh(batch)


def act(name: str, case: Any, user: Any, data: dict[str, Any] | None = None) -> Batch:
    """Do an act and read the batch anew."""
    perform(f"dataset-batch.{name}", case, user, data or {})
    return fresh(case)


def review(batch: Batch, office: Any, *, until: str = "") -> Batch:
    """Take the review through its steps; stop before the one named."""
    by = {"content": "reviewer", "secrecy": "secrecy", "approval": "leader"}
    while batch.state == "review" and batch.purpose != until:
        name = "approve" if batch.purpose == "approval" else "pass"
        batch = act(name, batch, getattr(office, by[batch.purpose]))
    return batch


def through(batch: Batch, office: Any) -> Batch:
    """From the draft to the public."""
    return review(act("submit", batch, office.officer), office)


def post(client: Any, user: Any, batch: Batch, name: str, data: dict[str, Any] | None = None) -> Any:
    """An act through the workbench's own page."""
    client.force_login(user)
    return client.post(reverse("workbench:act", args=[batch.pk, name]), data or {})


def workbook(template: Template, lines: list[list[Any]], heads: list[str] | None = None) -> bytes:
    """A filled-in table."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = "数据"
    sheet.append(["标题"])
    sheet.append(heads or [field.head for field in template.fields])
    for line in lines:
        sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def line(template: Template, number: int = 1, **more: Any) -> list[Any]:
    """A row of a table."""
    return [more.get(field.name, cell(field, number)) for field in template.fields]
