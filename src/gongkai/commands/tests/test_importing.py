"""`gongkai import` from a folder of the server."""

from __future__ import annotations

import json

import pytest

from gongkai import cli
from gongkai.commands import importing
from gongkai.core.roles import Role
from gongkai.core.tests.factories import UnitFactory, UserFactory
from gongkai.publications.importing.models import Import, ImportRow
from gongkai.publications.importing.tests.helpers import line, workbook


@pytest.fixture
def ready(db, monkeypatch):
    monkeypatch.setattr(importing, "start_django", lambda: None)
    monkeypatch.setattr(importing, "require_migrated", lambda: None)
    unit = UnitFactory(name="云溪区教育局", short_name="区教育局", code="jiaoyu")
    return UserFactory(username="officer", roles=[(Role.OFFICER, unit)])


def test_a_sheet_with_its_folder_is_looked_through_and_nothing_is_public(ready, tmp_path, capsys):
    sheet = tmp_path / "表.xlsx"
    sheet.write_bytes(workbook([line(1, 附件="计划表.xlsx"), line(2, 附件="没有.xlsx")]))
    folder = tmp_path / "附件"
    folder.mkdir(parents=True)
    (folder / "计划表.xlsx").write_bytes(workbook([{"标题": "第一小学", "文号": "无"}]))
    report = tmp_path / "报告.xlsx"
    arguments = ["import", str(sheet), "--files", str(tmp_path / "附件"), "--system", "旧网站", "--user", "officer"]
    assert cli.main([*arguments, "--report", str(report), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["counts"]["new"] == 1
    assert said["counts"]["refused"] == 1
    assert report.stat().st_size > 1000
    run = Import.objects.get()
    assert run.state == "checked"
    assert ImportRow.objects.get(run=run, ordinal=1).files[0]["name"] == "计划表.xlsx"


def test_what_is_missing_is_said(ready, tmp_path, capsys):
    assert cli.main(["import", str(tmp_path / "没有"), "--system", "旧网站", "--user", "officer"]) == 1
    assert cli.main(["import", str(tmp_path), "--system", "旧网站", "--user", "nobody"]) == 1
    assert cli.main(["import", str(tmp_path), "--system", "旧网站"]) == 1
    said = capsys.readouterr().err
    assert "没有找到" in said
    assert "没有用户 nobody" in said


def test_the_template(ready, tmp_path):
    assert cli.main(["import", "--template", str(tmp_path / "模板.xlsx")]) == 0
    assert (tmp_path / "模板.xlsx").read_bytes()[:2] == b"PK"
