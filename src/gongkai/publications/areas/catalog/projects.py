"""Templates of major projects: one for each stage, kept by different units, joined by the project's code."""

from gongkai.publications.areas.catalog.model import (
    PHASES,
    Chart,
    Field,
    Template,
    choice,
    date,
    link,
    long,
    money,
    number,
    project,
    text,
    unit,
    year,
)

BASIS = "《政府信息公开条例》第二十条第（十）项"
DUTIES = ("003-1", "004-38")


def _stage(code: str, title: str, phase: str, keepers: tuple[str, ...], about: str, *more: Field) -> Template:
    """A stage of a project: what was decided, by which document, on which day."""
    fields = (
        project(),
        text("name", "项目名称", required=True, listed=True),
        choice("item", f"{phase}事项", *_ITEMS[phase]),
        text("document_number", "批文或公告编号", required=True, listed=True),
        date("decided_on", "日期", required=True, listed=True),
        long("content", "主要内容", required=True),
        *more,
        link("document", "批文或公告全文"),
    )
    return Template(
        code=code,
        title=title,
        area="project",
        duties=DUTIES,
        basis=BASIS,
        keepers=keepers,
        about=about,
        months=0,
        fields=fields,
        key=("project", "item", "document_number"),
        heading="name",
        day="decided_on",
        phase="",
    )


_ITEMS = {
    "立项审批": ("项目建议书", "可行性研究报告", "初步设计", "企业投资核准", "企业投资备案"),
    "规划选址": ("用地预审与选址意见书", "建设用地规划许可", "建设工程规划许可"),
    "用地": ("征收土地公告", "农用地转用批复", "供地"),
    "环境影响评价": ("报告书审批", "报告表审批", "登记表备案"),
    "招标投标": ("招标公告", "中标候选人公示", "中标结果", "合同订立", "合同变更"),
    "施工许可": ("施工许可证核发", "施工图审查", "质量安全监督"),
    "竣工验收": ("竣工验收备案", "规划核实", "环保验收", "消防验收"),
    "决算审计": ("竣工财务决算", "决算审计结果"),
}
# Which stage of the life of a project a template tells of.
STAGE_OF = {
    "project-approval": PHASES[0],
    "project-planning": PHASES[1],
    "project-land": PHASES[2],
    "project-environment": PHASES[3],
    "project-tender": PHASES[4],
    "project-construction": PHASES[5],
    "project-progress": PHASES[6],
    "project-completion": PHASES[7],
    "project-accounts": PHASES[8],
}
MAIN = "major-projects"

TEMPLATES = (
    Template(
        code=MAIN,
        title="重大建设项目清单",
        area="project",
        duties=(*DUTIES, "000-1c"),
        basis=BASIS,
        keepers=("发改", "发展和改革"),
        about="列入年度计划的重大建设项目。点开项目可以看到各部门从批准到竣工的全过程信息。",
        months=3,
        fields=(
            year("year", "列入年度"),
            project(),
            text("name", "项目名称", required=True, listed=True),
            unit("body", "项目法人或牵头单位", required=True, listed=True),
            choice("kind", "领域", "交通", "水利", "能源", "市政", "产业", "社会事业", "生态环保"),
            text("place", "建设地点", required=True),
            long("size", "建设规模和内容", required=True),
            money("investment", "总投资", required=True, listed=True),
            choice("source", "资金来源", "政府投资", "企业投资", "混合"),
            text("period", "建设年限", required=True),
        ),
        key=("project",),
        heading="name",
        year="year",
        amount="investment",
        charts=(Chart("各年度重大项目总投资", "year", summed=True, split="source"),),
    ),
    _stage("project-approval", "项目立项审批", PHASES[0], ("发改", "发展和改革", "审批"), "项目审批、核准、备案结果。"),
    _stage("project-planning", "项目规划选址", PHASES[1], ("自然资源", "规划"), "用地预审、选址和规划许可。"),
    _stage(
        "project-land",
        "项目用地",
        PHASES[2],
        ("自然资源",),
        "征收土地、农用地转用和供地。",
        number("size", "面积", "公顷", listed=True),
    ),
    _stage("project-environment", "项目环评审批", PHASES[3], ("生态环境",), "环境影响评价的受理和审批结果。"),
    _stage(
        "project-tender",
        "项目招标投标",
        PHASES[4],
        ("公共资源", "住房", "交通", "水利"),
        "招标、中标和合同信息。",
        text("winner", "中标人", listed=True),
        money("price", "中标金额", listed=True),
    ),
    _stage("project-construction", "项目施工许可", PHASES[5], ("住房", "审批"), "施工许可和施工有关审批。"),
    Template(
        code="project-progress",
        title="项目建设进展",
        area="project",
        duties=DUTIES,
        basis=BASIS,
        keepers=("教育", "水务", "住房", "交通", "各单位"),
        about="项目进度、投资完成和存在问题，由项目单位按季度报送。",
        months=3,
        fields=(
            project(),
            text("name", "项目名称", required=True, listed=True),
            text("period", "期次", required=True, listed=True, help="例如：2026年第三季度。"),
            date("reported_on", "截至日期", required=True, listed=True),
            number("percent", "形象进度", "%", required=True, listed=True),
            money("invested", "累计完成投资", required=True, listed=True),
            long("content", "进展情况", required=True),
            long("problems", "存在问题和措施"),
        ),
        key=("project", "period"),
        heading="name",
        day="reported_on",
    ),
    _stage("project-completion", "项目竣工验收", PHASES[7], ("住房", "各单位"), "竣工验收和专项验收。"),
    _stage(
        "project-accounts",
        "项目决算",
        PHASES[8],
        ("财政", "审计"),
        "竣工财务决算和决算审计。",
        money("total", "决算金额", listed=True),
    ),
)
