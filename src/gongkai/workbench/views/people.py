"""人员和角色."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from gongkai.core import audit, listing, people, sheets
from gongkai.core.forms import UnitField
from gongkai.core.models import User
from gongkai.core.navigation import shell
from gongkai.core.roles import Role
from gongkai.workbench.views.guards import security

SIZE = 50


def _rows(request: HttpRequest) -> Any:
    rows = User.objects.prefetch_related("memberships__unit").order_by("id")
    words = request.GET.get("q", "").strip()[:60]
    if words:
        rows = rows.filter(
            Q(username__icontains=words) | Q(post__contains=words) | Q(memberships__unit__name__contains=words)
        ).distinct()
    if request.GET.get("role") in Role.values:
        rows = rows.filter(memberships__role=request.GET["role"]).distinct()
    unit = listing.ids_of([request.GET.get("unit", "")])
    if unit:
        rows = rows.filter(memberships__unit__in=unit).distinct()
    if request.GET.get("active") in ("0", "1"):
        rows = rows.filter(is_active=request.GET["active"] == "1")
    return rows


@security
def listing_page(request: HttpRequest) -> HttpResponse:
    """Everybody with their roles."""
    rows = _rows(request)
    after = listing.ids_of([request.GET.get("after", "")])
    if after:
        rows = rows.filter(pk__gt=after[0])
    found = list(rows[: SIZE + 1])
    more, found = len(found) > SIZE, found[:SIZE]
    chips = listing.chips(
        request,
        [
            listing.Choice("role", "角色", list(Role.choices)),
            listing.Choice("active", "账号", [("1", "启用"), ("0", "停用")]),
            listing.unit_choice(),
        ],
    )
    context = shell(
        request,
        title="人员和角色",
        rows=found,
        chips=chips,
        words=request.GET.get("q", ""),
        next_url=listing.address(request.GET, after=str(found[-1].pk)) if more else "",
        previous_url="",
        buttons=[
            {"label": "新增人员", "url": reverse("workbench:person-new"), "icon": "plus", "primary": True},
            {"label": "导出", "url": reverse("workbench:people-export"), "icon": "download"},
        ],
    )
    return render(request, "workbench/admin/people.html", context)


@security
def export(request: HttpRequest) -> HttpResponse:
    """Everybody as Excel; that it was exported is recorded."""
    lines = []
    for person in _rows(request).iterator(chunk_size=500):
        roles = "、".join(f"{row.unit}{row.get_role_display()}" for row in person.memberships.all())
        lines.append([person.username, person.post, roles, "启用" if person.is_active else "停用", person.last_login])
    audit.note("people.export", "导出人员", request.user, summary=f"{len(lines)}人")
    data = sheets.workbook("人员和角色", ("账号", "岗位", "角色", "状态", "上次登录"), lines)
    return listing.download(data, f"人员和角色 {timezone.localdate():%Y-%m-%d}.xlsx", "xlsx")


class PersonForm(forms.Form):
    """Account and post; roles have a page of their own."""

    username = forms.CharField(label="账号", max_length=60, help_text="登录用，建议用拼音。")
    post = forms.CharField(label="岗位", max_length=60, help_text="办理记录里显示岗位，不显示姓名。")
    email = forms.EmailField(label="邮箱", required=False)
    telephone = forms.CharField(label="电话", max_length=40, required=False)


class RoleForm(forms.Form):
    """One role in one unit."""

    unit = UnitField(label="单位", required=False)
    role = forms.ChoiceField(label="角色", choices=[("", "不用这一行"), *Role.choices], required=False)
    main = forms.BooleanField(label="主要岗位", required=False)

    def clean(self) -> dict[str, Any]:
        """Both or neither."""
        values = self.cleaned_data
        if values.get("role") and not values.get("unit"):
            raise forms.ValidationError("这一行选了角色，没有选单位。")
        return values


RoleFormSet = forms.formset_factory(RoleForm, extra=3)


@security
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A new person, or the data of one."""
    person = get_object_or_404(User, pk=pk) if pk else None
    initial = {name: getattr(person, name) for name in PersonForm.base_fields} if person else {}
    form = PersonForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            if person:
                people.change(request.user, person, **form.cleaned_data)
                messages.success(request, f"已保存：{person.username}")
                return redirect("workbench:person", person.pk)
            person, password = people.create(request.user, form.cleaned_data.pop("username"), **form.cleaned_data)
        except ValidationError as problem:
            _tell(form, problem)
            person = get_object_or_404(User, pk=pk) if pk else None
        else:
            return _shown(request, person, password, "账号已建好。")
    title = (str(person.username) if person else "") or "新增人员"
    context = shell(
        request,
        title=title,
        form=form,
        person_shown=person,
        crumbs=[{"label": "人员和角色", "url": reverse("workbench:people")}, {"label": title, "url": ""}],
        own=person is not None and person.pk == request.user.pk,
    )
    return render(request, "workbench/admin/person.html", context, status=422 if form.errors else 200)


