"""The page of a case: who sees it, what it costs, what stands on it."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from gongkai.core.acts import perform
from gongkai.core.models import Case, CaseRelation, CaseWatch, Notification
from gongkai.core.notifications import tell
from gongkai.core.search import work
from gongkai.core.search.testing import fresh_index  # noqa: F401  a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.urls("gongkai.workbench.tests.urls")]


def begun(world, files: int = 0) -> Case:
    case = world.open("图解比例不低于60%")
    uploads = [SimpleUploadedFile(f"清单{n}.txt", f"第{n}份".encode()) for n in range(files)]
    perform("sample.begin", case, world.people["officer"], {"words": "已经开始"}, files={"files": uploads})
    return case


def test_head_clocks_acts_and_timeline(world, sign_in):
    case = begun(world, files=1)
    response = sign_in("officer").get(case.get_absolute_url())
    text = response.content.decode()
    assert "怎么算的" in text
    assert "已经开始" in text
    assert "清单0.txt" in text
    assert [act["label"] for act in response.context["acts"]] == ["办结", "出错"]
    assert response.context["hint"] == ["下一步由你完成"]
    clock = response.context["head"]["clocks"][0]
    assert clock["why"]["rows"][0]["count"] == "当日不计"
    assert clock["why"]["rows"][-1]["title"] == "结果"


def test_queries(world, sign_in, django_assert_max_num_queries):
    case = begun(world, files=12)
    for n in range(20):
        other = world.open(f"相关{n}")
        CaseRelation.objects.create(source=case, target=other)
    client = sign_in("officer")
    tell([world.people["officer"]], "催办", case=case, kind="urge", key="1", now=timezone.now())
    with django_assert_max_num_queries(12):
        client.get(case.get_absolute_url() + "?in=todo")
    with django_assert_max_num_queries(10):
        client.get(case.get_absolute_url() + "?in=todo")
    for tab in ("files", "trace", "related"):
        with django_assert_max_num_queries(15 if tab == "related" else 12):
            client.get(case.get_absolute_url(), {"tab": tab})


def test_only_those_concerned_see_it(world, sign_in):
    case = world.open()
    for name, status in (("officer", 200), ("office", 200), ("auditor", 200), ("stranger", 404), ("system_admin", 404)):
        assert sign_in(name).get(case.get_absolute_url()).status_code == status, name


def test_opening_marks_its_reminders_read(world, sign_in):
    case, other = world.open("甲"), world.open("乙")
    for n, one in enumerate((case, other)):
        tell([world.people["officer"]], "催办", case=one, kind="urge", key=str(n), now=timezone.now())
    client = sign_in("officer")
    response = client.get(case.get_absolute_url())
    assert response.context["notification_count"] == "1"
    assert list(Notification.objects.filter(read_at__isnull=True).values_list("case_id", flat=True)) == [other.pk]
    client.post(reverse("workbench:notifications-read"))
    assert not Notification.objects.filter(read_at__isnull=True).exists()


def test_watching(world, sign_in):
    case = world.open()
    client = sign_in("officer")
    client.post(reverse("workbench:watch", args=[case.pk]), {"on": "1"})
    assert "取消关注" in client.get(case.get_absolute_url()).content.decode()
    assert case.title in client.get(reverse("workbench:watched")).content.decode()
    response = client.post(reverse("workbench:watch", args=[case.pk]), {"on": "0", "next": "https://elsewhere.test/"})
    assert response["Location"] == case.get_absolute_url()
    assert not CaseWatch.objects.exists()
    assert sign_in("stranger").post(reverse("workbench:watch", args=[case.pk]), {"on": "1"}).status_code == 404


def test_previous_and_next_follow_the_list(world, sign_in):
    first, second, third = (world.open(f"第{n}件", workdays=n * 5) for n in (1, 2, 3))
    head = sign_in("officer").get(second.get_absolute_url(), {"in": "todo"}).context["head"]
    assert head["previous_url"] == f"/workbench/cases/{first.pk}/?in=todo"
    assert head["next_url"] == f"/workbench/cases/{third.pk}/?in=todo"


def test_timeline_goes_on_by_key(world, sign_in):
    from gongkai.core import audit

    case = world.open()
    for n in range(25):
        audit.note("sample.note", f"第{n}条", None, case=case)
    client = sign_in("officer")
    first = client.get(case.get_absolute_url())
    assert [entry["label"] for entry in first.context["entries"]][:2] == ["第24条", "第23条"]
    rest = client.get(case.get_absolute_url() + first.context["more_url"].split("#")[0])
    assert [entry["label"] for entry in rest.context["entries"]] == [f"第{n}条" for n in range(4, -1, -1)] + ["登记"]


def test_derivation_on_screen_and_as_pdf(world, sign_in):
    from gongkai.core import letters

    case = world.open(workdays=5)
    clock = case.clocks.get()
    client = sign_in("officer")
    page = client.get(reverse("workbench:derivation", args=[case.pk, clock.pk]))
    assert "逐日推算" in page.content.decode()
    assert page.content.decode().count("到期日") >= 1
    pdf = client.get(reverse("workbench:derivation-pdf", args=[case.pk, clock.pk]))
    if letters.pdf_missing():
        assert pdf.status_code == 403
        assert "pango" in pdf.content.decode()
    else:
        assert pdf.content.startswith(b"%PDF")
    assert sign_in("stranger").get(reverse("workbench:derivation", args=[case.pk, clock.pk])).status_code == 404


def test_search(world, sign_in, fresh_index):  # noqa: F811
    case = world.open("预防接种门诊一览")
    world.open("卫健局的预防接种", unit=world.health)
    work.drain()
    client = sign_in("officer")
    assert client.get(reverse("workbench:search"), {"q": case.number.lower()})["Location"] == case.get_absolute_url()
    found = client.get(reverse("workbench:search"), {"q": "接种"}).content.decode()
    assert "预防接种门诊一览" in found
    assert "卫健局的预防接种" not in found
    assert "云溪区教育局" in client.get(reverse("workbench:search"), {"q": "教育"}).content.decode()
    assert "没有找到" in client.get(reverse("workbench:search"), {"q": "没有这个"}).content.decode()


def test_lists_reach_only_what_may_be_read(world, sign_in):
    world.open("甲")
    world.open("乙", unit=world.health)
    address = reverse("workbench:cases")
    assert "共2件" in sign_in("office").get(address).content.decode()
    behind = sign_in("officer").get(address, {"unit": world.health.pk})
    assert behind.status_code == 200
    assert "没有符合条件" in behind.content.decode()
