"""Steps of a request in which parts of a found file are covered: the file, the boxes, and somebody else's comparison."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from gongkai.core import paper
from gongkai.core.roles import Role
from gongkai.demo.publishing import letter
from gongkai.demo.timeline import Life
from gongkai.requests.masking import acts, finding, queries
from gongkai.requests.models import Material, Request

# What is covered in each file: the words, what they are in general, and the ground.
COVERED = (
    ("13800138000", "联系电话", "PI"),
    ("声呐检测仪S-6、推进速度每秒0.1米", "设备参数", "D4"),
    ("286000元", "分项报价", "D4"),
    ("148000元", "分项报价", "D4"),
)
ACCOUNT = (
    "截至9月底，区级财政暂付款余额4.2亿元，比年初减少0.9亿元。",
    "余下部分按照计划在两年内清理完毕。",
    "清理工作联系手机：13800138000。",
)
REASONS = {"PI": "公开会损害个人权益", "D4": "属于商业秘密，第三方不同意公开，公开会损害其合法权益"}


def report(title: str) -> bytes:
    """Two pages about a pipe, with a telephone, parameters of a device and prices in them."""
    from weasyprint import HTML

    first = [
        ("title", title),
        ("", "一、检测范围"),
        ("", "管道总长1260米，管径600毫米至1000毫米，检查井31座。"),
        ("", "二、检测方法"),
        ("", "采用管道内窥和声呐检测。设备和参数：声呐检测仪S-6、推进速度每秒0.1米。"),
        ("", "三、现场联系"),
        ("", "检测单位现场值班手机：13800138000。"),
        ("", "四、发现的问题"),
        ("", "二级缺陷5处，三级缺陷2处，没有四级缺陷。三级缺陷位于安澜路口和清平桥东侧。"),
    ]
    second = [
        ("title", "附：检测费用"),
        ("", "内窥检测：286000元。"),
        ("", "声呐检测：148000元。"),
        ("", "五、检测结论"),
        ("", "管道结构总体良好，三级缺陷应当在汛期前修复，二级缺陷列入下一年度养护计划。"),
        ("", "报告一式三份，建设单位、检测单位、档案室各存一份。"),
    ]
    pages = [HTML(string=paper.page(title, lines)).render() for lines in (first, second)]
    return pages[0].copy([page for one in pages for page in one.pages]).write_pdf() or b""


class Covering:
    """Mixed into the lives of requests."""

    def _cover(self: Any, case: Request, rest: str, row: dict[str, Any]) -> Life:
        """`cover 2 NAME`: two working days later a file of that name is found, and parts of it are covered."""
        days, title = rest.split(" ")
        yield self._later(int(days))
        worker = self.world.staff[case.unit_id][-1]
        file = SimpleUploadedFile(f"{title}.pdf", report(title), "application/pdf")
        self.timeline.do("request.add_materials", self._fresh(case), worker, {}, {"files": file})
        material = Material.objects.get(request=case.pk)
        names = {"treatment": "masked", "ground": "D4", "reason": REASONS["D4"]}
        self._do("treat_materials", case, worker, **{f"{name}_{material.pk}": value for name, value in names.items()})
        acts.prepare(self._fresh(case), material, worker)
        for words, what, ground in COVERED:
            mask = queries.mask_of(material)
            tokens = [one.token for one in finding.phrase(queries.lines_of(mask), words)] if mask else []
            self._do(
                "mask_material", case, worker, material=material.pk, operation="mark", way="phrase", chosen=tokens,
                ground=ground, what=what, reason=REASONS[ground],
            )  # fmt: skip
        acts.make(self._fresh(case), self._material(case), worker)

    def _file(self: Any, case: Request, rest: str, row: dict[str, Any]) -> Life:
        """`file 1 NAME`: a working day later a Word file of that name is found, and given as it is."""
        days, title = rest.split(" ")
        yield self._later(int(days))
        worker = self.world.staff[case.unit_id][-1]
        file = SimpleUploadedFile(f"{title}.docx", letter([title, *ACCOUNT]))
        self.timeline.do("request.add_materials", self._fresh(case), worker, {}, {"files": file})
        material = Material.objects.get(request=case.pk)
        self._do("treat_materials", case, worker, **{f"treatment_{material.pk}": "given"})

    def _material(self, case: Request) -> Material:
        return Material.objects.select_related("original", "masked").get(request=case.pk)

    def _compare(self: Any, case: Request, rest: str, row: dict[str, Any]) -> Life:
        """`compare 1 2`: somebody who covered nothing looks through these pages of the made file."""
        yield self._later(1)
        material = self._material(case)
        reader = self.world.holder(case.unit, Role.REVIEWER)
        digest = material.masked.digest if material.masked else ""
        self._do("check_masking", case, reader, material=material.pk, pages=rest.split(), digest=digest)
