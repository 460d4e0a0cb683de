"""The catalog of key areas: which templates are shipped, grouped by area."""

from __future__ import annotations

from gongkai.publications.areas.catalog import economy, market, money, people, projects, resources
from gongkai.publications.areas.catalog.model import Chart, Field, Shown, Template, Type

AREAS: dict[str, str] = {
    "plan": "规划计划",
    "finance": "财政预算决算",
    "debt": "政府债务",
    "audit": "审计",
    "project": "重大建设项目",
    "resource": "公共资源配置",
    "welfare": "社会公益事业",
    "livelihood": "民生实事",
    "education": "教育",
    "employment": "就业创业",
    "health": "医疗卫生",
    "care": "社会救助和养老",
    "housing": "住房保障",
    "land": "土地和自然资源",
    "farm": "惠农补贴",
    "service": "公共服务",
    "power": "行政权力",
    "licence": "行政许可和审批改革",
    "credit": "信用信息公示",
    "inspection": "市场监管",
    "safety": "安全生产",
    "environment": "生态环境",
    "economy": "产业和经济",
    "reform": "改革进展",
    "firm": "国有企业",
    "proposals": "建议提案办理",
    "other": "其他",
}

TEMPLATES: dict[str, Template] = {
    template.code: template
    for room in (money, projects, resources, people, market, economy)
    for template in room.TEMPLATES
}
PROJECT_STAGES = projects.STAGE_OF
PROJECT_MAIN = projects.MAIN


def duties() -> set[str]:
    """The rows of the requirements that templates serve."""
    return {duty for template in TEMPLATES.values() for duty in template.duties}


__all__ = [
    "AREAS",
    "PROJECT_MAIN",
    "PROJECT_STAGES",
    "TEMPLATES",
    "Chart",
    "Field",
    "Shown",
    "Template",
    "Type",
    "duties",
]
