"""The pages of masking: who sees them, what is recorded, what they offer, how many questions they ask the database."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gongkai.core.models import Event
from gongkai.core.privacy.models import PersonalAccess
from gongkai.requests.masking import queries
from gongkai.requests.masking.models import Mark
from gongkai.requests.masking.tests import helpers
from gongkai.requests.models import Material
from gongkai.requests.tests.helpers import fresh

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def mask(place, handling):
    return helpers.prepared(place, handling)


def address(mask, name="mask", *more) -> str:
    return reverse(f"requests-masking:{name}", args=[mask.material_id, *more])


def post(client, mask, **data):
    return client.post(address(mask), {"page": "1", **data})


def test_who_sees_the_pages(client, place, mask):
    mask = helpers.made(place, helpers.mark(place, mask, helpers.NAME))
    seen = {}
    for name in ("mask", "check", "page", "made-page"):
        more = (1,) if "page" in name else ()
        seen[name] = {}
        for who in ("handler", "reviewer", "secrecy", "leader", "supervisor", "neighbour", "auditor", "admin"):
            client.force_login(getattr(place, who), backend=BACKEND)
            seen[name][who] = client.get(address(mask, name, *more)).status_code
    for found in seen.values():
        assert {found[who] for who in ("handler", "reviewer", "secrecy", "leader")} == {200}
        assert found["neighbour"] == found["admin"] == 404
        assert found["auditor"] == found["supervisor"] == 403
    client.logout()
    assert client.get(address(mask)).status_code == 302


def test_the_look_at_an_original_is_recorded_once(client, place, mask):
    client.force_login(place.reviewer, backend=BACKEND)
    for _ in range(2):
        assert client.get(address(mask)).status_code == 200
        page = client.get(address(mask, "page", 1))
    assert page["Content-Type"].startswith("image/")
    assert page["Cache-Control"] == "private, no-store"
    looks = PersonalAccess.objects.filter(user=place.reviewer)
    assert [look.labels for look in looks] == [["材料原件：会议纪要"]]


def test_pages_that_are_not_there(client, place, mask):
    client.force_login(place.handler, backend=BACKEND)
    assert client.get(address(mask, "page", 9)).status_code == 404
    assert client.get(address(mask, "made-page", 1)).status_code == 404
    assert client.get(address(mask) + "?page=99").status_code == 200
    assert client.get(reverse("requests-masking:mask", args=[10**9])).status_code == 404


def test_a_search_shows_places_and_writes_nothing(client, place, mask):
    client.force_login(place.handler, backend=BACKEND)
    written = Event.objects.filter(act="request.mask_material")
    before = written.count()
    found = post(client, mask, operation="find", phrase=helpers.NAME)
    assert f"“{helpers.NAME}”：1页里有2处" in found.content.decode()
    assert "没有找到" in post(client, mask, operation="find", phrase="没有的词").content.decode()
    assert "至少输入2个字" in post(client, mask, operation="find", phrase="字").content.decode()
    hits = post(client, mask, operation="personal").content.decode()
    assert helpers.NUMBER in hits
    assert "夏侯远山" in hits
    assert written.count() == before


def test_what_a_search_found_is_accepted_one_by_one(client, place, mask):
    client.force_login(place.handler, backend=BACKEND)
    hits = post(client, mask, operation="personal").context["found"]
    one = next(hit for hit in hits if hit.words == helpers.NUMBER)
    done = post(client, mask, operation="found", searched="personal", hit=f"{one.token}|{one.what}", ground="PI")
    assert done.status_code == 302
    mark = Mark.objects.get()
    assert (mark.words, mark.what, mark.way) == (helpers.NUMBER, "身份证号", "hit")
    assert helpers.NUMBER not in done["Location"]
    left = post(client, mask, operation="personal")
    assert one.token not in [hit.token for hit in left.context["found"]]
    # A kind of content that no search gives is not taken over.
    post(client, mask, operation="found", searched="find", hit="1.0.0-3|<b>", ground="PI")
    assert Mark.objects.latest("pk").what == "文字内容"


def test_faults_are_told_on_the_page(client, place, mask):
    client.force_login(place.handler, backend=BACKEND)
    for data in (
        {"operation": "words"},
        {"operation": "box"},
        {"operation": "undo"},
        {"operation": "make"},
        {"operation": "x"},
    ):
        answer = post(client, mask, **data)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.content.decode()
    client.force_login(place.reviewer, backend=BACKEND)
    assert post(client, mask, operation="undo").status_code == 403


def test_from_the_case_to_the_material(client, place, mask):
    client.force_login(place.handler, backend=BACKEND)
    assert client.get(reverse("requests-masking:of-case", args=[mask.request_id]))["Location"] == address(mask)
    helpers.made(place, helpers.mark(place, mask, helpers.NAME))
    target = client.get(reverse("requests-masking:check-of-case", args=[mask.request_id]))["Location"]
    assert target == address(mask, "check")
    act_page = client.get(reverse("workbench:act", args=[mask.request_id, "mask_material"]))
    assert act_page["Location"] == reverse("requests-masking:of-case", args=[mask.request_id])


def test_the_page_of_a_whole_way(client, place, mask):
    client.force_login(place.handler, backend=BACKEND)
    assert post(client, mask, operation="words", chosen="1.0.0-3", ground="D6", reason="过程稿").status_code == 302
    assert post(client, mask, operation="make").status_code == 302
    shown = client.get(address(mask)).content.decode()
    assert "已生成，检验通过" in shown
    material = Material.objects.select_related("masked").get(pk=mask.material_id)
    client.force_login(place.second, backend=BACKEND)
    answer = client.post(address(mask, "check"), {"page": "1", "digest": material.masked.digest})
    assert answer.status_code == 302
    assert "每一页都核对过了" in client.get(address(mask, "check")).content.decode()
    assert queries.masks_of(fresh(mask.request))[material.pk].seen == 1


def test_questions_to_the_database_do_not_grow(client, place, handling):
    mask = helpers.prepared(place, handling, helpers.text_pdf(pages=2), "纪要.pdf")
    client.force_login(place.handler, backend=BACKEND)
    client.get(address(mask))
    counts = []
    for phrase in (helpers.NAME, helpers.PHONE, helpers.NUMBER):
        mask = helpers.mark(place, mask, phrase)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(address(mask))
        counts.append(len(asked))
    assert counts[0] == counts[-1] <= 24
