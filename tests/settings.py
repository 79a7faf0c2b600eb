"""The site as tests run it: real PostgreSQL and Redis, keys of no value, mail kept in memory."""

import os

os.environ.setdefault("SECRET_KEY", "tests-only-" + "x" * 50)
os.environ.setdefault("INTEGRATION_ENCRYPTION_KEY", "11" * 32)
os.environ.setdefault("ALLOWED_HOSTS", "testserver,localhost,127.0.0.1")
os.environ.setdefault("CRON_SECRET", "tests-only-cron-secret")
# What a developer set in .env must not change what the tests see.
os.environ["KOPPEL_ENV_FILE"] = os.devnull
# Tests use many threads, and a thread that ended gives its connection back only when
# Python clears it away.
os.environ.setdefault("DATABASE_POOL_SIZE", "50")
# Each of pytest-xdist's workers has a pair of Redis numbers of its own, as it has a database
# of its own. The process that starts them has none: they have its environment, and would all
# take its pair.
_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
if _worker and os.environ.pop("KOPPEL_TEST_OWN_NUMBERS", ""):
    _server, _, _number = os.environ["REDIS_URL"].rpartition("/")
    os.environ["REDIS_URL"] = f"{_server}/{int(_number or 0) + 2 * int(_worker.removeprefix('gw'))}"
    os.environ.pop("CACHE_URL", None)

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES  # noqa: E402
from config.settings import INSTALLED_APPS as _APPS  # noqa: E402

INSTALLED_APPS = [*_APPS, "tests.probe", "tests.toy"]

# The log of outgoing calls goes through the test's own connection, and is rolled back with it.
CALL_LOG_DELAY = 0
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
# Each static file is looked for when it is asked for: a list of all of them would be made
# for each test's client.
WHITENOISE_AUTOREFRESH = True
# Fifty at once on a busy machine wait longer than a page may.
DATABASES["default"]["OPTIONS"]["pool"]["timeout"] = 60
# A half minute may end between the making of a code and its use.
MFA_TOTP_TOLERANCE = 1
