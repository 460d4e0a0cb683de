"""The district's work notice of 2026 as data, and the .docx made from it. Everything in it is invented."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import _Cell


@dataclass(frozen=True)
class Row:
    """One duty of the breakdown table; an empty `task` or `lead` of None continues the cell above (merged)."""

    number: int
    task: str | None
    requirement: str
    lead: str | None
    responsible: str
    cooperating: str
    due: str


@dataclass(frozen=True)
class Part:
    """One part of the notice: heading without number, prose as (run-in heading, text), rows of the annex."""

    heading: str
    prose: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]


ISSUER = "临江市云溪区人民政府办公室"
DOC_NUMBER = "临云政办发〔2026〕11号"
ISSUED_ON = "2026-03-30"
PUBLISHED_ON = "2026-03-31"
TITLE = "临江市云溪区人民政府办公室关于印发《2026年云溪区政务公开工作要点》的通知"
NOTICE_NAME = "2026年云溪区政务公开工作要点"
RECIPIENTS = "各镇人民政府、街道办事处，云溪高新技术产业园区管委会，区政府各部门、各直属单位："
COVER = "《2026年云溪区政务公开工作要点》已经区政府同意，现印发给你们，请结合实际认真贯彻落实。"
DISCLOSURE = "（此件主动公开）"
PREAMBLE = (
    "2026年全区政务公开工作的总体要求是：认真落实《中华人民共和国政府信息公开条例》和"
    "《2026年临江市政务公开工作要点》（临政办发〔2026〕8号），把群众看得到、看得懂、用得上、能监督作为标准，"
    "公开的内容管得清，解读讲得明白，回应快一步，申请办得准，平台更好用，基础工作做得实。"
    "各项任务的牵头单位、责任单位和完成时限见附件。"
)
COLUMNS = ("序号", "工作任务", "具体要求", "牵头单位", "责任单位", "配合单位", "完成时限")
ANNEX_TITLE = "2026年云溪区政务公开重点任务分解表"

ALL = "各镇街、区政府各部门"

PARTS: tuple[Part, ...] = (
    Part(
        "公开内容管得清",
        (
            (
                "目录跟着职责走。",
                "职责调整到哪里，主动公开目录就更新到哪里。每个事项写清由谁公开、什么时候公开、在哪里能查到，不留空白条目，不挂过期内容。",
            ),
            (
                "把钱和项目讲清楚。",
                "预决算、惠民补贴、重大建设项目和民生实事项目，既公布结果，也公布进度和标准，便于群众对照监督。",
            ),
        ),
        (
            Row(
                1,
                "更新主动公开目录",
                "对照法定主动公开内容和基层政务公开标准目录，更新本单位主动公开目录，写明公开主体、时限、方式和责任科室，在区政府网站集中发布；职责发生变化的，变化后20个工作日内更新目录。",
                "区政府办公室",
                "区政府各部门",
                "区融媒体中心",
                "6月30日前",
            ),
            Row(
                2,
                "规范性文件集中公开",
                "全面清理历史规范性文件，逐件标明有效、失效或者废止，集中公开的规范性文件有效性标注率达到100%。",
                "区司法局",
                "区发展改革委、区教育局、区民政局、区人力资源社会保障局、区住房城乡建设局、区农业农村局、区卫生健康委、区市场监管局",
                "区档案馆",
                "6月30日前",
            ),
            Row(
                3,
                "财政和补贴资金信息公开",
                "部门预算、决算在区财政局批复后20日内公开，并附通俗说明；惠民补贴的对象、标准、发放金额每季度末月20日前公布一次，公布时隐去个人敏感信息。",
                "区财政局",
                "区教育局、区民政局、区人力资源社会保障局、区农业农村局、区卫生健康委、区医保局、各镇",
                "",
                "每季度末月20日前",
            ),
            Row(
                4,
                "民生和项目信息公开",
                "公布义务教育招生范围、招生计划、报名办法和咨询电话，同步张贴到社区（村）公示栏；录取结果产生后5个工作日内公布。",
                "区教育局",
                "各镇街",
                "区融媒体中心",
                "5月31日前",
            ),
            Row(
                5,
                None,
                "区重大建设项目和年度民生实事项目每月22日前公布上月进度，未达进度的说明原因和下一步安排；征地补偿标准和发放结果在村（社区）公示栏同步公示。",
                "区发展改革委",
                "区自然资源规划局、区住房城乡建设局、区交通运输局、区水务局、区农业农村局、云溪高新园",
                "各镇街",
                "每月22日前",
            ),
        ),
    ),
    Part(
        "解读讲得明白",
        (
            (
                "解读和文件一起起草。",
                "谁起草文件，谁拟解读方案。解读要讲清为什么出台、谁能享受、怎么办、找谁问，不摘抄原文，不罗列标题。",
            ),
            (
                "换群众愿意看的方式。",
                "多用图解、短视频、问答和现场讲解，惠企政策讲到园区和企业，惠民政策讲到社区和村组。",
            ),
        ),
        (
            Row(
                6,
                "解读方案前置",
                "起草政策文件时一并拟定解读方案，方案不全的不予提请审议；在公文审签系统中加设解读方案必填项。",
                "区司法局",
                "区政府办公室、区数据局",
                "",
                "6月30日前",
            ),
            Row(
                7,
                "提高解读质量",
                "文件上网的同时发布解读。图解、短视频等形式占全年解读的比例不低于60%，每月22日前报送上月以来进展。",
                "区政府办公室",
                ALL,
                "区融媒体中心",
                "每月22日前",
            ),
            Row(
                8,
                None,
                "惠企政策文件印发后15个工作日内，面向企业至少举办1场讲解，讲解实录上网。",
                "",
                "区发展改革委、区经信局、区商务局",
                "云溪高新园",
                "政策文件印发后15个工作日内",
            ),
            Row(
                9,
                "统一解读页面",
                "落实《临江市政策解读工作规程》（临政办发〔2025〕40号），6月底前完成存量解读页面的格式统一，统一率达到100%。",
                "",
                "区数据局、区融媒体中心、区发展改革委、区教育局、区民政局、区人力资源社会保障局、区住房城乡建设局、区卫生健康委、区市场监管局、区医保局",
                "",
                "6月底前",
            ),
        ),
    ),
    Part(
        "回应关切快一步",
        (
            (
                "先说清事实，再说清怎么办。",
                "涉及突发事件和群众集中反映的问题，由处置单位发布信息，承诺的事项列入台账，办到哪一步公布到哪一步。",
            ),
        ),
        (
            Row(
                10,
                "突发事件信息发布",
                "突发事件发生后4小时内发布首条权威信息，后续随处置进展滚动发布。",
                "区委宣传部、区应急局",
                "事发地镇街、有关部门",
                "区融媒体中心",
                "突发事件发生后4小时内",
            ),
            Row(
                11,
                "网站留言答复",
                "收到网站留言后5个工作日内答复，全年按时答复率不低于98%；复杂事项需要延长的，先向留言人说明原因和预计时间。",
                "区政务服务中心",
                ALL,
                "",
                "12月31日前",
            ),
            Row(
                12,
                "回应养老健康关切",
                "老年人健康体检服务点位与时间表每季度末月20日前公布，社区公示栏同步张贴大字版。",
                "区卫生健康委",
                "各镇街",
                "区民政局",
                "每季度末月20日前",
            ),
        ),
    ),
    Part(
        "依申请公开办得准",
        (
            (
                "每个环节有记录。",
                "从登记到送达全过程在平台留痕，时限由系统推算，到期前自动提醒，不出现逾期答复。",
            ),
            (
                "答复经得起检验。",
                "答复书说清事实、依据和救济途径，疑难申请听取法律顾问意见，复议诉讼中发现的问题逐件整改。",
            ),
        ),
        (
            Row(
                13,
                "申请办理全程留痕",
                "申请登记、补正、征求意见、延期等事项发生后2个工作日内录入平台，全年按时答复率达到100%。",
                "",
                ALL,
                "",
                "12月31日前",
            ),
            Row(
                14,
                "申请公开转主动公开",
                "答复中可以让公众知晓的内容，在答复后20日内转为主动公开。",
                "",
                "区政府各部门",
                "区档案馆、区信息中心",
                "答复后20日内",
            ),
            Row(
                15,
                None,
                "申请较为集中的社区医疗信息改为主动公开，社区医院挂牌公告发布后10个工作日内公布服务项目、收费标准和接诊时间。",
                "",
                "区卫生健康委",
                "各街道",
                "公告发布后10个工作日内",
            ),
            Row(
                16,
                "统一答复文书",
                "使用全区统一的答复文书模板，模板使用率达到100%，不予公开和部分公开的答复书发出前经法律顾问审核。",
                "区司法局",
                "区公安分局、区民政局、区人力资源社会保障局、区自然资源规划局、区住房城乡建设局、区城管局、区卫生健康委、区市场监管局、各街道",
                "",
                "9月底前",
            ),
            Row(
                17,
                "复议诉讼案件复盘",
                "复议决定、判决生效后10个工作日内报区司法局备案；区司法局每季度末月20日前通报一次案件情况和共性问题。",
                "区司法局",
                "区自然资源规划局、区住房城乡建设局、区城管局、区市场监管局",
                "区政府办公室",
                "每季度末月20日前",
            ),
            Row(
                18,
                "方便群众申请",
                "在便民服务中心设立申请受理点，每个镇街不少于1处，配备样表和代填服务，地址和电话在区政府网站公布。",
                "区政务服务中心",
                "各镇街",
                "",
                "8月31日前",
            ),
        ),
    ),
    Part(
        "公开平台更好用",
        (
            (
                "网站和新媒体不空不旧。",
                "栏目有人管、账号有人审，错别字、失效链接和长期不更新的栏目发现一处改一处。",
            ),
            (
                "线下也能找得到。",
                "政务公开专区、社区（村）公示栏与网站内容一致，老年人和不上网的群众在家门口就能查到。",
            ),
            (
                "企业单位同样要公开。",
                "供水、公交、医院、学校等与群众生活密切相关的单位，把价格、服务和变动情况讲在前面。",
            ),
        ),
        (
            Row(
                19,
                "网站栏目维护",
                "每月22日前对区政府网站栏目自查一次，空白栏目和超期未更新栏目列出清单，发现问题后5个工作日内整改。",
                "区数据局",
                "区融媒体中心",
                "",
                "每月22日前",
            ),
            Row(
                20,
                "政务新媒体管理",
                "建立政务新媒体账号清单，每周至少更新1次，连续停更的账号限期整改或者注销。",
                "区委宣传部",
                "区融媒体中心、各镇街",
                "区数据局",
                "9月30日前",
            ),
            Row(
                21,
                "政务公开专区建设",
                "各镇街建成政务公开专区不少于1个，提供信息查阅、申请指导、政策咨询和打印服务，每周开放时间不少于35小时。",
                "区政务服务中心",
                "各镇街",
                "区档案馆",
                "10月31日前",
            ),
            Row(
                22,
                "政策文件库建设",
                "区政府和区政府办公室文件印发后7个工作日内收入政策文件库，入库率达到100%，支持按主题、文号和有效性查找。",
                "区政府办公室",
                "区司法局、区数据局",
                "",
                "文件印发后7个工作日内",
            ),
            Row(
                23,
                "村（社区）公开栏更新",
                "村（社区）公开栏每季度末月20日前更新一次，低保、救助、集体收支等内容与网上公开一致。",
                "区民政局、区农业农村局",
                "各镇",
                "各街道",
                "每季度末月20日前",
            ),
            Row(
                24,
                "网站适老化和无障碍改造",
                "完成区政府网站长者版和卫生健康公开专区无障碍改造，通过键盘操作和读屏测试。",
                "区数据局",
                "区融媒体中心",
                "区卫生健康委、区民政局",
                "7月31日前",
            ),
            Row(
                25,
                "公共企事业单位信息公开",
                "公布供水、公交、学校、医院信息公开清单，写明服务项目、收费标准、办理流程和投诉电话；停水、停运计划确定后24小时内公布。",
                "区政府办公室",
                "区水务局、区交通运输局、区教育局、区卫生健康委",
                "云溪水务集团、云溪公交公司",
                "9月30日前",
            ),
            Row(
                26,
                "公共数据开放",
                "新增开放数据集不少于20个，优先开放停车位、公厕、便民服务点、公交时刻等群众常用数据，并标明更新周期。",
                "区数据局",
                "区统计局、区城管局、区交通运输局、区市场监管局",
                "",
                "11月30日前",
            ),
            Row(
                27,
                "政府开放日",
                "各单位年内至少举办1次政府开放日活动，提前7日公布时间和报名方式，活动中收集的意见在活动结束后10个工作日内公开答复。",
                "",
                ALL,
                "区融媒体中心",
                "年底前",
            ),
        ),
    ),
    Part(
        "基础工作做得实",
        (
            (
                "任务到人，进度上墙。",
                "各单位把涉及本单位的任务逐项分到科室和个人，进度在平台上如实填报，随台账向社会公布。",
            ),
            (
                "有人办，有钱办，会办。",
                "主要负责人定期听取汇报，经费列入预算，工作人员先培训后上岗。",
            ),
            (
                "说到的要回头看。",
                "对上年没有完成的任务逐项核查，能改的马上改，一时改不了的说明原因、定下时间。",
            ),
        ),
        (
            Row(
                28,
                "制定本单位工作方案",
                "本要点印发后30日内制定本单位工作方案，细化任务、明确责任科室和时间节点，在区政府网站公布。",
                "区政府办公室",
                ALL,
                "",
                "本要点印发后30日内",
            ),
            Row(
                29,
                "建立任务台账",
                "建立2026年政务公开重点任务台账，逐项跟踪、按月更新，办理进度向社会公布。",
                "区政府办公室",
                "区数据局",
                "",
                "4月30日前",
            ),
            Row(
                30,
                "开展“回头看”",
                "对2025年政务公开工作要点落实情况开展“回头看”，对有明确责任单位和时限的任务逐项核查，没有完成的列出清单，限期整改。",
                None,
                "区民政局、区住房城乡建设局、区城管局、望江镇、麦渚镇",
                "",
                "5月31日前",
            ),
            Row(
                31,
                "发挥领导小组作用",
                "区政务公开领导小组每半年至少召开1次会议，研究解决跨部门的难点问题，会议议定事项列入台账。",
                "区政府办公室",
                "区委宣传部、区司法局、区财政局、区数据局",
                "",
                "每半年",
            ),
            Row(
                32,
                "主要负责人听取汇报",
                "各单位主要负责人每年至少听取1次政务公开工作汇报，研究解决突出问题，听取时间、内容和议定事项录入平台。",
                "",
                ALL,
                "",
                "年底前",
            ),
            Row(
                33,
                "落实工作经费",
                "将政务公开工作经费列入下一年度部门预算，保障政策解读、专区运行、开放日和业务培训。",
                "区财政局",
                "各镇街",
                "",
                "11月30日前",
            ),
            Row(
                34,
                "明确机构和人员",
                "明确分管负责人、承办科室和信息公开员，名单和办公电话在公开指南中公布；人员变动后5个工作日内更新。",
                "区政府办公室",
                "各镇街、园区",
                "区委编办",
                "4月30日前",
            ),
            Row(
                35,
                "纳入干部培训课程",
                "将政务公开列入新任科级干部任职培训和公务员初任培训课程，课时不少于4学时。",
                "区人力资源社会保障局",
                "区委党校",
                "",
                "12月31日前",
            ),
            Row(
                36,
                "组织业务培训",
                "年内至少举办1次全区政务公开业务培训，各单位分管负责人和信息公开员参训率达到100%，培训结束后5个工作日内上传培训记录。",
                "区政府办公室",
                ALL,
                "区委党校",
                "10月31日前",
            ),
            Row(
                37,
                "检查通报和整改",
                "每季度末月20日前通报一次检查情况，被通报单位在通报印发后15个工作日内完成整改并反馈。",
                "区政府办公室",
                "区数据局、区政务服务中心",
                "",
                "每季度末月20日前",
            ),
            Row(
                38,
                "公布落实情况",
                "将本要点落实情况写入2026年政府信息公开工作年度报告并公布，没有完成的任务如实说明原因。",
                "区政府办公室",
                ALL,
                "",
                "2027年1月31日前",
            ),
        ),
    ),
)


def rows() -> list[Row]:
    """All rows of the breakdown table in order."""
    return [row for part in PARTS for row in part.rows]


def build_docx(path: Path, moved: Callable[[str], str] = str) -> Path:
    """Write the notice to `path` as Word and return it; heading numbers are automatic, repeated cells are merged.

    `moved` changes each piece of text on its way, so that the story can play in another year.
    """
    import docx
    from docx.enum.section import WD_ORIENT, WD_SECTION
    from docx.oxml.ns import qn
    from docx.shared import Cm

    document = docx.Document()
    _styles(document)
    _numbering(document)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin, section.bottom_margin = Cm(3.7), Cm(3.5)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)
    _front(document)
    for part in PARTS:
        document.add_heading(part.heading, level=1)
        for heading, text in part.prose:
            # A run-in heading: the automatic number belongs to the paragraph, the words after it are body text.
            paragraph = document.add_paragraph(style="Heading 2")
            paragraph.add_run(heading)
            run = paragraph.add_run(text)
            run.font.bold = False
            _font(run, "仿宋")
    document.add_paragraph(f"附件：{ANNEX_TITLE}")
    annex = document.add_section(WD_SECTION.NEW_PAGE)
    annex.orientation = WD_ORIENT.LANDSCAPE
    annex.page_width, annex.page_height = Cm(29.7), Cm(21)
    document.add_paragraph("附件")
    document.add_paragraph(ANNEX_TITLE, style="Title")
    _table(document)
    for piece in document.element.body.iter(qn("w:t")):
        piece.text = moved(piece.text or "")
    document.core_properties.title = moved(TITLE)
    document.core_properties.author = ISSUER
    path.parent.mkdir(parents=True, exist_ok=True)
    document.save(str(path))
    return path


def _front(document: Document) -> None:
    """Head, title, document number, cover letter, and the opening of the points themselves."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    def centred(text: str, style: str | None = None) -> None:
        document.add_paragraph(text, style=style).alignment = WD_ALIGN_PARAGRAPH.CENTER

    def right(text: str) -> None:
        document.add_paragraph(text).alignment = WD_ALIGN_PARAGRAPH.RIGHT

    centred(TITLE, "Title")
    centred(DOC_NUMBER)
    document.add_paragraph(RECIPIENTS).paragraph_format.first_line_indent = 0
    document.add_paragraph(COVER)
    right(ISSUER)
    right("2026年3月30日")
    document.add_paragraph(DISCLOSURE)
    centred(NOTICE_NAME, "Title")
    document.add_paragraph(PREAMBLE)


