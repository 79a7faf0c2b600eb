"""The reference's settings: the same database, and for the rest what `startproject`
gives every site.
"""

from benchmarks.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.reference_urls"
AUTH_USER_MODEL = "auth.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
INSTALLED_APPS = [
    f"django.contrib.{name}" for name in ("auth", "contenttypes", "sessions", "messages")
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
# The pool stays, which a plain site would not have; a look at the connection before
# each request goes.
DATABASES = {"default": {**DATABASES["default"], "CONN_HEALTH_CHECKS": False}}  # noqa: F405
