"""Steps that many tests of importing take."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.datastructures import MultiValueDict
from openpyxl import Workbook

from gongkai.core.acts import perform
from gongkai.publications.importing import running
from gongkai.publications.importing.models import Import, ImportRow

HEAD = ("编号", "标题", "文号", "发布机构", "成文日期", "发布日期", "主题分类", "体裁", "公开方式", "正文")
BODY = "各学校：\n为做好义务教育学校招生工作，现就有关事项通知如下。\n一、招生范围\n按照户籍和居住地划片入学。"


def line(number: int = 1, **more: Any) -> dict[str, Any]:
    """A complete row of a sheet."""
    return {
        "编号": f"old-{number}",
        "标题": f"云溪区教育局关于做好第{number}批学校招生工作的通知",
        "文号": f"云教发〔2021〕{number}号",
        "发布机构": "云溪区教育局",
        "成文日期": "2021-06-28",
        "发布日期": "2021-06-30",
        "主题分类": "科技、教育/教育",
        "体裁": "通知",
        "公开方式": "主动公开",
        "正文": BODY,
        **more,
    }


def workbook(rows: list[dict[str, Any]], head: tuple[str, ...] = ()) -> bytes:
    """Rows as a sheet whose heads are the keys."""
    heads = list(head) or list(dict.fromkeys(name for row in rows for name in row))
    book = Workbook()
    book.active.append(heads)
    for row in rows:
        book.active.append([row.get(name) for name in heads])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def archive(files: dict[str, bytes]) -> bytes:
    """Files as a zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return out.getvalue()


def uploads(files: dict[str, bytes]) -> MultiValueDict:
    """Files as a browser sends them."""
    return MultiValueDict({"files": [SimpleUploadedFile(name, data) for name, data in files.items()]})


def upload(user: Any, files: dict[str, bytes], **more: Any) -> Import:
    """An import of these files, not read yet."""
    data = {"source_system": "旧网站", "missing_attribute": "proactive", **more}
    return fresh(perform("import.upload", None, user, data, files=uploads(files)).case)


def read(user: Any, files: dict[str, bytes], **more: Any) -> Import:
    """An import that was read and looked through."""
    run = upload(user, files, **more)
    running.read_files.func(run.pk)
    return fresh(run)


def sheet(user: Any, rows: list[dict[str, Any]], more_files: dict[str, bytes] | None = None, **more: Any) -> Import:
    """The same for the rows of one sheet."""
    return read(user, {"历史信息.xlsx": workbook(rows), **(more_files or {})}, **more)


def fresh(run: Any) -> Import:
    """The import as it stands in the database."""
    return Import.objects.get(pk=run.pk)


def carry(run: Import, office: Any, **approval: Any) -> Import:
    """Sent up, approved by the leader, carried out."""
    perform("import.submit", run, office.officer)
    perform("import.approve", fresh(run), office.leader, approval)
    running.carry_out.func(run.pk)
    return fresh(run)


def rows_of(run: Import) -> list[ImportRow]:
    """Its rows in order."""
    return list(ImportRow.objects.filter(run=run.pk).order_by("ordinal"))