def _font(target: object, east_asian: str) -> None:
    """Set the Chinese font of a run or style; Word keeps it apart from the Latin one."""
    from docx.oxml.ns import qn

    target.font.name = "Times New Roman"  # type: ignore[attr-defined]
    target.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), east_asian)  # type: ignore[attr-defined]


def _styles(document: Document) -> None:
    """Faces and sizes as official documents have them: 小标宋 title, 黑体 and 楷体 headings, 仿宋 body."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt, RGBColor

    sizes = {
        "Normal": ("仿宋", 16),
        "Title": ("小标宋", 22),
        "Heading 1": ("黑体", 16),
        "Heading 2": ("楷体", 16),
    }
    for name, (face, size) in sizes.items():
        style = document.styles[name]
        _font(style, face)
        style.font.size = Pt(size)
        style.font.color.rgb = RGBColor(0, 0, 0)
        style.font.bold = False
    normal = document.styles["Normal"].paragraph_format
    normal.first_line_indent = Pt(32)
    normal.line_spacing = Pt(28)
    title = document.styles["Title"].paragraph_format
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.first_line_indent = 0


def _numbering(document: Document) -> None:
    """Bind 一、 to Heading 1 and （一） to Heading 2, so that no number stands in the text itself."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/>'
        f'<w:pStyle w:val="{style}"/><w:suff w:val="nothing"/><w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>'
        f'<w:pPr><w:ind w:left="0" w:firstLine="640"/></w:pPr></w:lvl>'
        for level, style, text in ((0, "Heading1", "%1、"), (1, "Heading2", "（%2）"))
    )
    numbering = document.part.numbering_part.element
    abstract = parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="90"><w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
    )
    # The schema wants every abstractNum before the first num.
    numbering.insert(0, abstract)
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))
    for level, name in enumerate(("Heading 1", "Heading 2")):
        properties = document.styles[name].element.get_or_add_pPr()
        binding = properties.get_or_add_numPr()
        binding.get_or_add_ilvl().val = level
        binding.get_or_add_numId().val = 90


