"""From an act to the index and back: outbox, events, removal at once, reconciliation, permissions of real people."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from gongkai.core import schedule
from gongkai.core.acts import perform
from gongkai.core.models import Case, UnitAlias
from gongkai.core.roles import Role
from gongkai.core.search import (
    SearchDocument,
    changed,
    index,
    outbox,
    register_source,
    removed,
    sounds,
    statistics,
    unregister_source,
    work,
)
from gongkai.core.search.models import SearchChange, SearchCount, Synonym
from gongkai.core.search.query import PUBLIC
from gongkai.core.search.service import find, suggest
from gongkai.core.tests import sample  # noqa: F401  registers the sample kind and its acts
from gongkai.core.tests.factories import UnitFactory, government, user_with

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True, params=["tantivy", "database"])
def held(request, settings, tmp_path, db):
    settings.GONGKAI_SEARCH = request.param
    settings.GONGKAI_SEARCH_DIR = str(tmp_path / "search")
    cache.clear()
    # Stands for a room's public records: synonyms are rows at hand.
    register_source(
        "thing",
        "物品",
        queryset=lambda: Synonym.objects.filter(active=True),
        document=lambda row: SearchDocument("thing", row.pk, row.words[0], f"/{row.pk}/", public=True),
    )
    Synonym.objects.all().delete()
    statistics.flush()
    yield
    getattr(index.current(), "close", lambda: None)()
    unregister_source("thing")


def opened(title: str, unit, office) -> Case:
    return perform(
        "sample.open", None, office, {"title": title, "unit": unit.pk, "workdays": 10}, now=timezone.now()
    ).case


def test_a_change_is_found_by_the_next_run_of_the_worker() -> None:
    work.ensure()
    thing = Synonym.objects.create(words=["加装电梯补贴"])
    changed("thing", thing.pk)
    assert find("电梯补贴", PUBLIC).total == 0
    assert "search-update" in schedule.run_due()
    assert find("电梯补贴", PUBLIC).total == 1
    assert schedule.jobs["search-update"].every <= dt.timedelta(seconds=5)
    assert work.waiting() == 0


def test_a_removed_record_is_hidden_at_once_and_may_come_back() -> None:
    thing = Synonym.objects.create(words=["加装电梯补贴"])
    work.rebuild()
    assert find("电梯补贴", PUBLIC).total == 1
    removed("thing", thing.pk)  # the act's transaction; the worker has not run
    found = find("电梯补贴", PUBLIC)
    assert (found.total, found.hits) == (0, [])
    assert found.facets.get("year", []) == []
    assert suggest("电梯补", PUBLIC) == []
    Synonym.objects.update(active=False)
    work.drain()
    assert list(index.current().fingerprints()) == []
    Synonym.objects.update(active=True)
    changed("thing", thing.pk)
    work.drain()
    assert outbox.hidden() == []
    assert find("电梯补贴", PUBLIC).total == 1


def test_unknown_sources_are_refused() -> None:
    with pytest.raises(KeyError):
        changed("nothing", 1)


def test_reconciliation_repairs_what_was_missed() -> None:
    kept, stale = (Synonym.objects.create(words=[word]) for word in ("甲甲补贴", "乙乙补贴"))
    dead = Synonym.objects.create(words=["丙丙补贴"])
    work.rebuild()
    gone = dead.pk
    dead.delete()
    Synonym.objects.filter(pk=stale.pk).update(words=["丁丁补贴"])
    missing = Synonym.objects.create(words=["戊戊补贴"])
    difference = work.compare()
    assert difference.missing == [("thing", missing.pk)]
    assert difference.stale == [("thing", stale.pk)]
    assert [key for key in difference.dead if key[0] == "thing"] == [("thing", gone)]
    work.reconcile()
    assert work.compare().number == 0
    assert {hit.pk for hit in find("补贴", PUBLIC).hits} == {kept.pk, stale.pk, missing.pk}


def test_cases_follow_their_events_and_only_their_readers_find_them() -> None:
    root = government()
    office_unit = UnitFactory(name="云溪区人民政府办公室", kind="office", parent=root)
    education, health = UnitFactory(name="云溪区教育局", parent=root), UnitFactory(name="云溪区卫生健康局", parent=root)
    office = user_with(Role.OFFICE, office_unit)
    people = {
        "office": office,
        "auditor": user_with(Role.AUDITOR, office_unit),
        "officer": user_with(Role.OFFICER, education),
        "other": user_with(Role.OFFICER, health),
        "administrator": user_with(Role.SYSTEM_ADMIN, education),
        "elsewhere": user_with(Role.OFFICE, UnitFactory(parent=government())),
    }
    case = opened("预防接种门诊一览", education, office)
    opened("学校食堂公示", health, office)
    work.drain()
    assert find("预防接种", PUBLIC).total == 0
    for name, user in people.items():
        for words in ("预防接种", "食堂公示", case.number):
            scope = index.scope_of(user)
            found = {hit.pk for hit in find(words, scope, sources=("case",), exact=True).hits}
            rows = Case.objects.visible_to(user).filter(title__contains=words) | Case.objects.visible_to(user).filter(
                number=words
            )
            assert found == set(rows.values_list("pk", flat=True)), (name, words)
    assert find("预防接种", index.scope_of(people["officer"])).hits[0].number == case.number
    people["officer"].is_active = False
    assert index.scope_of(people["officer"]) == PUBLIC


def test_names_of_units_through_time() -> None:
    unit = UnitFactory(name="云溪区教育体育局", short_name="区教体局")
    UnitAlias.objects.create(unit=unit, name="云溪区文教局", source="former")
    Synonym.objects.create(words=["云溪区教育体育局通告"])
    work.rebuild()
    cache.clear()
    found = find("云溪区文教局", PUBLIC)
    assert found.total == 1
    assert "云溪区教育体育局" in found.expansions


def test_slips_of_pinyin_are_mended() -> None:
    for word in ("加装电梯补贴", "住房公积金提取", "最低生活保障"):
        Synonym.objects.create(words=[word])
    work.rebuild()
    assert find("加装电体", PUBLIC).meant == "加装电梯"
    assert find("zhufanggongjijin", PUBLIC).meant == "住房公积金"
    assert sounds.mended("加装电梯") == ""
    assert find("魑魅魍魉", PUBLIC).meant == ""


def test_counting_keeps_nothing_personal() -> None:
    for words in ("加装电梯", "加装电梯", "没有的词", "371525198001010011", "电话 138 0000 1234", "a@b.cn", "长" * 31):
        find(words, PUBLIC, counted=True)
    statistics.flush()
    assert dict(SearchCount.objects.values_list("words", "times")) == {"加装电梯": 2, "没有的词": 1}
    from gongkai.core.measures import Scope, measures

    figure = measures["search.zero_results"].compute(Scope())
    assert (figure.numerator, figure.denominator) == (3, 3)
    assert measures["search.top_queries"].compute(Scope()).value == 100.0


def test_public_page(client) -> None:
    Synonym.objects.create(words=["加装<电梯>补贴办法"])
    work.rebuild()
    page = client.get("/search/", {"q": "补贴办法"})
    content = page.content.decode()
    assert "<mark>补贴办法</mark>" in content
    assert "加装<电梯>" not in content
    assert "您是不是要找" not in content
    assert client.get("/search/", {"q": "没有的词"}).status_code == 200
    assert client.get("/search/").status_code == 200
    for query in ("q=%01%ff", "q=a&page=x&unit=9999999999&year=-1&validity=%01&sort=zzz", "q=" + "%E5%85%AC" * 3000):
        assert client.get(f"/search/?{query}").status_code == 200, query
    assert "加装&lt;电梯&gt;补贴办法" in client.get("/search/suggest/", {"q": "补贴"}).content.decode()


def test_the_page_is_limited_for_each_address(client, monkeypatch) -> None:
    monkeypatch.setattr("gongkai.portal.search.SEARCHES", 3)
    answers = [client.get("/search/", {"q": "公开"}).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 429, 429]


def test_staff_pages(client) -> None:
    office = UnitFactory(kind="office", parent=government())
    system, officer = user_with(Role.SYSTEM_ADMIN, office), user_with(Role.OFFICER, office)
    address = reverse("workbench-search:synonym-new")
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(address).status_code == 403
    assert client.get(reverse("workbench-search:statistics")).status_code == 403
    client.force_login(system, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(address, {"words": "低保"}).status_code == 422
    assert client.post(address, {"words": "低保、最低生活保障", "active": "on"}).status_code == 302
    assert Synonym.objects.get().words == ["低保", "最低生活保障"]
    assert "最低生活保障" in client.get(reverse("workbench-search:synonyms"), {"q": "低保"}).content.decode()
    SearchCount.objects.create(day=timezone.localdate(), words="找不到的", times=3, empty=3)
    assert "找不到的" in client.get(reverse("workbench-search:statistics")).content.decode()


def test_changes_that_happen_while_rebuilding_are_not_lost() -> None:
    thing = Synonym.objects.create(words=["甲甲补贴"])
    changed("thing", thing.pk)
    work.drain()
    work.rebuild()
    # What was done a moment ago is looked at once more.
    assert SearchChange.objects.filter(done_at__isnull=True, source="thing").exists()
