"""Long documents: queued, told page by page, taken up again after a kill, given up in words; short ones at once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from gongkai.core.acts import ActError
from gongkai.requests.masking import jobs, queries, sheets
from gongkai.requests.masking.models import Job, Mask
from gongkai.requests.masking.tests import helpers
from gongkai.requests.models import Material
from gongkai.requests.tests.helpers import fresh

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(scope="module")
def long_pdf() -> bytes:
    return helpers.text_pdf(pages=7)


@pytest.fixture
def long(place, handling, long_pdf) -> Material:
    return helpers.material(place, handling, long_pdf, "会议纪要.pdf")


@pytest.fixture
def queued(monkeypatch):
    """No worker comes by."""
    asked: list[int] = []
    monkeypatch.setattr(jobs, "later", asked.append)
    return asked


def address(material: Material, name: str = "mask") -> str:
    return reverse(f"requests-masking:{name}", args=[material.pk])


def post(client, place, material, operation: str, user=None):
    client.force_login(user or place.handler, backend=BACKEND)
    return client.post(address(material), {"operation": operation, "page": "1"})


def page(client, material) -> str:
    return client.get(address(material)).content.decode()


def test_a_short_document_is_done_at_once(client, place, handling):
    material = helpers.material(place, handling, helpers.text_pdf(pages=2), "两页.pdf")
    assert post(client, place, material, "prepare").status_code == 302
    assert queries.mask_of(material).pages.count() == 2
    mask = helpers.mark(place, queries.mask_of(material), helpers.NAME)
    post(client, place, material, "make")
    assert queries.mask_of(material).made_marks
    assert not Job.objects.exists()
    assert not jobs.long(material, mask, "make")


@pytest.mark.duty("001-14f")
def test_a_long_document_goes_through_the_worker(client, place, long):
    post(client, place, long, "prepare")
    job = Job.objects.get()
    assert (job.state, job.task, job.user) == ("done", "prepare", place.handler)
    mask = helpers.mark(place, queries.mask_of(long), helpers.NAME)
    assert mask.pages.count() == 7
    post(client, place, long, "make")
    job.refresh_from_db()
    assert (job.state, job.task) == ("done", "make")
    assert "检验通过" in job.words
    html = page(client, long)
    assert job.words in html
    assert "hx-trigger" not in html.split('id="mask-page"')[0]
    assert client.get(address(long, "progress"))["HX-Redirect"] == address(long)
    # Whoever asked for it did it: the file is theirs and somebody else looks it through.
    assert queries.mask_of(long).authors == [place.handler.pk]
    assert long.request.events.order_by("-pk").first().actor == place.handler


def test_waiting_and_working_are_told_with_and_without_scripts(client, place, long, queued):
    post(client, place, long, "prepare")
    job = Job.objects.get()
    assert queued == [job.pk]
    html = page(client, long)
    assert "排队等待处理" in html
    assert f'hx-get="{address(long, "progress")}" hx-trigger="every 2s"' in html
    assert f'<a href="{address(long)}">看看做完没有</a>' in html
    assert 'value="prepare"' not in html
    with pytest.raises(ActError, match="正在处理"):
        jobs.start(fresh(long.request), long, place.handler, "prepare")
    assert "正在处理" in post(client, place, long, "prepare").content.decode()
    Job.objects.update(state="working", phase="make", done=3, total=7)
    response = client.get(address(long, "progress"))
    assert "正在遮盖第3页，共7页" in response.content.decode()
    assert "HX-Redirect" not in response
    client.force_login(place.neighbour, backend=BACKEND)
    assert client.get(address(long, "progress")).status_code == 404


def test_nothing_is_marked_while_the_file_is_made(client, place, long, monkeypatch):
    post(client, place, long, "prepare")
    helpers.mark(place, queries.mask_of(long), helpers.NAME)
    monkeypatch.setattr(jobs, "later", lambda pk: None)
    post(client, place, long, "make")
    html = page(client, long)
    assert "mask-form" not in html
    assert 'id="mask-page"' in html


def test_a_killed_job_is_taken_up_again(client, place, long, queued, monkeypatch):
    post(client, place, long, "prepare")
    job = Job.objects.get()
    now = timezone.now()
    # The worker took it and died.
    Job.objects.update(state="working", worker="gone", attempts=1, phase="read", done=2, total=7)
    assert jobs.resume(now) == 0
    assert jobs.resume(now + jobs.SILENCE + dt.timedelta(seconds=10)) == 1
    assert queued == [job.pk, job.pk]
    jobs.run.func(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 2)
    assert Mask.objects.get(material=long).pages.count() == 7
    # A second worker that comes late does nothing.
    jobs.run.func(job.pk)
    assert Mask.objects.count() == 1


def test_who_was_thought_dead_stops(place, long, queued, monkeypatch):
    job = jobs.start(fresh(long.request), long, place.handler, "prepare")
    real = sheets._last

    def taken_over(number):
        Job.objects.update(worker="somebody else")
        return real(number)

    monkeypatch.setattr(sheets, "_last", taken_over)
    monkeypatch.setattr(sheets, "TELL_SECONDS", 0.05)
    jobs.run.func(job.pk)
    job.refresh_from_db()
    assert (job.state, job.worker) == ("working", "somebody else")
    assert not Mask.objects.exists()


def test_what_fails_says_what_to_do_and_can_be_asked_again(client, place, handling, monkeypatch):
    material = helpers.material(place, handling, b"%PDF-1.4\n" + b"x" * 100, "坏的.pdf")
    monkeypatch.setattr(jobs, "long", lambda *_: True)
    post(client, place, material, "prepare")
    assert Job.objects.get().state == "failed"
    html = page(client, material)
    assert "生成页面没有做成" in html
    assert "请重新扫描或另存后" in html
    assert 'value="prepare"' in html


def test_a_job_that_kills_its_workers_is_given_up(client, place, long, queued):
    job = jobs.start(fresh(long.request), long, place.handler, "prepare")
    Job.objects.update(state="working", attempts=jobs.MOST_ATTEMPTS)
    jobs.run.func(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert "拆成几份" in job.words
    # Asked for again it begins anew.
    assert jobs.start(fresh(long.request), long, place.handler, "prepare").attempts == 0


def test_how_far_it_is_comes_from_the_other_process(long_pdf, monkeypatch):
    told: list[tuple[str, int, int]] = []
    monkeypatch.setattr(sheets, "TELL_SECONDS", 0.02)
    found = sheets.read(long_pdf, 200, lambda *step: told.append(step))
    assert len(found) == 7
    assert all(phase == "read" and 0 <= done <= total <= 7 for phase, done, total in told)
    assert sheets.count(long_pdf, 200) == 7
    with pytest.raises(sheets.SheetsError, match="超过3页"):
        sheets.count(long_pdf, 3)
