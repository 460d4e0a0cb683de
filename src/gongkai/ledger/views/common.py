"""What the ledger's pages share: who may open them, how an act is done from a page, where to go on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import get_script_prefix, reverse

from gongkai.core.acts import Act, ActError, InvalidData, acts, perform
from gongkai.core.models import Case, Event, User
from gongkai.core.navigation import signed_in
from gongkai.core.roles import ADMINISTRATORS, Role
from gongkai.ledger.models import Notice

View = Callable[..., HttpResponse]

# From a file to a running ledger.
STEPS = ("上传", "读取", "核对", "批准", "派发")


def working(view: View) -> View:
    """Pages for everybody who works in the ledger; administrators alone have no business here."""

    @wraps(view)
    def inner(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        if not request.user.role_set - ADMINISTRATORS:
            raise PermissionDenied("你的角色不办理业务。需要时请联系安全保密管理员。")
        return view(request, *arguments, **named)

    return signed_in(inner)


def overseeing(view: View) -> View:
    """Pages of the supervising office; auditors may look."""

    @wraps(view)
    def inner(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        if not request.user.role_set & {Role.OFFICE, Role.AUDITOR}:
            raise PermissionDenied("这里由政务公开主管单位办理。")
        return view(request, *arguments, **named)

    return signed_in(inner)


def is_office(user: User) -> bool:
    """Whether the person does the supervising office's work."""
    return Role.OFFICE in user.role_set


def oversees(user: User) -> bool:
    """Whether the person sees the cases of all units below the office."""
    return bool(user.role_set & {Role.OFFICE, Role.AUDITOR})


def notices_for(user: User) -> QuerySet:
    """Notices a person may read: those of the own office, and every notice that was dispatched."""
    if not user.role_set - ADMINISTRATORS:
        return Notice.objects.none()
    own = Notice.objects.visible_to(user).values("pk")
    return Notice.objects.filter(Q(pk__in=own) | Q(state__in=["dispatched", "archived"]))


def notice_of(user: User, pk: int, *related: str) -> Notice:
    """A notice the person may read; Http404 if there is none."""
    found = notices_for(user).select_related("unit", "supervisor", *related).filter(pk=pk).first()
    if found is None:
        raise Http404("没有这份要点，或者你不能查看。")
    return found


def act_of(kind: str, name: str) -> Act:
    """The act under its name; Http404 if there is none that people do."""
    act = acts.get(f"{kind}.{name}")
    if act is None or act.system:
        raise Http404("没有这项操作。")
    return act


def may(kind: str, name: str, case: Case | None, user: User) -> bool:
    """Whether the person may do the act now; rules of the room are asked separately."""
    act = acts.get(f"{kind}.{name}")
    return bool(act and act.permitted(case, user) and (case is None or act.starts_from(case)))


def why_not(kind: str, name: str, case: Case, user: User) -> str:
    """The rule that stands against an act, in words; empty if none."""
    act = acts.get(f"{kind}.{name}")
    return act.blocked(case, user) if act else ""


def act_url(case: Case | None, name: str, kind: str = "") -> str:
    """The page of an act's form: on a case, or one that opens a case."""
    if case is None:
        return reverse("workbench:new", args=[kind, name])
    return reverse("workbench:act", args=[case.pk, name])


def sentences(error: ActError) -> str:
    """An error as one line for the page."""
    if isinstance(error, InvalidData):
        said = []
        for name, found in error.form.errors.items():
            label = error.form.fields[name].label if name in error.form.fields else ""
            said += [f"{label}：{words}" if label else str(words) for words in found]
        return " ".join(said) or str(error)
    return str(error)


def do(
    request: HttpRequest,
    act: str,
    case: Case | None,
    data: Mapping[str, Any] | None = None,
    files: Mapping[str, Any] | None = None,
    *,
    told: str = "",
) -> Event | None:
    """Do an act and tell the person how it went; None when it did not happen."""
    try:
        event = perform(act, case, request.user, data if data is not None else request.POST, files=files)
    except ActError as error:
        messages.error(request, sentences(error))
        return None
    if told:
        messages.success(request, told)
    return event


def address(name: str, *arguments: Any, **parameters: Any) -> str:
    """A page of the ledger with parameters; empty ones are left out."""
    query = urlencode([(key, value) for key, value in parameters.items() if value not in ("", None)])
    return _page(get_script_prefix(), name, arguments) + (f"?{query}" if query else "")


@lru_cache(maxsize=1024)
def _page(script_prefix: str, name: str, arguments: tuple[Any, ...]) -> str:
    """The address itself: a dashboard writes the same one a thousand times with other parameters."""
    return reverse(f"ledger:{name}", args=arguments)


def cases_url(**parameters: Any) -> str:
    """The list of cases behind a figure."""
    return f"{reverse('workbench:cases')}?{urlencode([(k, v) for k, v in parameters.items() if v not in ('', None)])}"


def back(request: HttpRequest, name: str, *arguments: Any, **parameters: Any) -> HttpResponse:
    """Go on to a page after a POST."""
    return redirect(address(name, *arguments, **parameters))
