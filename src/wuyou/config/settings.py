"""Django's settings, made from the environment."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from wuyou.config.env import get_env
from wuyou.infra import logs

ENV = get_env()
SOURCE = Path(__file__).resolve().parent.parent

SECRET_KEY = ENV.secret_key
DEBUG = ENV.debug
ALLOWED_HOSTS = list(ENV.allowed_hosts)
ROOT_URLCONF = "wuyou.config.urls"
WSGI_APPLICATION = "wuyou.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    "wuyou.infra",
    "wuyou.domains.identity",
    "wuyou.domains.notifications",
    "wuyou.domains.ledger",
    "wuyou.domains.catalog",
    "wuyou.domains.social",
    "wuyou.domains.things",
    "wuyou.domains.messaging",
    "wuyou.domains.inventory",
    "wuyou.domains.payments",
    "wuyou.domains.orders",
    "wuyou.domains.alliance",
    "wuyou.domains.groupbuy",
    "wuyou.surfaces.ui",
    "wuyou.surfaces.storefront",
    "wuyou.surfaces.staff",
    "wuyou.surfaces.api",
    "wuyou.surfaces.webhooks",
]

MIDDLEWARE = [
    "wuyou.surfaces.ui.middleware.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "wuyou.surfaces.ui.middleware.ContentPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "wuyou.surfaces.ui.middleware.DomainErrors",
    # The last: sessions are saved after the moment has ended.
    "wuyou.surfaces.ui.middleware.OneMoment",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "wuyou.surfaces.ui.context.shell",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "wuyou.surfaces.ui.templatetags.ui"],
        },
    }
]


def _database(url: str) -> dict[str, object]:
    """Django's form of a PostgreSQL address; `host` may be a socket directory in the query string."""
    parts = urlsplit(url or "postgresql:///wuyou")
    if parts.scheme not in {"postgres", "postgresql"}:
        raise SystemExit("DATABASE_URL must begin with postgresql://")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "wuyou",
        "USER": unquote(parts.username or query.pop("user", "")),
        "PASSWORD": unquote(parts.password or query.pop("password", "")),
        "HOST": parts.hostname or query.pop("host", ""),
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_MAX_AGE": None,
        # One small question a request, so that the web server outlives a restart of the database.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **query,
            # Parameters travel apart from the text, so the server keeps the plans of hot statements.
            "server_side_binding": True,
            "prepare_threshold": 3,
            "application_name": "wuyou",
            # A forgotten transaction would hold back every reader of the event log.
            "options": "-c idle_in_transaction_session_timeout=60000 -c lock_timeout=10000 -c jit=off",
        },
        "TEST": {"TEMPLATE": "template0"},
    }


DATABASES = {"default": _database(ENV.socket_database_url)}
ATOMIC_REQUESTS = False

AUTH_USER_MODEL = "identity.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "storefront:sign-in"
# Not the cached engine: a cache in each process would keep a session alive that another process has ended.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENV.base_url.startswith("https://")
CSRF_TRUSTED_ORIGINS = [ENV.base_url]
CSRF_FAILURE_VIEW = "wuyou.surfaces.ui.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 20
PICTURE_MAX_BYTES = ENV.picture_megabytes * 1_000_000
PICTURE_MAX_PIXELS = ENV.picture_megapixels * 1_000_000
# First the bound on all files of a request: what Django itself bounds is the rest of a form.
FILE_UPLOAD_HANDLERS = [
    "wuyou.infra.uploads.BoundedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
UPLOAD_MAX_BYTES = 10 * PICTURE_MAX_BYTES
FILE_UPLOAD_PERMISSIONS = 0o600

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 10_000}}}

USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [SOURCE / "locale"]
LANGUAGE_COOKIE_SAMESITE = "Lax"

STATIC_URL = "/static/"
STATIC_ROOT = ENV.home / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = ENV.home / "media"
STREAM_URL, STREAM_PORT = ENV.stream_url, ENV.stream_port

EVENT_SUBSCRIBERS = "wuyou.config.wiring.SUBSCRIBERS"
SIGHT_SOURCES = "wuyou.config.wiring.SIGHT_SOURCES"
PERSON_DATA = "wuyou.config.wiring.PERSON_DATA"
ERASURE_GRACE_DAYS = ENV.erasure_grace_days
TIE_OCCASIONS = "wuyou.config.wiring.TIE_OCCASIONS"
NOTIFICATION_SOURCES = "wuyou.config.wiring.NOTIFICATION_SOURCES"
NOTIFICATION_ACTORS = "wuyou.config.wiring.NOTIFICATION_ACTORS"
PROCRASTINATE_IMPORT_PATHS = ["wuyou.config.schedule"]
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

LOGGING_CONFIG = None
logs.configure(ENV.log_level)
