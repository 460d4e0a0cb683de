"""`gongkai doctor` where there is no database yet: one cause is named, and what needs its tables is left out."""

from __future__ import annotations

NEED_TABLES = {"存证日志", "人员", "后台工作", "放假安排"}


def errors(report: dict) -> list[dict]:
    return [check for check in report["checks"] if check["state"] == "error"]


def test_before_the_first_migration_one_cause_is_named(make_installation):
    here = make_installation("here", migrate=False)
    report = here.json("doctor", status=1)
    assert [check["name"] for check in errors(report)] == ["数据库"]
    assert "还没有建立" in errors(report)[0]["words"]
    assert "gongkai serve" in errors(report)[0]["words"]
    assert not NEED_TABLES & {check["name"] for check in report["checks"]}
    assert {"数据目录", "访问地址", "PDF"} <= {check["name"] for check in report["checks"]}


def test_keys_that_are_given_already_ask_no_table(make_installation):
    here = make_installation("here", migrate=False)
    here.python("from gongkai.core.privacy import keys; keys.ring()")
    report = here.json("doctor", status=1)
    assert [check["name"] for check in errors(report)] == ["数据库"]


def test_an_unreachable_database_is_named_once(make_installation):
    here = make_installation("here", migrate=False)
    here.environment["GONGKAI_DATABASE_URL"] = "postgres://nobody@127.0.0.1:9/none"
    found = errors(here.json("doctor", status=1))
    assert [check["name"] for check in found if "检查时出错" in check["words"]] == []
    assert "连不上" in found[0]["words"]


def test_with_its_tables_everything_is_checked(make_installation):
    here = make_installation("here")
    assert {check["name"] for check in here.json("doctor")["checks"]} >= NEED_TABLES
