"""WSGI entry."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongkai.config.settings")

_django = get_wsgi_application()

# After Django is set up, because it reads the settings.
from gongkai.core.pages.front import Front  # noqa: E402
from gongkai.core.search import sounds  # noqa: E402

application = Front(_django)
sounds.warm()
