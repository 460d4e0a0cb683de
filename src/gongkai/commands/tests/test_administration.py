"""Users, units, doctor and the small checks, as an administrator types them."""

from __future__ import annotations

import json

UNIT = """
from gongkai.core.models import Unit
Unit.objects.create(code="yx-bgs", name="云溪区人民政府办公室", short_name="区政府办公室")
"""


def test_a_person_from_first_to_last(make_installation):
    here = make_installation("here")
    here.python(UNIT)
    weak = here.run(
        "users", "add", "ligang", "--unit", "yx-bgs", "--role", "office", "--stdin", stdin="123\n", status=1
    )
    assert "至少10个字符" in weak.stderr
    added = here.json(
        "users",
        "add",
        "gongkai",
        "--unit",
        "yx-bgs",
        "--role",
        "office",
        "--post",
        "公开科",
        "--stdin",
        stdin="云溪-Lan-2026\n",
    )
    assert added["roles"][0]["label"] == "政务公开主管"
    assert (
        "已经有了"
        in here.run("users", "add", "gongkai", "--unit", "yx-bgs", "--role", "office", "--generate", status=1).stderr
    )
    assert (
        "没有编码为" in here.run("users", "add", "x", "--unit", "no", "--role", "office", "--generate", status=1).stderr
    )
    here.run("users", "role", "gongkai", "--unit", "yx-bgs", "--add", "reviewer", "--remove", "office")
    assert [role["role"] for role in here.json("users", "list")[0]["roles"]] == ["reviewer"]
    assert here.json("users", "password", "gongkai", "--generate")["password"]
    assert "区政府办公室" in here.run("users", "list", "--unit", "yx-bgs").stdout
    assert here.json("audit", "verify") == {"ok": True, "events": 3, "links": 3, "fault": ""}


def test_the_three_administrators_are_three_people(make_installation):
    here = make_installation("here")
    here.python(UNIT)
    both = ("--role", "system_admin", "--role", "audit_admin")
    refused = here.run("users", "add", "guanli", "--unit", "yx-bgs", *both, "--generate", status=1)
    assert "三员分立" in refused.stderr
    here.run("users", "add", "guanli", "--unit", "yx-bgs", "--role", "system_admin", "--generate")
    here.run("users", "role", "guanli", "--unit", "yx-bgs", "--add", "security_admin", status=1)


def test_a_changed_event_is_found(make_installation):
    here = make_installation("here")
    here.python("from gongkai.core import audit\nfor n in range(5): audit.note('t.n', '记录', None, summary=str(n))")
    here.run("audit", "verify")
    here.python("from gongkai.core.models import Event\nEvent.objects.filter(summary='3').update(summary='4')")
    assert "被改过" in here.json("audit", "verify", status=1)["fault"]


def test_units_out_and_in_again(make_installation, tmp_path):
    here, there = make_installation("here"), make_installation("there")
    here.python(UNIT)
    here.run("units", "export", tmp_path / "units.xlsx")
    assert there.json("units", "import", tmp_path / "units.xlsx", "--dry-run")["created"] == 1
    assert there.json("units", "import", tmp_path / "units.xlsx")["created"] == 1
    assert there.json("units", "import", tmp_path / "units.xlsx")["unchanged"] == 1
    assert "没有找到文件" in there.run("units", "import", tmp_path / "none.xlsx", status=1).stderr


def test_a_place_that_cannot_be_written_is_told_in_words(make_installation, tmp_path):
    here = make_installation("here")
    for command in (("units", "template"), ("units", "export"), ("backup",)):
        refused = here.run(*command, tmp_path / "none" / "file.tar.gz", status=1)
        assert "Traceback" not in refused.stderr
        assert "没有" in refused.stderr
        refused = here.run(*command, tmp_path, status=1)
        assert "Traceback" not in refused.stderr
    assert here.json("units", "export", tmp_path / "none" / "units.xlsx", status=1)["ok"] is False


