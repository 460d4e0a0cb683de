"""What people write in the story: sentences of the data with their slots filled, never the same twice in a row."""

from __future__ import annotations

import datetime as dt
import io
import random
import re
from typing import Any

from gongkai.demo.data import notice_district_2026
from gongkai.demo.world import World
from gongkai.ledger.models import Assignment, AssignmentRole

TOPICS = ("公开内容", "解读", "回应", "依申请", "平台", "基础工作")
_TOPIC_OF = {str(row.number): TOPICS[at] for at, part in enumerate(notice_district_2026.PARTS) for row in part.rows}
_SLOT = re.compile(r"\{(\w+)\}")
# A sentence that tells of a finished thing does not fit a report in the middle of the way.
_UNFINISHED = re.compile(r"初稿|正在|预计|其余|已定|已安排|汇总")


class Words:
    """Picks and fills sentences."""

    def __init__(self, world: World, chooser: random.Random) -> None:
        self.texts, self.random = world.texts, chooser
        self._last: dict[Any, str] = {}

    def fill(self, template: str, **known: Any) -> str:
        """A template with its slots filled: what is known, else a plausible number."""
        numbers: dict[str, Any] = {}
        draw = self.random.randint
        numbers["n1"] = draw(12, 96)
        numbers["n2"] = max(1, min(numbers["n1"] - 1, round(numbers["n1"] * draw(95, 99) / 100)))
        numbers["n3"] = max(1, round(numbers["n1"] * draw(55, 75) / 100))
        numbers["s1"] = draw(2, 7)
        numbers["s2"] = draw(1, numbers["s1"] - 1)
        numbers["p"] = draw(62, 95)
        numbers |= known
        return _SLOT.sub(lambda found: str(numbers.get(found.group(1), "")), template)

    def one(self, pool: list[str], key: Any = None) -> str:
        """One of a pool, not the one taken last under the same key."""
        choices = [text for text in pool if text != self._last.get(key)] or pool
        chosen = self.random.choice(choices)
        self._last[key] = chosen
        return chosen

    def progress(
        self, assignment: Assignment, ref: str, month: int, stage: str = "period", share: int | None = None
    ) -> str:
        """What a unit reports on a duty: of a period, on the way, or done; cooperating units speak more in general."""
        own = self.texts["duty_progress"].get(ref, [])
        if stage == "done":
            own = [text for text in own if not _UNFINISHED.search(text)] or own
        elif stage == "way":
            own = [text for text in own if _UNFINISHED.search(text)]
        general = self.texts["progress"][_TOPIC_OF.get(ref, "基础工作")]
        known = {} if share is None else {"p": share}
        own_share = 0.3 if assignment.role == AssignmentRole.COOPERATING else 0.75
        pool = own if own and self.random.random() < own_share else general
        return self.fill(self.one(pool, assignment.pk), month=month, unit=str(assignment.unit), **known)

    def completion(self, assignment: Assignment, ref: str, month: int, *, late: bool, evidence: bool) -> str:
        """The last report."""
        if late:
            closing = self.texts["completion_late"]
        else:
            pool = [text for text in self.texts["completion"] if "超过时限" not in text]
            if not evidence:
                pool = [text for text in pool if "佐证" not in text]
            if assignment.role != AssignmentRole.LEAD:
                pool = [text for text in pool if "牵头" not in text]
            closing = self.one(pool, (assignment.unit_id, "completion"))
        return f"{self.progress(assignment, ref, month, 'done')}{closing}"

    def summary(self, total: int, done: int, late: int) -> str:
        """How a duty stands as a whole, with its real numbers."""
        if done == total:
            return f"{total}个单位全部办结。" + self.one(_ALL_DONE, "all")
        parts = [f"共{total}个单位承担，{done}个已办结" if done else f"共{total}个单位承担，均已签收并按计划推进"]
        if done and total - done - late > 0:
            parts.append(f"{total - done - late}个按计划推进")
        if late:
            parts.append(f"{late}个超过时限，已逐一催办")
        return "，".join(parts) + "。" + self.one(
            [
                "各单位报送的数字已逐项核对，下月重点看群众使用情况。",
                "上月发现的共性问题已印发提示，本月没有再出现。",
                "区融媒体中心为有需要的单位提供制作支持。",
                "抽查的公示栏和网站内容一致。",
                "佐证材料里图片说明不完整的，已统一反馈修改。",
            ],
            "summary",
        )  # fmt: skip


_ALL_DONE = [
    "结果在区政府网站可以查到，后续按月维护。",
    "佐证材料已归档，下一步看日常更新。",
    "抽查没有发现问题，转入日常维护。",
]


class Evidence:
    """Small files that open: made once, uploaded under many names."""

    def __init__(self) -> None:
        self._made: dict[str, bytes] = {}

    def bytes_of(self, name: str) -> bytes:
        """The content for a file name, by its ending."""
        ending = name.rpartition(".")[2]
        if ending not in self._made:
            self._made[ending] = {"docx": _docx, "xlsx": _xlsx, "jpg": _jpg, "pdf": _pdf}[ending]()
        return self._made[ending]


def _docx() -> bytes:
    import docx

    document = docx.Document()
    document.add_heading("佐证材料", level=1)
    document.add_paragraph("本文件为演示用的虚构内容，用来展示附件的上传、下载和核对。")
    document.core_properties.created = document.core_properties.modified = dt.datetime(2026, 1, 1)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _xlsx() -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ("序号", "名称", "发布日期", "形式"),
        (1, "演示清单（虚构）", "3月5日", "图解"),
        (2, "演示清单（虚构）", "3月9日", "短视频"),
    ):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _jpg() -> bytes:
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (960, 640), "#e9eef2")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((180, 120, 780, 470), fill="#ffffff", outline="#5b6f80", width=10)
    for at in range(6):
        draw.rectangle((230, 175 + at * 45, 730 - (at % 3) * 70, 190 + at * 45), fill="#c6d1da")
    draw.rectangle((240, 470, 260, 600), fill="#5b6f80")
    draw.rectangle((700, 470, 720, 600), fill="#5b6f80")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()


def _pdf() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.open(io.BytesIO(_jpg())).save(out, "PDF")
    return out.getvalue()
