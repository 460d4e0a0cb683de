"""The complete file: everything in it, every digest true, opened only by whom it concerns, and each look recorded."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from django.urls import reverse
from pypdf import PdfReader

from gongkai import cli
from gongkai.core.privacy.models import PersonalAccess
from gongkai.requests import archive, packages
from gongkai.requests.tests import reply_helpers as helpers
from gongkai.requests.tests.helpers import ADDRESS, NAME, NUMBER, PNG, act, upload
from gongkai.requests.tests.reply_helpers import opened


@pytest.fixture
def closed(place):
    """An archived request with a letter, an opinion, a search record and proof of delivery."""
    case = opened(place)
    helpers.prepare(place, case, "D4")
    helpers.prepare(place, case, "U1-a")
    case = helpers.draft(place, case, "D4")
    case = helpers.reviewed(place, helpers.submit(place, case))
    case = act(
        "deliver", case, place.handler, "2026-06-12", way="pickup", sent_on="2026-06-12",
        files={"proof": [upload("签收页.png", PNG)]},
    )  # fmt: skip
    return act("archive", case, place.handler, "2026-06-15")


@pytest.mark.duty("002-22b", "003-29a", "004-7", "004-8a", "004-8c")
def test_the_file_is_complete_as_one_pdf(closed):
    reader = PdfReader(io.BytesIO(archive.pdf(closed)))
    text = "".join(page.extract_text() or "" for page in reader.pages).replace("\n", "").replace(" ", "")
    for words in (
        closed.number, NAME, NUMBER, "申请表", "征求意见记录", "云溪宏远建材行", "检索记录", "档案室", "送达记录", "办理时间线",
        "时限推算：答复申请人", "审核记录", "云公复〔2026〕1号", "当面领取",
    ):  # fmt: skip
        assert words in text, words
    titles = [str(item["/Title"]) for item in reader.outline]
    assert titles[0] == "案卷"
    assert any("签收页" in title for title in titles)


@pytest.mark.duty("004-8a")
def test_the_package_holds_every_file_with_a_true_digest(closed, tmp_path, capsys):
    data = archive.package(closed)
    manifest, wrong = packages.check(data)
    assert wrong == []
    assert manifest["number"] == closed.number
    names = [item["path"] for item in manifest["files"]]
    assert "案卷.pdf" in names
    assert any(name.startswith("文书/") and "答复书" in name for name in names)
    assert any(name.endswith("签收页.png") for name in names)
    records = json.loads(zipfile.ZipFile(io.BytesIO(data)).read("记录.json"))
    assert records["applicant"]["address"] == ADDRESS
    assert [event["sequence"] for event in records["events"]] == list(range(1, closed.event_count + 1))
    path = tmp_path / "file.zip"
    path.write_bytes(data)
    assert cli.main(["casefile", str(path)]) == 0
    assert "完整" in capsys.readouterr().out


def _changed(data: bytes, change) -> bytes:
    source = zipfile.ZipFile(io.BytesIO(data))
    files = change({name: source.read(name) for name in source.namelist()})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name, content in files.items():
            target.writestr(name, content)
    return out.getvalue()


def test_every_change_of_a_package_is_found(tmp_path, capsys):
    data = packages.pack({"a/1.txt": "甲".encode(), "b.txt": "乙".encode()}, {"number": "SQ-2026-0001"})
    assert data == packages.pack({"a/1.txt": "甲".encode(), "b.txt": "乙".encode()}, {"number": "SQ-2026-0001"})
    assert packages.check(data)[1] == []
    changed = _changed(data, lambda files: {**files, "b.txt": "丙".encode()})
    assert packages.check(changed)[1] == ["内容与摘要不符：b.txt"]
    more = _changed(data, lambda files: {**files, "c.txt": b""})
    assert packages.check(more)[1] == ["清单之外的文件：c.txt"]
    less = _changed(data, lambda files: {name: files[name] for name in files if name != "a/1.txt"})
    assert packages.check(less)[1] == ["缺少文件：a/1.txt"]
    for broken in (b"", b"PK", data[:40], _changed(data, lambda files: {**files, "manifest.json": b"[]"})):
        with pytest.raises(ValueError, match="不是案卷包"):
            packages.check(broken)
    path = tmp_path / "x.zip"
    path.write_bytes(changed)
    assert cli.main(["casefile", str(path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["differences"] == ["内容与摘要不符：b.txt"]
    assert cli.main(["casefile", str(tmp_path / "none.zip")]) == 1


def test_who_opens_the_file_gives_a_reason_and_is_recorded(place, closed, client):
    url = reverse("requests:file", args=[closed.pk])
    client.force_login(place.handler)
    assert client.get(url).status_code == 200
    assert client.post(url, {"zip": "1", "reason": " "}).status_code == 422
    assert not PersonalAccess.objects.filter(case=closed.pk).exists()
    response = client.post(url, {"zip": "1", "reason": "移交档案室"})
    assert response.status_code == 200
    assert packages.check(response.content)[1] == []
    look = PersonalAccess.objects.get(case=closed.pk)
    assert (look.user, look.reason, look.labels) == (place.handler, "移交档案室", ["整卷"])
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("officer", 200), ("leader", 200), ("supervisor", 200), ("reviewer", 403), ("secrecy", 403), ("neighbour", 404),
        ("auditor", 403), ("admin", 404),
    ],
)  # fmt: skip
def test_only_whom_it_concerns(place, closed, client, who, status):
    client.force_login(getattr(place, who))
    assert client.get(reverse("requests:file", args=[closed.pk])).status_code == status
