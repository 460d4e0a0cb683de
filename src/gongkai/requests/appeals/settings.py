"""Settings of the jurisdiction for reconsideration and litigation. What the law fixes stands in `law`."""

from __future__ import annotations

from gongkai.core import jurisdiction
from gongkai.core.jurisdiction import declare, whole, yes_no
from gongkai.requests.appeals.models import GROUPS, Result

GROUP = "复议诉讼"
_CELLS = {label: code for code, label in GROUPS}
_RESULTS = {str(label): code for code, label in Result.choices}


def _pairs(text: str) -> dict[str, str]:
    """Result -> cell of table C, out of lines such as 维持=结果维持. ValueError with a sentence when it does not fit."""
    found: dict[str, str] = {}
    for part in str(text).replace("；", ";").replace("\n", ";").split(";"):
        if not part.strip():
            continue
        name, _, cell = (piece.strip() for piece in part.partition("="))
        if name not in _RESULTS:
            raise ValueError(f"没有“{name}”这种审理结果。可以写：{'、'.join(_RESULTS)}。")
        if cell not in _CELLS:
            raise ValueError(f"“{name}”后面请写：{'、'.join(_CELLS)}。")
        found[_RESULTS[name]] = _CELLS[cell]
    left = [name for name, code in _RESULTS.items() if code not in found]
    if left:
        raise ValueError(f"还有审理结果没有写明归到哪一栏：{'、'.join(left)}。")
    return found


def mapping_text(text: str) -> str:
    """The mapping as it was typed, when it is whole."""
    _pairs(text)
    return str(text).strip()


_CORRECTED = (Result.REVOKED, Result.CHANGED, Result.ILLEGAL, Result.VOID, Result.ORDERED)
_UPHELD = (Result.UPHELD, Result.CLAIM_DISMISSED)
_DEFAULT = "；".join(
    f"{result.label}={'结果维持' if result in _UPHELD else '结果纠正' if result in _CORRECTED else '其他结果'}"
    for result in Result
)


def groups() -> dict[str, str]:
    """Result -> cell of table C as this place counts."""
    return _pairs(jurisdiction.value("appeals.result_groups"))


def special_areas() -> list[str]:
    """The fields in which practice is exchanged and reviewed."""
    text = str(jurisdiction.value("appeals.special_areas")).replace("，", ",").replace("、", ",")
    return [word.strip()[:40] for word in text.split(",") if word.strip()]


declare(
    "appeals.result_groups",
    "审理结果归到年度报告表四的哪一栏",
    _DEFAULT,
    group=GROUP,
    parse=mapping_text,
    source="国办公开办函〔2021〕30号表四；各地对驳回复议申请的归类不一，由本地确定",
    help="每种审理结果写一项，格式是“审理结果=栏目”，用分号隔开。",
)
declare(
    "appeals.entry_workdays",
    "收到通知后几个工作日内录入",
    2,
    group=GROUP,
    parse=whole(1, 30),
    source="工作要点要求全面、及时录入，没有写明日数；比照线下申请的录入",
)
declare(
    "appeals.answer_workdays",
    "普通程序复议几个工作日内提出书面答复",
    10,
    group=GROUP,
    parse=whole(1, 60),
    source="行政复议法第四十八条、第八十八条；以答复通知书写明的期限为准",
)
declare(
    "appeals.defence_days",
    "诉讼几日内提交答辩状和证据",
    15,
    group=GROUP,
    parse=whole(1, 90),
    source="行政诉讼法第六十七条；以应诉通知书写明的期限为准",
)
declare(
    "appeals.lesson_workdays",
    "被纠正后几个工作日内总结原因和整改",
    15,
    group=GROUP,
    parse=whole(1, 120),
    source="本系统约定",
)
declare(
    "appeals.warning_workdays",
    "警示通报几个工作日内签收自查",
    5,
    group=GROUP,
    parse=whole(1, 60),
    source="本系统约定",
)
declare(
    "appeals.rectification_workdays",
    "专项督查几个工作日内整改",
    15,
    group=GROUP,
    parse=whole(1, 120),
    source="本系统约定",
)
declare(
    "appeals.special_areas",
    "需要业务交流和专项督查的领域",
    "征地拆迁,物业管理,土地规划",
    group=GROUP,
    source="公开工作要点",
    help="用逗号隔开。请在“申请内容所属领域”里也写上，登记申请时才能选到。",
)
declare(
    "appeals.public_precedents",
    "典型案例可以向社会公开",
    False,
    group=GROUP,
    parse=yes_no,
    source="本系统约定",
    help="打开后，经批准公开的案例任何人都能看到。默认只供工作人员查阅。",
)
