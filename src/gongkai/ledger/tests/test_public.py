"""What the public reads: duties, lights, released progress; nothing that was not released."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gongkai.core.acts import perform
from gongkai.ledger.models import Assignment, Progress
from gongkai.ledger.tests.helpers import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader() -> Client:
    return Client()


@pytest.fixture
def reported(dispatched, district):
    """One report with a file, released by the office; one that was kept back."""
    mine = Assignment.objects.get(task__notice=dispatched, task__ordinal=1, unit=district.education)
    perform("assignment.receive", mine, district.teacher, {}, now=at("2026-04-03"))
    file = SimpleUploadedFile("目录.txt", "主动公开目录".encode())
    perform(
        "assignment.report",
        mine,
        district.teacher,
        {"text": "目录已更新41项", "percent": 60, "public": "yes"},
        files={"files": [file]},
        now=at("2026-05-10"),
    )
    report = Progress.objects.get(assignment=mine)
    perform(
        "assignment.release", mine, district.chief, {"progress": report.pk, "with_files": "on"}, now=at("2026-05-11")
    )
    other = Assignment.objects.get(task__notice=dispatched, task__ordinal=1, unit=district.finance)
    perform("assignment.receive", other, district.treasurer, {}, now=at("2026-04-03"))
    perform(
        "assignment.report",
        other,
        district.treasurer,
        {"text": "内部口径尚在核对", "percent": 20, "public": "no", "private_reason": "数据未核定"},
        now=at("2026-05-10"),
    )
    return report


@pytest.mark.duty("001-18b", "001-18d")
def test_the_ledger_shows_every_duty_and_what_was_released(reader, dispatched, reported):
    page = reader.get(f"/ledger/{dispatched.slug}/")
    text = page.content.decode()
    assert page.status_code == 200
    assert text.count('class="duty"') == 5
    assert "目录已更新41项" in text
    assert "内部口径尚在核对" not in text


def test_a_duty_has_its_own_address_with_its_sentence(reader, dispatched, reported):
    page = reader.get(f"/ledger/{dispatched.slug}/1/")
    text = page.content.decode()
    assert page.status_code == 200
    assert '<span class="sp sp-deadline">6月30日前</span>' in text
    assert "目录已更新41项" in text
    assert "内部口径尚在核对" not in text
    assert "区教育局" in text
    assert reader.get(f"/ledger/{dispatched.slug}/99/").status_code == 404


def test_a_file_is_public_only_with_its_report(reader, dispatched, reported, district):
    attachment = reported.files.get()
    address = f"/ledger/{dispatched.slug}/1/files/{attachment.pk}/"
    page = reader.get(address)
    assert page.status_code == 200
    assert page["Content-Disposition"].startswith("attachment")
    perform(
        "assignment.unrelease",
        reported.assignment,
        district.chief,
        {"progress": reported.pk, "reason": "附件有误"},
        now=at("2026-05-12"),
    )
    assert reader.get(address).status_code == 404
    assert "目录已更新41项" not in reader.get(f"/ledger/{dispatched.slug}/").content.decode()


def test_filters_by_unit_and_light_are_addresses(reader, dispatched, district):
    page = reader.get(f"/ledger/{dispatched.slug}/?unit={district.street.code}")
    assert page.content.decode().count('class="duty"') == 2
    none = reader.get(f"/ledger/{dispatched.slug}/?light=donelate").content.decode()
    assert "没有符合条件的任务" in none
    assert reader.get(f"/ledger/{dispatched.slug}/?unit=nowhere&light=%27%3B").status_code == 200


@pytest.mark.parametrize("form", ["xlsx", "docx", "json"])
def test_downloads_open(reader, dispatched, reported, form):
    page = reader.get(f"/ledger/{dispatched.slug}/ledger.{form}")
    assert page.status_code == 200
    if form == "json":
        assert len(json.loads(page.content)["duties"]) == 5
    else:
        assert page.content.startswith(b"PK")
    assert reader.get(f"/ledger/{dispatched.slug}/ledger.exe").status_code == 404


def test_nothing_is_public_before_the_office_publishes(reader, dispatched, district):
    address = f"/ledger/{dispatched.slug}/"
    perform("notice.unpublish", dispatched, district.chief, {"reason": "核对数据"}, now=at("2026-05-12"))
    assert reader.get(address).status_code == 404
    assert reader.get(f"{address}1/").status_code == 404
    assert reader.get(f"{address}ledger.json").status_code == 404


def test_home_index_map_and_sitemap(reader, dispatched, reported):
    for address in (
        "/",
        "/ledger/",
        "/map/",
        "/accessibility/",
        "/sitemap.xml",
        "/robots.txt",
        f"/ledger/{dispatched.slug}/text/",
    ):
        page = reader.get(address)
        assert page.status_code == 200, address
    assert f"/ledger/{dispatched.slug}/3/" in reader.get("/sitemap.xml").content.decode()


def test_few_queries_however_many_duties(reader, dispatched, reported, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        reader.get(f"/ledger/{dispatched.slug}/")
    with django_assert_max_num_queries(16):
        reader.get(f"/ledger/{dispatched.slug}/1/")


def test_traditional_characters_on_request(reader, dispatched):
    reader.cookies["script"] = "hant"
    text = reader.get(f"/ledger/{dispatched.slug}/").content.decode()
    assert 'lang="zh-Hant"' in text
    assert "任務" in text
