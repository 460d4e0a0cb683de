"""The keys of personal data on the command line, and what a backup does with sealed files."""

from __future__ import annotations

import tarfile

FILL = """
from gongkai.core import attachments
from gongkai.core.privacy import fingerprint
from gongkai.core.models import Attachment
kept = attachments.keep("陆文澜的材料".encode() * 9000, sealed=True)
Attachment.objects.create(name="加密材料.txt", private_name="陆文澜.txt", sealed=True, digest=kept.digest, size=kept.size)
fingerprint("13800138000")
"""
READ = """
from gongkai.core import attachments
from gongkai.core.models import Attachment
file = Attachment.objects.get()
print(file.own_name, len(attachments.load(file.digest)) == file.size)
"""


def test_keys_are_changed_while_data_stays(make_installation):
    here = make_installation("here")
    assert "还没有加密保存过" in here.run("privacy", "status").stdout
    here.python(FILL)
    first = here.json("privacy", "status")
    assert first["used"] == {first["current"]: 3}
    second = here.json("privacy", "new-key")["current"]
    assert here.json("privacy", "status")["used"] == {first["current"]: 3}
    assert here.json("privacy", "rotate") == {"ok": True, "values": 2, "files": 1}
    assert here.json("privacy", "status")["used"] == {second: 3}
    assert here.python(READ).split() == ["陆文澜.txt", "True"]


def test_a_backup_holds_sealed_files_sealed_and_no_key(make_installation, tmp_path):
    here, there = make_installation("here"), make_installation("there", migrate=False)
    here.python(FILL)
    told = here.run("backup", tmp_path / "backup.tar.gz").stdout
    assert "个人信息密钥" in told
    assert "不在备份里" in told
    with tarfile.open(tmp_path / "backup.tar.gz") as archive:
        members = {member.name: archive.extractfile(member).read() for member in archive}
    assert not any("privacy-keys" in name for name in members)
    assert not any("陆文澜".encode() in data for data in members.values())
    # Without the key the data is there and says so; with it, it opens.
    assert "不见了" in there.run("restore", tmp_path / "backup.tar.gz").stdout
    said = {check["name"]: check for check in there.json("doctor", status=1)["checks"]}["个人信息密钥"]
    assert said["state"] == "error"
    assert "从保管处恢复" in said["words"]
    assert there.run("privacy", "status", status=1).stderr
    assert not (there.folder / "privacy-keys").exists(), "no new key in place of the lost one"
    (there.folder / "privacy-keys").write_bytes((here.folder / "privacy-keys").read_bytes())
    (there.folder / "privacy-keys").chmod(0o600)
    assert there.python(READ).split() == ["陆文澜.txt", "True"]
    assert there.json("privacy", "status")["ok"]


def test_a_sealed_file_changed_in_the_backup_is_refused(make_installation, tmp_path):
    from gongkai.commands.tests.test_backup import _rewritten

    here, there = make_installation("here"), make_installation("there", migrate=False)
    here.python(FILL)
    here.run("backup", tmp_path / "good.tar.gz")

    def change(name: str, data: bytes) -> bytes:
        # The other last bit: what is sealed may end in any byte.
        return data[:-1] + bytes([data[-1] ^ 1]) if name.startswith("files/") else data

    bad = _rewritten(tmp_path / "good.tar.gz", tmp_path / "bad.tar.gz", change)
    assert "内容变了" in there.run("restore", bad, status=1).stderr
