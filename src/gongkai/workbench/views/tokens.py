"""系统对接: tokens of other systems, issued, shown once, revoked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from gongkai.core.forms import DayField
from gongkai.core.machine import tokens as machine
from gongkai.core.machine.models import ApiToken
from gongkai.core.models import User
from gongkai.core.navigation import shell
from gongkai.workbench.views.guards import system


class TokenForm(forms.Form):
    """For which account, for what, until when."""

    name = forms.CharField(label="用途", max_length=60, help_text="例如：区办公系统报送公文。")
    user = forms.ModelChoiceField(
        label="对接账号",
        queryset=User.objects.none(),
        empty_label="请选择",
        help_text="对方系统以这个账号的角色办理，建议为每个系统单独设一个账号。",
    )
    scopes = forms.MultipleChoiceField(label="可以做什么", widget=forms.CheckboxSelectMultiple)
    expires_on = DayField(label="有效期至", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["user"].queryset = User.objects.filter(is_active=True).order_by("username")
        fields["user"].label_from_instance = lambda person: f"{person.username}（{person.who}）"
        fields["scopes"].choices = sorted(machine.scopes.items())


@system
def tokens(request: HttpRequest) -> HttpResponse:
    """All tokens; a new one is shown once, right after it was issued."""
    form = TokenForm(request.POST or None)
    given = ""
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            _, given = machine.issue(request.user, data["name"], data["user"], data["scopes"], data["expires_on"])
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            form = TokenForm()
    context = shell(
        request,
        title="系统对接",
        sub="其他系统凭令牌报送信息和备案；令牌只显示一次，系统里只存摘要",
        form=form,
        given=given,
        rows=list(ApiToken.objects.select_related("user")[:200]),
        scopes=machine.scopes,
        description=reverse("api-index"),
    )
    response = render(request, "workbench/admin/tokens.html", context, status=422 if form.errors else 200)
    if given:
        response["Cache-Control"] = "no-store"
    return response


@system
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """停用."""
    row = get_object_or_404(ApiToken, pk=pk, revoked_at__isnull=True)
    machine.revoke(request.user, row)
    messages.success(request, f"已停用：{row}")
    return redirect("workbench:tokens")
