"""The five stages of openness: in the rules of a body, on each document, in figures and on public pages (000-1a)."""

from __future__ import annotations

import pytest

from gongkai.core.acts import ActError, perform
from gongkai.publications.models import Stage
from gongkai.publications.registers.models import DisclosureBody, OpennessRule
from gongkai.publications.registers.tests.conftest import office
from gongkai.publications.tests.helpers import draft, through

pytestmark = pytest.mark.django_db
__all__ = ["office"]


@pytest.fixture
def body(office):
    event = perform("disclosure-body.propose", None, office.supervisor, {"units": [office.unit.pk], "basis": "条例"})
    perform("disclosure-body.confirm", event.case, office.supervisor, {})
    return DisclosureBody.objects.get(pk=event.case.pk)


@pytest.mark.duty("000-1a")
def test_each_of_the_three_rules_is_named_with_the_stages_it_speaks_of(office, body, client):
    rule = through(draft(office, title="云溪区教育局公文办理规则", document_number="云教发〔2026〕31号"), office)
    with pytest.raises(ActError, match="没有找到已公开的"):
        perform("disclosure-body.name_rule", body, office.officer, _rule("process", "没有的规则", Stage.values))
    perform("disclosure-body.name_rule", body, office.officer, _rule("process", "云教发〔2026〕31号", Stage.values))
    perform(
        "disclosure-body.name_rule", body, office.officer, _rule("participation", rule.title, ["decision", "result"])
    )
    found = OpennessRule.objects.get(body=body, sort="participation")
    assert found.missing == ["执行", "管理", "服务"]
    client.force_login(office.officer)
    page = client.get(body.get_absolute_url()).content.decode()
    assert "五个环节都写明" in page
    assert "没有写明执行、管理、服务公开" in page
    assert "还没有登记" in page
    line = client.get("/workbench/registers/stages/").content.decode()
    assert "缺：公众参与规则、重大决策预公开规则" in line
    client.logout()
    assert "办文办会规则" in client.get("/bodies/jiaoyu/").content.decode()


def _rule(sort, document, stages):
    return {"sort": sort, "document": document, "stages": list(stages)}


@pytest.mark.duty("000-1a")
def test_every_document_says_its_stage_and_is_found_under_it(office, body, client):
    cases = {
        code: through(
            draft(office, title=f"关于{label}情况的公告", document_number=f"云教发〔2026〕{number}号", stage=code),
            office,
        )
        for number, (code, label) in enumerate(Stage.choices, 41)
    }
    through(draft(office, title="没有标环节的公告", document_number="云教发〔2026〕60号"), office)
    assert "五公开环节" in client.get(cases["result"].public_address).content.decode()
    page = client.get("/information/stages/").content.decode()
    for label in Stage.labels:
        assert f"{label}公开" in page
        assert f"关于{label}情况的公告" in page
    assert "没有标环节的公告" not in page
    one = client.get("/information/stages/result/?unit=jiaoyu&year=2026").content.decode()
    assert "关于结果情况的公告" in one
    assert "关于决策情况的公告" not in one
    assert client.get("/information/stages/nothing/").status_code == 404
    client.force_login(office.officer)
    table = client.get("/workbench/registers/stages/?year=2026").content.decode()
    assert table.count("/information/stages/") == 5
    assert client.get("/workbench/registers/stages/?export=xlsx").status_code == 200


def test_a_withdrawn_document_leaves_its_stage_and_its_place_as_rule(office, body, client):
    case = through(draft(office, stage="service", document_number="云教发〔2026〕71号"), office)
    perform("disclosure-body.name_rule", body, office.officer, _rule("process", case.title, Stage.values))
    assert case.title in client.get("/information/stages/").content.decode()
    perform("publication.withdraw", case, office.officer, {"reason": "有误。"})
    assert case.title not in client.get("/information/stages/").content.decode()
    assert case.title not in client.get("/information/stages/service/").content.decode()
    assert "办文办会规则" not in client.get("/bodies/jiaoyu/").content.decode()
