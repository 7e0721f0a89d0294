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
    "wuyou.domains.moderation",
    "wuyou.domains.insight",
    "wuyou.domains.ledger",
    "wuyou.domains.catalog",
    "wuyou.domains.social",
    "wuyou.domains.things",
    "wuyou.domains.content",
    "wuyou.domains.complaints",
    "wuyou.domains.aftersales",
    "wuyou.domains.messaging",
    "wuyou.domains.inventory",
    "wuyou.domains.payments",
    "wuyou.domains.orders",
    "wuyou.domains.promotions",
    "wuyou.domains.feed",
    "wuyou.domains.channels",
    "wuyou.domains.alliance",
    "wuyou.domains.groupbuy",
    "wuyou.domains.awards",
    "wuyou.surfaces.ui",
    "wuyou.surfaces.storefront",
    "wuyou.surfaces.seller",
    "wuyou.surfaces.studio",
    "wuyou.surfaces.staff",
    "wuyou.surfaces.api",
    "wuyou.surfaces.webhooks",
    # After the storefront, whose templates stand in for theirs.
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
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
    "allauth.account.middleware.AccountMiddleware",
    "wuyou.surfaces.storefront.accounts.middleware.SeenSessions",
    "wuyou.surfaces.ui.middleware.DomainErrors",
    # The last: sessions are saved after the moment has ended.
    "wuyou.surfaces.ui.middleware.OneMoment",
]

