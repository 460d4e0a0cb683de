"""How a reader wants the pages: large type, contrast, dark ground, Chinese script. Kept in cookies, set by plain links.

The address is `/preferences/?mode=elder&next=/where-i-was`. Nothing personal is stored, so a GET is enough.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

PATH = "/preferences/"
YEAR = 365 * 24 * 3600

# name -> allowed values; the first is the default and deletes the cookie.
CHOICES: dict[str, tuple[str, ...]] = {
    "mode": ("usual", "elder"),
    "contrast": ("usual", "high"),
    "theme": ("light", "dark"),
    "script": ("hans", "hant"),
    "keys": ("on", "off"),
}


def read(request: HttpRequest) -> dict[str, str]:
    """Every preference with its value; an unknown value counts as the default."""
    chosen = {}
    for name, allowed in CHOICES.items():
        value = request.COOKIES.get(name, "")
        chosen[name] = value if value in allowed else allowed[0]
    return chosen


def address(request: HttpRequest, **choices: str) -> str:
    """The link that sets the given preferences and returns to the page being shown."""
    return f"{PATH}?{urlencode({**choices, 'next': request.get_full_path()})}"


def preferences(request: HttpRequest) -> HttpResponse:
    """Set the preferences named in the address and go back; anything unknown is ignored."""
    target = request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        target = "/"
    response = HttpResponseRedirect(target)
    for name, allowed in CHOICES.items():
        value = request.GET.get(name)
        if value == allowed[0]:
            response.delete_cookie(name, samesite="Lax")
        elif value in allowed:
            response.set_cookie(
                name, value, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE, httponly=True
            )
    response["Cache-Control"] = "no-store"
    patch_vary_headers(response, ["Cookie"])
    return response
