"""What is repeated on a duty because public pages would otherwise walk all its units; kept by the acts, proved by `verify`."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Q

from gongkai.core.acts import Work
from gongkai.core.locks import writing
from gongkai.core.models import Case
from gongkai.core.models.cases import Light
from gongkai.ledger.models import Assignment, Progress, Task


def after_act(work: Work) -> None:
    """Listener: an assignment was closed late, or one that had been closed late was taken up again."""
    late = work.case.light == Light.DONELATE
    if not late and (work.event is None or work.event.state_before != "done"):
        return
    # The row is locked as `perform` locks it: an act on the duty writes the whole row.
    Case.objects.select_for_update(of=("self",)).only("pk").get(pk=work.case.task_id)
    if not late:
        late = _late_ones().filter(task=work.case.task_id).exists()
    Task.objects.filter(pk=work.case.task_id).exclude(finished_late=late).update(finished_late=late)


def _late_ones():
    return Assignment.objects.filter(light=Light.DONELATE)


def verify(*, repair: bool = False) -> list[str]:
    """Differences between what is repeated and what it was taken from, in words. `repair` writes it anew."""
    truth = Exists(_late_ones().filter(task=OuterRef("pk")))
    wrong = list(Task.objects.annotate(truth=truth).filter(~Q(finished_late=F("truth"))).values_list("pk", "number"))
    astray = Progress.objects.filter(Q(task__isnull=True) | ~Q(task=F("assignment__task")))
    problems = [
        *(f"任务{number}的“有单位逾期办结”与各单位的标识不一致" for _, number in wrong),
        *(f"进展{pk}记在了别的任务名下" for pk in astray.values_list("pk", flat=True)),
    ]
    if problems and repair:
        with writing():
            late = set(_late_ones().filter(task__in=[pk for pk, _ in wrong]).values_list("task", flat=True))
            for pk, _ in wrong:
                Task.objects.filter(pk=pk).update(finished_late=pk in late)
            for report in astray.select_related("assignment"):
                Progress.objects.filter(pk=report.pk).update(task=report.assignment.task_id)
    return problems