TEMPLATES = [
    {
        "BACKEND": "wuyou.surfaces.ui.templating.Templates",
        "NAME": "django",
        "OPTIONS": {
            "loaders": [
                ("wuyou.surfaces.ui.templating.Loader", ["django.template.loaders.app_directories.Loader"]),
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "wuyou.surfaces.ui.context.shell",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "wuyou.surfaces.ui.templatetags.ui",
                "wuyou.surfaces.ui.templatetags.often",
            ],
            "libraries": {"i18n": "wuyou.surfaces.ui.templatetags.often"},
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
        "ENGINE": "wuyou.infra.postgres",
        "NAME": unquote(parts.path.lstrip("/")) or "wuyou",
        "USER": unquote(parts.username or query.pop("user", "")),
        "PASSWORD": unquote(parts.password or query.pop("password", "")),
        "HOST": parts.hostname or query.pop("host", ""),
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_MAX_AGE": None,
        # One look at the connection a request, so that the web server outlives a restart of the database.
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
AUTHENTICATION_BACKENDS = ["wuyou.domains.identity.backends.PersonBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "storefront:sign-in"
# Not the cached engine: a cache in each process would keep a session alive that another process has ended.
SESSION_ENGINE = "wuyou.infra.sessions"
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
FILM_MAX_BYTES = ENV.film_megabytes * 1_000_000
FILM_MAX_SECONDS = ENV.film_seconds
# First the bound on all files of a request: what Django itself bounds is the rest of a form.
FILE_UPLOAD_HANDLERS = [
    "wuyou.infra.uploads.BoundedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
UPLOAD_MAX_BYTES = max(10 * PICTURE_MAX_BYTES, FILM_MAX_BYTES + PICTURE_MAX_BYTES)
FILE_UPLOAD_PERMISSIONS = 0o600

# In the database, because what is counted against somebody has to hold in every process.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "identity_rate",
        "KEY_FUNCTION": "wuyou.domains.identity.rates.key_of",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

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
LAKE_ROOT = ENV.lake
STREAM_URL, STREAM_PORT = ENV.stream_url, ENV.stream_port
BEACON_URL, BEACON_PORT = ENV.beacon_url, ENV.beacon_port

EVENT_SUBSCRIBERS = "wuyou.config.wiring.SUBSCRIBERS"
SIGHT_SOURCES = "wuyou.config.wiring.SIGHT_SOURCES"
PERSON_DATA = "wuyou.config.wiring.PERSON_DATA"
ERASURE_GRACE_DAYS = ENV.erasure_grace_days
TIE_OCCASIONS = "wuyou.config.wiring.TIE_OCCASIONS"
NOTIFICATION_SOURCES = "wuyou.config.wiring.NOTIFICATION_SOURCES"
NOTIFICATION_ACTORS = "wuyou.config.wiring.NOTIFICATION_ACTORS"
MODERATION_SUBJECTS = "wuyou.config.wiring.MODERATION_SUBJECTS"
PROCRASTINATE_IMPORT_PATHS = ["wuyou.config.schedule"]
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

# How accounts are signed in with: django-allauth, on our pages and our table of people.
CODE_MINUTES, CODE_TRIES = 10, 5
_FORMS = "wuyou.surfaces.storefront.accounts.forms"
ACCOUNT_ADAPTER = "wuyou.surfaces.storefront.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "handle"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_LOGIN_METHODS = {"username", "email", "phone"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "phone", "password1"]
ACCOUNT_FORMS = {
    "add_email": f"{_FORMS}.AddEmailForm",
    "change_password": f"{_FORMS}.ChangePasswordForm",
    "change_phone": f"{_FORMS}.ChangePhoneForm",
    "confirm_email_verification_code": f"{_FORMS}.ConfirmEmailForm",
    "confirm_login_code": f"{_FORMS}.ConfirmCodeForm",
    "confirm_password_reset_code": f"{_FORMS}.ConfirmCodeForm",
    "reauthenticate": f"{_FORMS}.ProvePasswordForm",
    "request_login_code": f"{_FORMS}.RequestCodeForm",
    "reset_password": f"{_FORMS}.ForgotPasswordForm",
    "reset_password_from_key": f"{_FORMS}.ResetPasswordForm",
    "set_password": f"{_FORMS}.SetPasswordForm",
    "verify_phone": f"{_FORMS}.ConfirmPhoneForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PHONE_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = ACCOUNT_PHONE_VERIFICATION_TIMEOUT = CODE_MINUTES * 60
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = CODE_MINUTES * 60
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS = ACCOUNT_PHONE_VERIFICATION_MAX_ATTEMPTS = CODE_TRIES
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = ACCOUNT_PASSWORD_RESET_BY_CODE_MAX_ATTEMPTS = CODE_TRIES
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 5
ACCOUNT_RATE_LIMITS = {
    "change_phone": "5/m/user,10/h/user",
    "confirm_email": "1/10s/key,10/h/key",
    "manage_email": "30/m/user",
    "real_name": "5/m/user,20/d/user",
    "request_login_code": "20/m/ip,3/m/key,10/h/key",
    "reset_password": "20/m/ip,3/m/key,10/h/key",
    "verify_phone": "1/10s/key,10/h/key,10/m/ip",
}
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
TRUSTED_PROXIES = ENV.trusted_proxies
MFA_ADAPTER = "wuyou.surfaces.storefront.accounts.adapter.SecondFactorAdapter"
MFA_FORMS = {
    "activate_totp": f"{_FORMS}.ActivateTotpForm",
    "add_webauthn": f"{_FORMS}.AddPasskeyForm",
    "authenticate": f"{_FORMS}.SecondFactorForm",
    "edit_webauthn": f"{_FORMS}.RenamePasskeyForm",
    "reauthenticate": f"{_FORMS}.ProveSecondFactorForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False

# How messages reach people. Codes are shown in the log where that is allowed, and otherwise not offered.
CODE_SENDERS = {
    "email": "smtp" if ENV.smtp_url else "console" if ENV.console_codes else "",
    "phone": "console" if ENV.console_codes else "",
}
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENV.mail_from
_MAIL = urlsplit(ENV.smtp_url)
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if ENV.smtp_url else 'dummy'}.EmailBackend"
EMAIL_HOST = _MAIL.hostname or ""
EMAIL_PORT = _MAIL.port or (465 if _MAIL.scheme == "smtps" else 587)
EMAIL_HOST_USER = unquote(_MAIL.username or "")
EMAIL_HOST_PASSWORD = unquote(_MAIL.password or "")
EMAIL_USE_SSL = _MAIL.scheme == "smtps"
EMAIL_USE_TLS = _MAIL.scheme == "smtp" and dict(parse_qsl(_MAIL.query)).get("tls", "required") == "required"
EMAIL_TIMEOUT = 10

# Push services know us by this key. What they are called is anybody's input: only public ones are spoken to.
PUSH_KEY = ENV.push_key
PUSH_TO_LOCAL = False

# How people and payment providers reach this installation, and with whom it has accounts; without any only the sandbox
# bank is offered.
BASE_URL = ENV.base_url
PAYMENT_ACCOUNTS = ENV.payment_accounts

REAL_NAME_PROVIDER = "sandbox"
REAL_NAME_SALT = ENV.real_name_salt

LOGGING_CONFIG = None
logs.configure(ENV.log_level)