def _tell(form: forms.Form, problem: ValidationError) -> None:
    if hasattr(problem, "error_dict"):
        for name, errors in problem.error_dict.items():
            form.add_error(name if name in form.fields else None, errors)
    else:
        form.add_error(None, problem)


def _shown(request: HttpRequest, person: User, password: str, words: str) -> HttpResponse:
    """The new password, shown this once; the page is not kept anywhere."""
    context = shell(request, title=person.username, person_shown=person, password=password, words=words)
    response = render(request, "workbench/admin/person_password.html", context)
    response["Cache-Control"] = "no-store"
    return response


@security
def roles(request: HttpRequest, pk: int) -> HttpResponse:
    """The roles of a person, all at once."""
    person = get_object_or_404(User, pk=pk)
    held = [
        {"unit": row.unit_id, "role": row.role, "main": row.main} for row in person.memberships.order_by("-main", "id")
    ]
    formset = RoleFormSet(request.POST or None, initial=held)
    general: list[str] = []
    if request.method == "POST" and formset.is_valid():
        holdings = [
            people.Holding(values["unit"], values["role"], bool(values.get("main")))
            for values in formset.cleaned_data
            if values.get("role") and values.get("unit")
        ]
        try:
            people.set_roles(request.user, person, holdings)
        except ValidationError as problem:
            general = list(problem.messages)
        else:
            messages.success(request, f"已调整{person.username}的角色。")
            return redirect("workbench:person", person.pk)
    failed = bool(general) or bool(request.method == "POST" and not formset.is_valid())
    context = shell(
        request,
        title=f"调整角色：{person.username}",
        person_shown=person,
        formset=formset,
        general=general,
        crumbs=[
            {"label": "人员和角色", "url": reverse("workbench:people")},
            {"label": person.username, "url": reverse("workbench:person", args=[person.pk])},
            {"label": "调整角色", "url": ""},
        ],
    )
    return render(request, "workbench/admin/person_roles.html", context, status=422 if failed else 200)


@security
@require_POST
def password(request: HttpRequest, pk: int) -> HttpResponse:
    """重设密码."""
    person = get_object_or_404(User, pk=pk)
    return _shown(request, person, people.reset_password(request.user, person), "密码已重设，原来的登录都已退出。")


@security
@require_POST
def lock(request: HttpRequest, pk: int) -> HttpResponse:
    """Lock out, let in, or forget wrong passwords."""
    person = get_object_or_404(User, pk=pk)
    what = request.POST.get("what", "")
    try:
        if what == "unlock":
            number = people.unlock(request.user, person)
            messages.success(request, "登录锁定已解除。" if number else "这个账号没有被锁定。")
        elif what in ("off", "on"):
            people.set_active(request.user, person, what == "on")
            messages.success(request, f"{person.username}已{'启用' if what == 'on' else '停用'}。")
    except ValidationError as problem:
        messages.error(request, "".join(problem.messages))
    return redirect("workbench:person", person.pk)
