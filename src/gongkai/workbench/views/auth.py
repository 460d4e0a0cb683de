"""Signing in and out, password, personal settings."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from django import forms
from django.conf import settings as configuration
from django.contrib import messages
from django.contrib.auth import views
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy

from gongkai.core import audit
from gongkai.core.models import User
from gongkai.core.navigation import shell, signed_in


@cache
def demo_accounts() -> list[dict[str, str]]:
    """The accounts of the demo, listed on its login page; empty where no demo data is installed."""
    try:
        text = resources.files("gongkai.demo").joinpath("data/people.json").read_text(encoding="utf-8")
    except (ModuleNotFoundError, FileNotFoundError):
        return []
    data = json.loads(text)
    return list(data.get("logins", [])) if isinstance(data, dict) else []


class SignInForm(AuthenticationForm):
    """Account and password, with words of our own."""

    error_messages = {
        "invalid_login": "账号或密码不对。请检查大小写后再试，连续输错会暂时停用。",
        "inactive": "这个账号已停用。请联系本单位的安全保密管理员。",
    }


class SignIn(views.LoginView):
    """The login page."""

    template_name = "core/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The demo shows its accounts."""
        found = super().get_context_data(**context)
        # Django's own `site` would hide ours.
        found.pop("site", None)
        if configuration.GONGKAI_DEMO:
            found["demo_accounts"] = demo_accounts()
        return found


class SignOut(views.LogoutView):
    """Ends the session; by POST only."""

    http_method_names = ["post", "options"]
    next_page = "workbench:login"


class PasswordForm(PasswordChangeForm):
    """The old password once, the new one twice."""

    error_messages = {
        **PasswordChangeForm.error_messages,
        "password_incorrect": "原密码不对。请重新输入。",
        "password_mismatch": "两次输入的新密码不一样。请重新输入。",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = "原密码"
        self.fields["new_password1"].label = "新密码"
        self.fields["new_password1"].help_text = "至少10个字符，不能全是数字，不要用常见密码。"
        self.fields["new_password2"].label = "再输一次新密码"
        self.fields["new_password2"].help_text = ""


class PasswordChange(views.PasswordChangeView):
    """A person changes the own password."""

    template_name = "workbench/form.html"
    form_class = PasswordForm
    success_url = reverse_lazy("workbench:settings")

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The frame of the workbench."""
        found = super().get_context_data(**context)
        return shell(self.request, **{**found, "title": "修改密码", "submit": "修改密码"})

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        """Changed, with a trace."""
        # Set on the person whom the form saves.
        form.user.password_temporary = False
        response = super().form_valid(form)
        audit.note("people.password", "修改密码", self.request.user)
        messages.success(self.request, "密码已修改。")
        return response


class SettingsForm(forms.ModelForm):
    """What a person decides about the own workbench."""

    class Meta:
        model = User
        fields = ["email", "telephone", "mail_digest", "shortcuts"]
        labels = {"email": "邮箱"}
        help_texts = {
            "mail_digest": "每天早上把没有读过的提醒合成一封邮件。",
            "shortcuts": "J、K 上下移动，Enter 打开，/ 搜索，? 看全部。",
        }


@signed_in
def settings(request: HttpRequest) -> HttpResponse:
    """个人设置."""
    form = SettingsForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        audit.note("people.settings", "修改个人设置", request.user, data={"changed": form.changed_data})
        messages.success(request, "个人设置已保存。")
        return redirect("workbench:settings")
    context = shell(request, title="个人设置", submit="保存设置", form=form, template_note="workbench/parts/look.html")
    return render(request, "workbench/form.html", context, status=422 if form.errors else 200)
