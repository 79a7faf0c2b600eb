"""Email Bison."""

from django.apps import AppConfig


class BisonConfig(AppConfig):
    name = "bison"
    verbose_name = "Email Bison"
