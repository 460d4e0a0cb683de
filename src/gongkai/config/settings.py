"""Settings of gongkai. Every value an installation may change comes from a GONGKAI_* variable, read here and nowhere else.

The defaults are safe in production; the demo relaxes them explicitly (see `gongkai demo` and `make run`).
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from whitenoise.compress import Compressor

environment = environ.Env()

# GONGKAI_DATA_DIR: where the database, the files and the caches live.
DATA_DIR = Path(environment.str("GONGKAI_DATA_DIR", default="var")).absolute()
# GONGKAI_DEMO: banner, demo logins on the login page, cookies without TLS.
GONGKAI_DEMO = environment.bool("GONGKAI_DEMO", default=False)
# GONGKAI_DEBUG: tracebacks in the browser; never in production.
DEBUG = environment.bool("GONGKAI_DEBUG", default=False)
# GONGKAI_SITE_NAME, GONGKAI_SITE_OWNER: the name on every page and the body that runs the site.
GONGKAI_SITE_NAME = environment.str("GONGKAI_SITE_NAME", default="政务公开")
GONGKAI_SITE_OWNER = environment.str("GONGKAI_SITE_OWNER", default="")
# GONGKAI_SITE_CONTACT: address and telephone in the foot of public pages.
GONGKAI_SITE_CONTACT = environment.str("GONGKAI_SITE_CONTACT", default="")
# GONGKAI_PUBLIC_ADDRESS: the address under which readers reach the site, for links in mail and calendars.
GONGKAI_PUBLIC_ADDRESS = environment.str("GONGKAI_PUBLIC_ADDRESS", default="http://127.0.0.1:8000").rstrip("/")
# GONGKAI_BIND, GONGKAI_THREADS: where `gongkai serve` listens and how many threads it uses.
GONGKAI_BIND = environment.str("GONGKAI_BIND", default="127.0.0.1:8000")
GONGKAI_THREADS = environment.int("GONGKAI_THREADS", default=8)
# GONGKAI_CLAMAV_SOCKET: host:port or path of a clamd; empty means uploads are not scanned for viruses.
GONGKAI_CLAMAV_SOCKET = environment.str("GONGKAI_CLAMAV_SOCKET", default="")
# GONGKAI_UPLOAD_MEGABYTES: the largest single file.
GONGKAI_UPLOAD_MEGABYTES = environment.int("GONGKAI_UPLOAD_MEGABYTES", default=50)
# GONGKAI_TLS: the site is reached over https only; the demo on loopback turns it off.
GONGKAI_TLS = environment.bool("GONGKAI_TLS", default=not (GONGKAI_DEMO or DEBUG))
# GONGKAI_BEHIND_PROXY: a proxy of our own stands in front and writes X-Forwarded-For and X-Forwarded-Proto.
GONGKAI_BEHIND_PROXY = environment.bool("GONGKAI_BEHIND_PROXY", default=False)
# GONGKAI_WEBHOOK_PRIVATE: allow webhooks to addresses inside the private network.
GONGKAI_WEBHOOK_PRIVATE = environment.bool("GONGKAI_WEBHOOK_PRIVATE", default=False)
# GONGKAI_PAGES: keep rendered public pages on disk; off while developing, where templates change under the server.
GONGKAI_PAGES = environment.bool("GONGKAI_PAGES", default=not DEBUG)
# GONGKAI_PAGES_DIR, GONGKAI_PAGES_MEGABYTES: where they lie (nginx may serve the folder), and how much they may take.
GONGKAI_PAGES_DIR = Path(environment.str("GONGKAI_PAGES_DIR", default=str(DATA_DIR / "pages"))).absolute()
GONGKAI_PAGES_MEGABYTES = environment.int("GONGKAI_PAGES_MEGABYTES", default=512)
# GONGKAI_SEARCH: where the search index lies: `tantivy` (a folder in the data directory) or `database` (machines without
# a common disk).
GONGKAI_SEARCH = environment.str("GONGKAI_SEARCH", default="tantivy")
# GONGKAI_LOG_KEY: file with the signing key of the transparency log; without it one is made in the data directory.
GONGKAI_LOG_KEY = environment.str("GONGKAI_LOG_KEY", default="")
# GONGKAI_LOG_WITNESSES: verifier keys of the witnesses whose cosignatures are shown below checkpoints.
GONGKAI_LOG_WITNESSES = environment.list("GONGKAI_LOG_WITNESSES", default=[])
# A log that begins anew would be taken for a lie by its witnesses; only throwaway installations may.
GONGKAI_LOG_RESTARTS = GONGKAI_DEMO
# GONGKAI_PRIVACY_KEYS: the keys personal data is sealed with, the one in use first; else they stand in a file.
GONGKAI_PRIVACY_KEYS = environment.list("GONGKAI_PRIVACY_KEYS", default=[])
# GONGKAI_PRIVACY_KEY_FILE: that file, a key a line; without it one is made in the data directory.
GONGKAI_PRIVACY_KEY_FILE = environment.str("GONGKAI_PRIVACY_KEY_FILE", default="")
# GONGKAI_LOG_LEVEL: least level written to the log.
GONGKAI_LOG_LEVEL = environment.str("GONGKAI_LOG_LEVEL", default="INFO")


def _secret_key() -> str:
    """The signing key: from GONGKAI_SECRET_KEY, else one made once and kept readable by the owner only."""
    given = environment.str("GONGKAI_SECRET_KEY", default="")
    if given:
        if len(given) < 40:
            raise ImproperlyConfigured("GONGKAI_SECRET_KEY 太短，至少需要40个字符。")
        return given
    path = DATA_DIR / "secret-key"
    if path.exists():
        return path.read_text(encoding="ascii").strip()
    from django.core.management.utils import get_random_secret_key

    DATA_DIR.mkdir(parents=True, exist_ok=True)
    key = get_random_secret_key()
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key)
    return key


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = environment.list("GONGKAI_ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = environment.list("GONGKAI_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "gongkai.core.apps.CoreConfig",
    "gongkai.core.privacy.apps.PrivacyConfig",
    "gongkai.core.challenge.apps.ChallengeConfig",
    "gongkai.core.search.apps.SearchConfig",
    "gongkai.core.transparency.apps.TransparencyConfig",
    "gongkai.core.pages.apps.PagesConfig",
    "gongkai.core.machine.apps.MachineConfig",
    "gongkai.ledger.apps.LedgerConfig",
    "gongkai.publications.apps.PublicationsConfig",
    "gongkai.publications.areas.apps.AreasConfig",
    "gongkai.publications.clearance.apps.ClearanceConfig",
    "gongkai.publications.filing.apps.FilingConfig",
    "gongkai.publications.importing.apps.ImportingConfig",
    "gongkai.publications.media.apps.MediaConfig",
    "gongkai.publications.readers.apps.ReadersConfig",
    "gongkai.publications.registers.apps.RegistersConfig",
    "gongkai.requests.apps.RequestsConfig",
    "gongkai.requests.figures.apps.FiguresConfig",
    "gongkai.requests.appeals.apps.AppealsConfig",
    "gongkai.requests.counsel.apps.CounselConfig",
    "gongkai.requests.masking.apps.MaskingConfig",
    "gongkai.requests.conversion.apps.ConversionConfig",
    "gongkai.channels.zones.apps.ZonesConfig",
    "gongkai.workbench.apps.WorkbenchConfig",
    "gongkai.portal.apps.PortalConfig",
    "gongkai.api.apps.ApiConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "django_prose_editor",
    "django_tasks",
    "django_tasks_db",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "gongkai.core.pages.middleware.PagesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "gongkai.core.middleware.PlainAddressMiddleware",
    "gongkai.core.middleware.ScriptMiddleware",
    "gongkai.core.privacy.middleware.FaultMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "gongkai.config.urls"
WSGI_APPLICATION = "gongkai.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "gongkai.core.context.site",
            ],
        },
    }
]
FORM_RENDERER = "gongkai.core.forms.Renderer"

# GONGKAI_DATABASE_URL: sqlite:////path, postgres://user:password@host:port/name, or, through the socket of a server on
# the same machine, postgres://user@%2Fvar%2Frun%2Fpostgresql/name.
DATABASES = {"default": environment.db_url("GONGKAI_DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'gongkai.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        {
            # Writers queue for the lock at BEGIN instead of failing when they first write.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
                " PRAGMA cache_size=-65536; PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY;"
            ),
        }
    )
else:
    DATABASES["default"]["HOST"] = unquote(DATABASES["default"]["HOST"])
    DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/workbench/login/"
LOGIN_REDIRECT_URL = "/workbench/"
LOGOUT_REDIRECT_URL = "/"

AXES_FAILURE_LIMIT = environment.int("GONGKAI_LOGIN_FAILURES", default=5)
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "core/locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "gongkai.core.addresses.client_address"
AXES_VERBOSE = False

SESSION_COOKIE_AGE = environment.int("GONGKAI_SESSION_HOURS", default=10) * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = GONGKAI_TLS
CSRF_COOKIE_SECURE = GONGKAI_TLS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "gongkai.core.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = GONGKAI_TLS
SECURE_HSTS_SECONDS = 31_536_000 if GONGKAI_TLS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if GONGKAI_BEHIND_PROXY else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

LANGUAGE_CODE = "zh-hans"
# Only what is wholly translated is offered; half-translated pages help nobody.
LANGUAGES = [("zh-hans", "简体中文")]
LOCALE_PATHS = [Path(__file__).resolve().parent.parent / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "files", "file_permissions_mode": 0o640},
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not DEBUG
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# Maps of sources are for developers' tools: packing them took two thirds of the time of a first start.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}

EMAIL_CONFIG = environment.email_url("GONGKAI_EMAIL_URL", default="consolemail://" if GONGKAI_DEMO else "dummymail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = environment.str("GONGKAI_EMAIL_FROM", default="gongkai@localhost")

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": GONGKAI_LOG_LEVEL},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "axes": {"level": "WARNING"},
        "django_tasks": {"level": "WARNING"},
        "django_tasks_db": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
    },
}
