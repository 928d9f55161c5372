"""Headway's settings: one file, everything from the environment (see .env.example)."""

from __future__ import annotations

import os
from pathlib import Path

import environ
from celery.schedules import crontab
from cryptography.fernet import Fernet
from csp.constants import NONE, SELF
from kombu import Queue

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent
LOCAL = env.is_local()
DEBUG = env.truth("DEBUG")
DEMO = LOCAL and env.truth("HEADWAY_DEMO")
DATA_DIR = env.data_dir(BASE_DIR)
if not LOCAL:
    env.demand_all()

_read = environ.Env()

SECRET_KEY = os.environ.get("SECRET_KEY") or env.kept_secret(DATA_DIR / "secret_key")
FIELD_KEY = os.environ.get("FIELD_KEY") or env.kept_secret(DATA_DIR / "field_key", Fernet.generate_key())
ALLOWED_HOSTS = _read.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
PUBLIC_URL = (os.environ.get("PUBLIC_URL") or "http://127.0.0.1:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
ALLOW_PRIVATE_SOURCES = env.truth("ALLOW_PRIVATE_SOURCES")
JIRA_OAUTH_CLIENT_ID = os.environ.get("JIRA_OAUTH_CLIENT_ID", "")
JIRA_OAUTH_CLIENT_SECRET = os.environ.get("JIRA_OAUTH_CLIENT_SECRET", "")
ATLASSIAN_AUTH_URL = (os.environ.get("ATLASSIAN_AUTH_URL") or "https://auth.atlassian.com").rstrip("/")
ATLASSIAN_API_URL = (os.environ.get("ATLASSIAN_API_URL") or "https://api.atlassian.com").rstrip("/")

INSTALLED_APPS = [
    "config",
    "dashboards",
    "delivery",
    "teams",
    "people",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "dashboards.login.LoginRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

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
                "dashboards.shell.shell",
            ],
        },
    }
]

DATABASES = {"default": _read.db("DATABASE_URL", default="postgres://postgres@localhost/headway")}
DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = os.environ.get("REDIS_URL") or "redis://localhost:6379/0"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True  # a killed worker's task runs again; every task is safe to run twice
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# A worker takes from both; one more that takes from ``soon`` alone (-Q soon) is never busy with a long reading.
CELERY_TASK_QUEUES = [Queue("celery", routing_key="celery"), Queue("soon", routing_key="soon")]
CELERY_TASK_ROUTES = {"delivery.tasks.hear": {"queue": "soon"}}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "sync what is due": {"task": "delivery.tasks.sync_due", "schedule": 300.0},
    "count what there is": {"task": "delivery.tasks.count_due", "schedule": 3600.0},
    "catch up with lost words": {"task": "delivery.tasks.catch_up", "schedule": 60.0},
    "forecast every morning": {"task": "delivery.tasks.forecast_today", "schedule": crontab(minute=20, hour="*/6")},
    "hold forecasts against what happened": {
        "task": "delivery.tasks.backtest_due",
        "schedule": crontab(minute=40, hour=1),
    },
    "feed key results": {"task": "delivery.tasks.feed_key_results", "schedule": crontab(minute=45, hour="*/6")},
    "digests that are due": {"task": "dashboards.tasks.digests_due", "schedule": 300.0},
    "alerts": {"task": "dashboards.tasks.look_out", "schedule": 600.0},
    "measure actions": {"task": "delivery.tasks.measure_actions", "schedule": crontab(minute=50, hour="*/6")},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat")

AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
ACCOUNT_ADAPTER = "people.adapters.InvitedOnly"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = None
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.truth("BEHIND_PROXY") else 0  # whose wrong passwords are counted together
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
CSRF_FAILURE_VIEW = "dashboards.views.errors.csrf_failure"

EMAIL_CONFIG = _read.email_url("EMAIL_URL", default="smtp://127.0.0.1:1025")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 30  # seconds; a mail server that says nothing must not hold a worker
DEFAULT_FROM_EMAIL = os.environ.get("FROM_EMAIL") or "Headway <headway@localhost>"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
_HTTPS = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_SSL_REDIRECT = _HTTPS and env.truth("BEHIND_PROXY")  # only the proxy can say what the visitor spoke
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.truth("BEHIND_PROXY") else None

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": "1200/min"},
    "EXCEPTION_HANDLER": "people.problems.as_problem_details",
    "DEFAULT_PAGINATION_CLASS": "people.pages.CursorPages",
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Headway",
    "DESCRIPTION": "Will we deliver what we promised, what threatens it, and what should we do about it?",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "StageEnum": "delivery.models.Stage",
        "WorkItemKindEnum": "delivery.models.Kind",
        "SourceKindEnum": "delivery.models.SourceKind",
        "LevelEnum": "delivery.api.plan_serializers.LEVELS",
        "GoalLevelEnum": "delivery.models.Goal.Level",
        "DeliverableStageEnum": "delivery.models.Deliverable.Stage",
        "DeliverableKindEnum": "delivery.models.Deliverable.Kind",
        "RiskKindEnum": "delivery.models.risk.RiskKind",
        "RiskStateEnum": "delivery.api.risk_serializers.SHOWN_STATES",
        "ActionKindEnum": "delivery.models.Action.Kind",
        "ActionStateEnum": "delivery.models.Action.State",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO" if not LOCAL else "WARNING"},
    "loggers": {"httpx": {"level": "WARNING"}},
}
TEST_RUNNER = "django.test.runner.DiscoverRunner"
