"""By what a call was started, in words."""

from typing import Final

from django.utils.translation import gettext_lazy

WORDS: Final = {
    "admin": gettext_lazy("The admin"),
    "api": gettext_lazy("The API"),
    "clock": gettext_lazy("The timetable"),
    "command": gettext_lazy("A command in the terminal"),
    "manual": gettext_lazy("A person"),
    "page": gettext_lazy("A page of Koppel"),
    "schedule": gettext_lazy("The timetable"),
    "webhook": gettext_lazy("A webhook"),
}


def in_words(name: str) -> str:
    """Return what started a call; of what has no words its name, and a dash for nothing."""
    return str(WORDS.get(name, name)) or "–"
