"""Long documents are laid out and covered by the worker: what waits, how far it is, and how a job that died goes on.

Short ones (`AT_ONCE` pages) are done within the request. A job takes its row in its name (`worker`); whoever was thought
dead and wakes up finds another name there and stops. The result is one act, so that nothing is ever half done.
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from pathlib import PurePath
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django_tasks import task as background

from gongkai.core import attachments, jurisdiction
from gongkai.core.acts import ActError
from gongkai.core.models import User
from gongkai.core.schedule import every
from gongkai.requests.masking import acts, sheets
from gongkai.requests.masking.models import Job, Mask
from gongkai.requests.models import Material, Request

log = logging.getLogger(__name__)
AT_ONCE = 5
# What is not a PDF has no pages yet: files up to this size lay out within a moment.
SMALL = 60_000
# After so long without a sign of life another worker takes the job up, and after so many times it is given up.
SILENCE = dt.timedelta(minutes=2)
MOST_ATTEMPTS = 3
_GAVE_UP = "处理了几次都没有做完。请把材料拆成几份较小的文件再添加；还不行的，请联系系统管理员。"
_BROKEN = "处理时出错，原件和标记都还在。请再点一次；还不行的，请联系系统管理员。"


class Lost(Exception):
    """Another worker has taken the job over."""


def long(material: Material, mask: Mask | None, what: str) -> bool:
    """Whether a step (`prepare`, `make`) on a material takes longer than a person should wait for a page."""
    if what == "make":
        return mask is not None and mask.pages.count() > AT_ONCE
    ending = PurePath(material.original.own_name).suffix.lower()
    if ending in (".png", ".jpg", ".jpeg", ".gif"):
        return False
    if ending != ".pdf":
        return material.original.size > SMALL
    try:
        data = attachments.load(material.original.digest)
        return sheets.count(data, jurisdiction.value("requests.mask_pages")) > AT_ONCE
    except (sheets.SheetsError, FileNotFoundError, ValueError):
        # The step itself says what is wrong.
        return False


def of(material: Material) -> Job | None:
    """The job of a material, whatever became of it."""
    return Job.objects.filter(material=material).first()


def start(case: Request, material: Material, user: User, what: str) -> Job:
    """Queue a step. Raises ActError while one is under way."""
    now = timezone.now()
    fresh = {
        "request": case, "task": what, "state": Job.State.WAITING, "user": user, "done": 0, "total": 0, "phase": "",
        "words": "", "worker": "", "attempts": 0, "asked_at": now, "beat": now,
    }  # fmt: skip
    job, new = Job.objects.get_or_create(material=material, defaults=fresh)
    if not new:
        if not Job.objects.filter(pk=job.pk).exclude(state__in=Job.ACTIVE).update(**fresh):
            raise ActError("这份材料正在处理，请等它做完。")
        job.refresh_from_db()
    later(job.pk)
    return job


def later(pk: int) -> None:
    """Put a job into the worker's queue."""
    run.enqueue(pk)


@background()
def run(pk: int) -> None:
    """Do a job. What goes wrong is written down in words."""
    token = uuid.uuid4().hex
    rows = Job.objects.filter(pk=pk, state__in=Job.ACTIVE)
    if not rows.update(worker=token, state=Job.State.WORKING, beat=timezone.now()):
        return
    job = Job.objects.select_related("user", "material__original", "request").get(pk=pk)
    if job.attempts >= MOST_ATTEMPTS:
        _end(job, token, Job.State.FAILED, _GAVE_UP)
        return
    Job.objects.filter(pk=pk, worker=token).update(attempts=job.attempts + 1)
    try:
        words = _work(job, token)
    except Lost:
        log.info("masking job %s was taken over by another worker", pk)
    except ActError as problem:
        _end(job, token, Job.State.FAILED, str(problem))
    except Exception:
        log.exception("masking job %s", pk)
        _end(job, token, Job.State.FAILED, _BROKEN)
    else:
        _end(job, token, Job.State.DONE, words)


def _work(job: Job, token: str) -> str:
    def tell(phase: str, done: int, total: int) -> None:
        values = {"phase": phase, "done": done, "total": total, "beat": timezone.now()}
        if not Job.objects.filter(pk=job.pk, worker=token, state=Job.State.WORKING).update(**values):
            raise Lost

    step = acts.prepare if job.task == "prepare" else acts.make
    material = Material.objects.select_related("original", "masked").get(pk=job.material_id)
    event = step(Request.objects.get(pk=job.request_id), material, job.user, tell=tell)
    return event.summary


def _end(job: Job, token: str, state: str, words: str) -> None:
    Job.objects.filter(pk=job.pk, worker=token).update(state=state, words=words[:500], beat=timezone.now())


@every("masking.resume", minutes=1)
def resume(now: dt.datetime) -> int:
    """Take up again what a worker that died left behind, and what no worker ever got."""
    left = Job.objects.filter(Q(beat__lt=now - SILENCE), state__in=Job.ACTIVE)
    found = list(left.values_list("pk", flat=True))
    for pk in found:
        Job.objects.filter(pk=pk).update(beat=timezone.now())
        later(pk)
    return len(found)


def shown(job: Job | None, mask: Mask | None) -> dict[str, Any] | None:
    """A job as the page tells it; None when there is nothing to tell any more."""
    if job is None:
        return None
    active = job.state in Job.ACTIVE
    if job.state == Job.State.DONE and (job.task == "prepare" or mask is None or not mask.made_marks):
        return None
    what = "生成页面" if job.task == "prepare" else "生成遮盖文件"
    phase = {"read": "正在读取", "make": "正在遮盖", "prove": "正在检验"}.get(job.phase, "正在打开文件")
    if job.state == Job.State.WAITING:
        words = "排队等待处理"
    elif active:
        words = f"{phase}第{job.done}页，共{job.total}页" if job.done else phase
    else:
        words = job.words
    return {
        "active": active,
        "failed": job.state == Job.State.FAILED,
        "title": what,
        "words": words,
        "share": _share(job) if active and job.total else None,
    }


def _share(job: Job) -> int:
    """How much is done, in per cent: covering and proving are half each."""
    part = 100 * job.done / job.total
    return round({"make": part / 2, "prove": 50 + part / 2}.get(job.phase, part))
