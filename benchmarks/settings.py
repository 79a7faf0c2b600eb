"""The site as it is, and an app with one webhook source for the benchmark to send to."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS as _APPS

INSTALLED_APPS = [*_APPS, "benchmarks.app"]
