"""Filters kept under a name."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from gongkai.core import listing
from gongkai.core.models import SavedFilter
from gongkai.core.navigation import shell, signed_in
from gongkai.core.places import places

PAGES = {
    "todo": "workbench:todo",
    "unit": "workbench:unit-cases",
    "watched": "workbench:watched",
    "cases": "workbench:cases",
}
LABELS = {"todo": "我的待办", "unit": "本单位事项", "watched": "我关注的", "cases": "全部事项"}


def pages() -> dict[str, str]:
    """The lists that keep filters and their pages: those of the workbench and those that rooms registered."""
    return PAGES | {place.code: place.url_name for place in places.values()}


def labels() -> dict[str, str]:
    """The names of these lists."""
    return LABELS | {place.code: place.label for place in places.values()}


def _choices() -> list[tuple[str, str]]:
    return list(labels().items())


class FilterForm(forms.Form):
    """A name for the conditions in the address."""

    name = forms.CharField(label="名称", max_length=30, help_text="显示在筛选栏里，例如：只看牵头事项。")
    page = forms.ChoiceField(choices=_choices, widget=forms.HiddenInput)
    query = forms.CharField(max_length=500, widget=forms.HiddenInput)


@signed_in
def save(request: HttpRequest) -> HttpResponse:
    """Keep a filter; the same name again replaces it."""
    form = FilterForm(request.POST or None, initial={name: request.GET.get(name, "") for name in ("page", "query")})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        query = listing.address(QueryDict(values["query"]))[1:]
        SavedFilter.objects.update_or_create(
            user=request.user, page=values["page"], name=values["name"], defaults={"query": query}
        )
        return redirect(f"{reverse(pages()[values['page']])}?{query}")
    context = shell(request, title="收藏筛选", submit="收藏", form=form, cancel_url=_back(request))
    return render(request, "workbench/form.html", context, status=422 if form.errors else 200)


def _back(request: HttpRequest) -> str:
    page = request.GET.get("page") or request.POST.get("page", "")
    return reverse(pages().get(page, "workbench:todo"))


@signed_in
def listing_page(request: HttpRequest) -> HttpResponse:
    """The filters kept, to open or to delete."""
    known, names = pages(), labels()
    rows = [
        {"row": row, "page": names[row.page], "url": f"{reverse(known[row.page])}?{row.query}"}
        for row in SavedFilter.objects.filter(user=request.user, page__in=known)
    ]
    return render(request, "workbench/filters.html", shell(request, title="收藏的筛选", rows=rows))


@signed_in
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a filter."""
    row = get_object_or_404(SavedFilter, pk=pk, user=request.user)
    row.delete()
    messages.success(request, f"已删除筛选“{row.name}”。")
    return redirect("workbench:filters")
