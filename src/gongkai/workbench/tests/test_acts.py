"""The act sheet: nothing typed is lost, no file is uploaded twice, a change by somebody else is told."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from gongkai.core.acts import perform
from gongkai.core.models import ActDraft, Attachment, Case

pytestmark = [pytest.mark.django_db, pytest.mark.urls("gongkai.workbench.tests.urls")]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def address(world) -> str:
    case = world.open()
    return reverse("workbench:act", args=[case.pk, "begin"])


def test_page_without_script_and_sheet_with_it(address, sign_in):
    client = sign_in("officer")
    page = client.get(address).content.decode()
    assert "<html" in page
    sheet = client.get(address, headers=HTMX).content.decode()
    assert "<html" not in sheet
    assert 'class="sheet' in sheet
    assert "存草稿" in sheet


def test_done_goes_to_the_case(address, sign_in):
    client = sign_in("officer")
    response = client.post(address, {"words": "开始"})
    case = Case.objects.get()
    assert response["Location"] == case.get_absolute_url()
    assert case.state == "doing"
    assert "已开始办理" in client.get(case.get_absolute_url()).content.decode()


def test_done_in_the_sheet_redirects_the_page(address, sign_in):
    response = sign_in("officer").post(address, {"words": "开始"}, headers=HTMX)
    assert response.status_code == 204
    assert response["HX-Redirect"] == Case.objects.get().get_absolute_url()


def test_errors_keep_what_was_typed_and_what_was_uploaded(address, sign_in, world):
    client = sign_in("officer")
    file = SimpleUploadedFile("清单.txt", "一、二".encode())
    response = client.post(address, {"words": "", "files": file}, headers=HTMX)
    assert response.status_code == 200
    text = response.content.decode()
    assert "有1处需要改正" in text
    kept = Attachment.objects.get()
    assert (kept.draft_of, kept.case) == (world.people["officer"], None)
    assert f'name="kept" value="{kept.pk}"' in text
    assert "清单.txt" in text
    assert "已上传的文件" in text
    # The page opened anew still has it, and sending it takes it over without another upload.
    assert "清单.txt" in client.get(address).content.decode()
    assert client.post(address, {"words": "开始", "kept": [kept.pk]}).status_code == 302
    kept.refresh_from_db()
    assert (kept.case_id, kept.draft_of) == (Case.objects.get().pk, None)
    assert not ActDraft.objects.exists()


def test_a_file_of_somebody_else_cannot_be_taken(address, sign_in, world):
    other = Attachment.objects.create(
        name="别人的.txt", digest="0" * 64, size=1, content_type="text/plain", draft_of=world.people["stranger"]
    )
    assert sign_in("officer").post(address, {"words": "开始", "kept": [other.pk]}).status_code == 422
    other.refresh_from_db()
    assert other.case is None


def test_refused_file_is_told_and_not_kept(address, sign_in):
    file = SimpleUploadedFile("坏.pdf", b"not a pdf")
    response = sign_in("officer").post(address, {"words": "", "files": file})
    assert response.status_code == 422
    assert "内容与扩展名不符" in response.content.decode()
    assert not Attachment.objects.exists()


def test_draft_by_button_and_by_itself(address, sign_in):
    client = sign_in("officer")
    draft = address + "draft/"
    response = client.post(draft, {"words": "写了一半"}, headers={"X-Requested-With": "fetch"})
    assert json.loads(response.content)["saved"]
    assert "写了一半" in client.get(address).content.decode()
    client.post(draft, {"words": "又写了一点"})
    assert ActDraft.objects.get().data["words"] == ["又写了一点"]
    # Nobody else finds it.
    assert "又写了一点" not in sign_in("office").get(address).content.decode()


def test_draft_of_a_new_case(world, sign_in):
    client = sign_in("office")
    address = reverse("workbench:new", args=["sample", "open"])
    client.post(address + "draft/", {"title": "新事项"})
    client.post(address + "draft/", {"title": "新的事项"})
    assert ActDraft.objects.count() == 1
    assert "新的事项" in client.get(address).content.decode()
    response = client.post(address, {"title": "新的事项", "unit": world.education.pk})
    assert response["Location"] == Case.objects.get().get_absolute_url()
    assert not ActDraft.objects.exists()


def test_changed_by_somebody_else_meanwhile(address, sign_in, world):
    client = sign_in("officer")
    perform("sample.begin", Case.objects.get(), world.people["officer"], {"words": "别人先办了"})
    response = client.post(address, {"words": "我写的内容"})
    assert response.status_code == 409
    text = response.content.decode()
    assert "现在是“办理中”" in text
    assert "我写的内容" in text
    sheet = client.post(address, {"words": "我写的内容"}, headers=HTMX).content.decode()
    assert "现在是“办理中”" in sheet
    assert "我写的内容" in sheet
    assert client.get(address).status_code == 409


def test_who_may_not(address, sign_in):
    assert sign_in("reviewer").get(address).status_code == 403
    assert sign_in("reviewer").post(address, {"words": "开始"}).status_code == 403
    assert sign_in("stranger").get(address).status_code == 404
    assert sign_in("officer").get(reverse("workbench:new", args=["sample", "open"])).status_code == 403
    assert sign_in("officer").get(address.replace("begin", "nothing")).status_code == 404
    assert Case.objects.get().state == "new"
