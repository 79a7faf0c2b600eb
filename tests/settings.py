"""The site as tests run it: real PostgreSQL and Redis, keys of no value, mail kept in memory."""

import os

os.environ.setdefault("SECRET_KEY", "tests-only-" + "x" * 50)
os.environ.setdefault("INTEGRATION_ENCRYPTION_KEY", "11" * 32)
os.environ.setdefault("ALLOWED_HOSTS", "testserver,localhost,127.0.0.1")
os.environ.setdefault("CRON_SECRET", "tests-only-cron-secret")

from config.settings import *  # noqa: E402, F403
from config.settings import INSTALLED_APPS as _APPS  # noqa: E402

INSTALLED_APPS = [*_APPS, "tests.probe"]

# The log of outgoing calls goes through the test's own connection, and is rolled back with it.
CALL_LOG_DELAY = 0
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
