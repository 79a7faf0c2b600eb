"""Every setting of the site, each value from the environment; no default for a secret."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import environ
from csp.constants import NONCE, NONE, SELF
from django.conf import global_settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.api import REST_FRAMEWORK, SPECTACULAR_SETTINGS  # noqa: F401
from config.unfold import UNFOLD  # noqa: F401
from core.health.logs import configure

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
env.read_env(env.str("KOPPEL_ENV_FILE", default=str(BASE_DIR / ".env")))

# --- What this process is -------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("KOPPEL_DEMO", default=False)
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=["localhost", "127.0.0.1"] if DEBUG or DEMO else []
)
# Where people and vendors reach this site: links in e-mails, webhook addresses, OAuth redirects.
PUBLIC_URL = env.str("KOPPEL_PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
SECURE = PUBLIC_URL.startswith("https://")

# --- Secrets and doors ----------------------------------------------------------------------------
# Newest first; each 32 bytes in hex or a passphrase. core.checks refuses to start without one.
INTEGRATION_ENCRYPTION_KEY = [
    key.strip() for key in env.list("INTEGRATION_ENCRYPTION_KEY", default=[]) if key.strip()
]
FERNET_KEYS = env.list("FERNET_KEYS", default=[])
CHATWOOT_PLATFORM_TOKEN = env.str("CHATWOOT_PLATFORM_TOKEN", default="")
CRON_SECRET = env.str("CRON_SECRET", default="")
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# Error pages and mails show no text of local variables: a secret could be in any.
DEFAULT_EXCEPTION_REPORTER_FILTER = "core.health.error_reports.ReportFilter"
# host:port pairs that the address guard lets through, for the demo,
# tests and self-hosted neighbours.
ALLOW_PRIVATE_HOSTS = env.list("KOPPEL_ALLOW_PRIVATE_HOSTS", default=[])
REQUIRE_2FA = env.bool("KOPPEL_REQUIRE_2FA", default=False)
TRUSTED_PROXIES = env.int("KOPPEL_TRUSTED_PROXIES", default=0)
API_LOG_DAYS = env.int("KOPPEL_API_LOG_DAYS", default=90)
# Seconds for which rows of the log of outgoing calls may wait to be written together;
# 0 writes each at once.
CALL_LOG_DELAY = 1.0
WEBHOOK_LOG_DAYS = env.int("KOPPEL_WEBHOOK_LOG_DAYS", default=90)
WEBHOOK_MAX_BODY = env.int("KOPPEL_WEBHOOK_MAX_BODY", default=2 * 1024 * 1024)
# How long an attempt that has begun keeps others off, and the wait before the first retry (then
# four times as long).
WEBHOOK_LEASE_SECONDS = env.float("KOPPEL_WEBHOOK_LEASE_SECONDS", default=60)
WEBHOOK_RETRY_SECONDS = env.float("KOPPEL_WEBHOOK_RETRY_SECONDS", default=30)
# A run whose worker was not heard of for so long is taken up again;
# after so many attempts in a row that got no further it has failed.
RUN_SILENCE_SECONDS = env.float("KOPPEL_RUN_SILENCE_SECONDS", default=90)
RUN_ATTEMPTS = env.int("KOPPEL_RUN_ATTEMPTS", default=5)
# Threads per web process in which Django serves pages.
WEB_THREADS = env.int("KOPPEL_WEB_THREADS", default=8)

# --- Apps -----------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.import_export",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "django_htmx",
    "django_structlog",
    "import_export",
    "axes",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "anymail",
    "core",
    "crm",
    "calls",
    "fathom_sync",
    "bison",
    "integrations",
    "dashboard",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "core.middleware.RequestLog",
    "core.middleware.VendorTurns",
    "csp.middleware.CSPMiddleware",
    "core.middleware.PrivatePages",
    "core.middleware.ApiErrors",
    "core.middleware.NotFoundPages",
    "core.middleware.StrictAddress",
    "core.middleware.WholeBody",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "core.middleware.Language",
    "core.middleware.TimeZone",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.signin.signed_out.SignedOut",
    "allauth.account.middleware.AccountMiddleware",
    "core.middleware.SecondFactorFirst",
    "axes.middleware.AxesMiddleware",
]
# core.middleware.StrictAddress answers with and without the trailing slash,
# and never by a redirect.
APPEND_SLASH = False
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dashboard.navigation.shell",
            ],
        },
    }
]

# --- PostgreSQL, Redis, Celery --------------------------------------------------------------------
DATABASES = {
    "default": {
        **env.db("DATABASE_URL"),
        "ENGINE": "core.postgres",
        "ATOMIC_REQUESTS": False,
        "CONN_HEALTH_CHECKS": True,
    }
}
DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
    "min_size": 1,
    "max_size": env.int("DATABASE_POOL_SIZE", default=20),
    "timeout": 10,
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL")


def _next_database(url: str) -> str:
    """Name the same server's next database.

    Emptying the cache is FLUSHDB, and must not take the queue with it.
    """
    parts = urlsplit(url)
    number = int(parts.path.strip("/") or 0)
    return urlunsplit(parts._replace(path=f"/{number + 1}"))


CACHE_URL = env.str("CACHE_URL", default=_next_database(REDIS_URL))
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}
}

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A request that queues a job must not wait for a broker that is down:
# it gives up within about two seconds.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_timeout": 2,
    "socket_connect_timeout": 1,
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "core.queue.beat:Scheduler"
# Rows that `migrate` adds to the schedule where they are missing (core.queue.timetable).
TIMETABLE = "config.celery.TIMETABLE"

# --- Sign-in --------------------------------------------------------------------------------------
AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "core.signin.Backend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCESS_TOKEN_SECONDS = 3600
REFRESH_TOKEN_DAYS = 30
ACCOUNT_ADAPTER = "core.signin.Adapter"
ACCOUNT_FORMS = {"reset_password": "core.signin.ResetPasswordForm"}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# Wrong passwords and codes are counted by axes, for pages and API together;
# the other limits are allauth's.
ACCOUNT_RATE_LIMITS = {"login_failed": False, "login": "60/m/ip"}
MFA_ADAPTER = "core.signin.second_factor.Adapter"
MFA_FORMS = {
    "authenticate": "core.signin.second_factor.AuthenticateForm",
    "reauthenticate": "core.signin.second_factor.ReauthenticateForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "core.signin.lockout_name"
AXES_CLIENT_IP_CALLABLE = "core.serving.client_ip.client_ip"
AXES_LOCKOUT_CALLABLE = "core.signin.locked_out"
AXES_SENSITIVE_PARAMETERS = ["username", "login", "ip_address", "password", "otp", "code"]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
SESSION_ENGINE = "core.signin.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# --- HTTPS and headers ----------------------------------------------------------------------------
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz/?$", r"^readyz/?$"]
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# What pages may load. Relaxed under /admin/ alone, by core.middleware.PrivatePages.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "media-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- Languages and times --------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("nl", _("Dutch")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
TIME_ZONE = "UTC"

# --- Static files ---------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))()
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = ["core.serving.bundles.BundleFinder", *global_settings.STATICFILES_FINDERS]
WHITENOISE_USE_FINDERS = DEBUG or DEMO
_AS_SERVED = "whitenoise.storage.CompressedManifestStaticFilesStorage"
if WHITENOISE_USE_FINDERS:
    _AS_SERVED = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _AS_SERVED},
}

# --- E-mail and alerts ----------------------------------------------------------------------------
# A mail server that does not answer must not hold a worker.
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Koppel <koppel@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
RESEND_API_KEY = env.str("RESEND_API_KEY", default="")
SENDGRID_API_KEY = env.str("SENDGRID_API_KEY", default="")
EMAIL_FILE_PATH = env.str("EMAIL_FILE_PATH", default="")
if RESEND_API_KEY or SENDGRID_API_KEY:
    _service = "resend" if RESEND_API_KEY else "sendgrid"
    EMAIL_BACKEND = f"anymail.backends.{_service}.EmailBackend"
    ANYMAIL = {"RESEND_API_KEY": RESEND_API_KEY, "SENDGRID_API_KEY": SENDGRID_API_KEY}
elif EMAIL_FILE_PATH:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
else:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    vars().update(env.email("EMAIL_URL", default="smtp://localhost:25"))
TWILIO_ACCOUNT_SID = env.str("TWILIO_ACCOUNT_SID", default="")
TWILIO_AUTH_TOKEN = env.str("TWILIO_AUTH_TOKEN", default="")
TWILIO_PHONE_NUMBER = env.str("TWILIO_PHONE_NUMBER", default="")
TWILIO_BASE_URL = env.str("TWILIO_BASE_URL", default="https://api.twilio.com")

# --- Vendors --------------------------------------------------------------------------------------
FATHOM_API_BASE_URL = env.str("FATHOM_API_BASE_URL", default="https://api.fathom.ai/external/v1")
FATHOM_API_KEY = env.str("FATHOM_API_KEY", default="")
FATHOM_WEBHOOK_SECRET = env.str("FATHOM_WEBHOOK_SECRET", default="")
FATHOM_CALLS_PER_MINUTE = env.int("FATHOM_CALLS_PER_MINUTE", default=60)
FATHOM_HEAVY_CALLS_PER_MINUTE = env.int("FATHOM_HEAVY_CALLS_PER_MINUTE", default=30)
FATHOM_HEAVY_CALLS_UNDER_LOAD = env.int("FATHOM_HEAVY_CALLS_UNDER_LOAD", default=5)

# --- Video calls on LiveKit: without all three there are none -------------------------------------
LIVEKIT_API_URL = env.str("LIVEKIT_API_URL", default="").strip()
LIVEKIT_API_KEY = env.str("LIVEKIT_API_KEY", default="").strip()
LIVEKIT_API_SECRET = env.str("LIVEKIT_API_SECRET", default="").strip()
# Seconds for which a person's token opens the door of a room; calls.checks holds its bounds.
LIVEKIT_TOKEN_SECONDS = env.int("LIVEKIT_TOKEN_SECONDS", default=300)
# Whether an egress service stands beside it: without one nothing can be recorded.
LIVEKIT_EGRESS = env.bool("LIVEKIT_EGRESS", default=True)

# --- Recordings of calls: S3-compatible storage ---------------------------------------------------
RECORDINGS_S3_BUCKET = env.str("RECORDINGS_S3_BUCKET", default="")
RECORDINGS_S3_ENDPOINT = env.str("RECORDINGS_S3_ENDPOINT", default="").rstrip("/")
RECORDINGS_S3_REGION = env.str("RECORDINGS_S3_REGION", default="")
RECORDINGS_S3_ACCESS_KEY = env.str("RECORDINGS_S3_ACCESS_KEY", default="")
RECORDINGS_S3_SECRET_KEY = env.str("RECORDINGS_S3_SECRET_KEY", default="")

# --- What was said in video calls: an OpenAI-compatible endpoint; without a key nothing is written
OPENAI_API_KEY = env.str("OPENAI_API_KEY", default="").strip()
OPENAI_BASE_URL = (
    env.str("OPENAI_BASE_URL", default="https://api.openai.com/v1").strip().rstrip("/")
)
OPENAI_TRANSCRIPTION_MODEL = env.str("OPENAI_TRANSCRIPTION_MODEL", default="whisper-1").strip()
# Empty: calls are written down and not summed up.
OPENAI_SUMMARY_MODEL = env.str("OPENAI_SUMMARY_MODEL", default="gpt-4o-mini").strip()
# The largest file that the endpoint takes, in MB; calls.checks holds its bounds.
OPENAI_UPLOAD_MB = env.int("OPENAI_UPLOAD_MB", default=25)

# --- Logs -----------------------------------------------------------------------------------------
DJANGO_STRUCTLOG_CELERY_ENABLED = True
LOGGING = configure(
    readable=DEBUG or DEMO,
    level=env.str("LOG_LEVEL", default="INFO"),
    file=env.str("LOG_FILE", default=""),
)

if not DEBUG and not DEMO and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS is not set: name the hosts that this site answers to")
