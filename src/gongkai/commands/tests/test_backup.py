"""A backup taken while others write restores to the same thing elsewhere; damaged ones are refused."""

from __future__ import annotations

import io
import json
import tarfile
import time

FILL = """
import os
from gongkai.core import attachments, audit
from gongkai.core.models import Unit
Unit.objects.create(code="yx-bgs", name="云溪区人民政府办公室", short_name="区政府办公室")
for number in range(40):
    audit.note("test.note", "记录", None, summary=f"第{number}条")
    attachments.keep(f"附件{number}".encode() * 500)
"""
WRITE_ON = """
from gongkai.core import attachments, audit
print("writing", flush=True)
number = 0
while True:
    number += 1
    attachments.keep(f"又一个附件{number}".encode() * 200)
    audit.note("test.note", "记录", None, summary=f"备份期间第{number}条")
"""
COUNT = """
from gongkai.core.models import Event, Unit
print(Unit.objects.count(), Event.objects.count())
"""


def test_backup_while_others_write_restores_equal_elsewhere(make_installation, tmp_path):
    here, there = make_installation("here"), make_installation("there", migrate=False)
    here.python(FILL)
    writer = here.start(WRITE_ON)
    try:
        assert writer.stdout.readline().strip() == "writing"
        time.sleep(0.3)
        report = here.json("backup", tmp_path / "backup.tar.gz")
    finally:
        writer.kill()
        writer.wait()
    assert report["files"] >= 40
    restored = there.json("restore", tmp_path / "backup.tar.gz")
    assert (restored["rows"], restored["files"]) == (report["rows"], report["files"])
    units, events = map(int, there.python(COUNT).split())
    assert units == 1
    assert events > 40
    assert there.json("audit", "verify")["events"] == events
    there.run("migrate", "--check")
    kept = {path.name for path in (there.folder / "files").glob("??/??/*")}
    assert len(kept) == report["files"]


def test_restore_keeps_its_hands_off_data(make_installation, tmp_path):
    here = make_installation("here")
    here.python(FILL)
    here.run("backup", tmp_path / "backup.tar.gz")
    here.python("from gongkai.core import audit\naudit.note('test.note', '记录', None)")
    refused = here.run("restore", tmp_path / "backup.tar.gz", status=1)
    assert "已经有数据" in refused.stderr
    assert here.python(COUNT).split() == ["1", "41"]
    kept = "from gongkai.core.pages.store import store\n"
    keep = "store().keep('a.html', b'<p></p>', ['unit:1'], epoch=store().epoch(), started=time.time())"
    here.python(f"import time\n{kept}{keep}")
    assert here.python(kept + "print(store().status().pages)").strip() == "1"
    replaced = here.json("restore", tmp_path / "backup.tar.gz", "--replace")
    # Readers get no page of what stood here before.
    assert here.python(kept + "print(store().status().pages)").strip() == "0"
    assert here.python(COUNT).split() == ["1", "40"]
    assert replaced["moved_aside"]


def _rewritten(source, target, change):
    """A copy of an archive with its members changed by `change(name, data)`; None drops one."""
    with tarfile.open(source) as old, tarfile.open(target, "w:gz") as new:
        for member in old:
            data = change(member.name, old.extractfile(member).read())
            if data is not None:
                member.size = len(data)
                new.addfile(member, io.BytesIO(data))
    return target


def test_damaged_backups_are_refused_and_leave_nothing(make_installation, tmp_path):
    here, there = make_installation("here"), make_installation("there", migrate=False)
    here.python(FILL)
    good = tmp_path / "backup.tar.gz"
    here.run("backup", good)
    assert not list(tmp_path.glob("gongkai-backup-*")), "the working folder of the backup is gone"

    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes(good.read_bytes()[:-2000])
    changed_file = _rewritten(good, tmp_path / "file.tar.gz", lambda n, d: d + b"x" if n.startswith("files/") else d)
    changed_database = _rewritten(good, tmp_path / "db.tar.gz", lambda n, d: d + b"x" if n.startswith("data") else d)
    without_list = _rewritten(good, tmp_path / "list.tar.gz", lambda n, d: None if n == "manifest.json" else d)

    def newer(name, data):
        if name != "manifest.json":
            return data
        manifest = json.loads(data)
        manifest["migrations"].append("core.9999_from_the_future")
        return json.dumps(manifest).encode()

    from_the_future = _rewritten(good, tmp_path / "future.tar.gz", newer)
    for damaged, words in (
        (cut, "已损坏"),
        (changed_file, "内容变了"),
        (changed_database, "摘要不符"),
        (without_list, "缺少清单"),
        (from_the_future, "更新的版本"),
    ):
        refused = there.run("restore", damaged, status=1)
        assert words in refused.stderr, damaged.name
        assert not (there.folder / "files").exists()
    outside = tmp_path / "outside.tar.gz"
    with tarfile.open(outside, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("../outside"), io.BytesIO(b""))
    assert "不该有的内容" in there.run("restore", outside, status=1).stderr
    told = there.run("restore", good).stdout
    assert "gongkai search rebuild" in told
    assert "gongkai log rebuild" in told
    there.run("search", "rebuild")
    there.run("log", "rebuild")
    there.run("log", "check")
