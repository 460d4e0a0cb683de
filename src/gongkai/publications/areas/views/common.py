"""What the staff pages of key areas share."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import reverse

from gongkai.core.acts import perform
from gongkai.core.models import User
from gongkai.publications.areas import queries
from gongkai.publications.areas.models import Batch, Dataset


def dataset_of(user: User, pk: int) -> Dataset:
    """A dataset the person may see; Http404 for all others."""
    held = queries.datasets_for(user).filter(pk=pk).first()
    if held is None:
        raise Http404("没有这个数据集，或者你不能查看。")
    return held


def batch_of(user: User, pk: int) -> Batch:
    """A batch the person may see; Http404 for all others."""
    rows = Batch.objects.visible_to(user).select_related("unit", "dataset", "dataset__own", "dataset__unit")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404("没有这一批数据，或者你不能查看。")
    return found


def filling(user: User, held: Dataset) -> Batch:
    """The batch that is being filled in; a new one when there is none. ActError and NotPermitted as of the act."""
    waiting = queries.open_batch(held)
    pk = waiting.pk if waiting else perform("dataset-batch.write", None, user, {"dataset": held.pk}).case_id
    return Batch.objects.select_related("dataset", "dataset__own", "dataset__unit").get(pk=pk)


def crumbs(*more: tuple[str, str]) -> list[dict[str, Any]]:
    """重点领域 and what is below it."""
    rows = [{"label": "重点领域", "url": reverse("areas:index")}]
    return [*rows, *({"label": label, "url": url} for label, url in more)]