def _write(cell: _Cell, text: str, bold: bool = False) -> None:
    """Put text in a table cell in the small face of tables."""
    from docx.shared import Pt

    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.first_line_indent = 0
    paragraph.paragraph_format.line_spacing = 1.0
    run = paragraph.add_run(text)
    run.font.size = Pt(10.5)
    run.font.bold = bold
    _font(run, "黑体" if bold else "仿宋")


def _table(document: Document) -> None:
    """The annex: a heading row that repeats on each page, one merged row per part, merged cells downwards."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Cm

    table = document.add_table(rows=1, cols=len(COLUMNS))
    table.style = "Table Grid"
    for cell, name in zip(table.rows[0].cells, COLUMNS, strict=True):
        _write(cell, name, bold=True)
    header = OxmlElement("w:tblHeader")
    header.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(header)
    numerals = "一二三四五六"
    for index, part in enumerate(PARTS):
        band = table.add_row().cells
        _write(band[0].merge(band[-1]), f"{numerals[index]}、{part.heading}", bold=True)
        above: dict[int, _Cell] = {}
        for row in part.rows:
            cells = table.add_row().cells
            values = (str(row.number), row.task, row.requirement, row.lead, row.responsible, row.cooperating, row.due)
            for column, value in enumerate(values):
                if value is None:
                    above[column] = above[column].merge(cells[column])
                    continue
                _write(cells[column], value)
                above[column] = cells[column]
    for column, width in enumerate((1.2, 3.2, 8.6, 2.8, 4.6, 2.6, 2.6)):
        table.columns[column].width = Cm(width)