def test_doctor_says_what_to_do(make_installation):
    here = make_installation("here", migrate=False)
    before = here.json("doctor", status=1)
    database = next(check for check in before["checks"] if check["name"] == "数据库")
    assert (database["state"], database["mend"]) == ("error", "请运行：gongkai migrate")
    here.run("migrate")
    after = {check["name"]: check for check in here.json("doctor")["checks"]}
    assert after["数据库"]["state"] == "ok"
    assert all(check["mend"] for check in after.values() if check["state"] != "ok")
    here.environment |= {"GONGKAI_ALLOWED_HOSTS": "*", "GONGKAI_DEBUG": "1", "GONGKAI_CLAMAV_SOCKET": "127.0.0.1:9"}
    wrong = {check["name"] for check in here.json("doctor", status=1)["checks"] if check["state"] == "error"}
    assert {"访问地址", "运行方式", "病毒检查"} <= wrong
    here.environment |= {"GONGKAI_SECRET_KEY": "short"}
    assert "太短" in here.run("doctor", status=1, from_nothing=True).stdout


def test_an_unreachable_database_is_told_in_words(make_installation):
    here = make_installation("here", migrate=False)
    here.environment["GONGKAI_DATABASE_URL"] = "postgres://nobody@127.0.0.1:9/none"
    for arguments in (["migrate"], ["users", "list"], ["serve", "--bind", "127.0.0.1:0"]):
        failed = here.run(*arguments, status=1)
        assert "连不上数据库" in failed.stderr
        assert "Traceback" not in failed.stderr
    assert json.loads(here.run("doctor", "--json", status=1).stdout)["ok"] is False


def test_a_command_leaves_the_database_in_one_file_and_says_nothing_of_its_end(make_installation):
    here = make_installation("here")
    here.python(UNIT)
    added = here.run("users", "add", "gongkai", "--unit", "yx-bgs", "--role", "office", "--generate", from_nothing=True)
    assert added.stderr == ""
    assert [path.name for path in here.folder.glob("*.sqlite3-*")] == []
    here.environment |= {"GONGKAI_SECRET_KEY": "short"}
    assert "Traceback" not in here.run("users", "list", status=1, from_nothing=True).stderr


def test_the_calendar_of_next_year(make_installation, tmp_path):
    here = make_installation("here")
    source = tmp_path / "2027.json"
    source.write_text('{"2027": {"off": ["01-01/01-03"], "work": []}}', encoding="utf-8")
    assert "没有导入" in here.run("calendar", "import", source, "--document", "试〔2026〕1号", status=1).stderr
    assert "读不了文件" in here.run("calendar", "import", tmp_path / "none", "--document", "x", status=1).stderr


def test_counters_agree_in_a_fresh_database(make_installation):
    assert make_installation("here").json("counters", "verify") == {"ok": True, "problems": [], "repaired": False}


def test_counters_behind_facets_are_verified_and_repaired_too(make_installation):
    here = make_installation("here")
    here.python(
        "from gongkai.publications.readers.models import FacetCount\n"
        "FacetCount.objects.create(pk='all|*|*|*|*|*', number=3)"
    )
    found = here.json("counters", "verify", status=1)
    assert len(found["problems"]) == 1
    assert "计数为3，实际为0" in found["problems"][0]
    assert here.json("counters", "verify", "--repair")["repaired"] is True
    assert here.json("counters", "verify")["ok"] is True


def test_the_fonts_of_masking_and_letters_are_looked_for(monkeypatch, tmp_path):
    from gongkai.commands import doctor
    from gongkai.requests.masking import sheets

    class Listed:
        stdout = "Noto Sans CJK SC\n"
        returncode = 0

    monkeypatch.setattr(doctor.shutil, "which", lambda name: "/usr/bin/" + name)
    monkeypatch.setattr(doctor.subprocess, "run", lambda *_, **__: Listed())
    latin = tmp_path / "latin.ttf"
    latin.write_bytes(b"no font")

    def says(font):
        chosen = lambda: font  # noqa: E731
        chosen.cache_clear = lambda: None
        monkeypatch.setattr(sheets, "label_font", chosen)
        return doctor.fonts()

    for font in (None, (str(latin), 0), (str(tmp_path / "gone.ttf"), 0)):
        found = says(font)
        assert (found.state, "遮盖框" in found.words) == ("warning", True)
        assert "fonts-noto-cjk" in found.mend
    monkeypatch.setattr(doctor, "_writes_chinese", lambda font: True)
    assert says(("a.ttc", 2)).state == "ok"
