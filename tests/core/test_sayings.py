"""Sentences that are kept: read in the language of whoever reads, days included."""

from datetime import date

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from core.words.sayings import Saying, say

# A sentence of the catalogues, with a day and a name in it that looks like none.
DRY = Saying(
    _("%(workspace)s has nothing left to send from %(day)s"),
    {"workspace": "2026-13-45", "day": date(2026, 12, 1)},
)


def test_a_day_is_said_in_the_readers_words() -> None:
    assert DRY.plain == "2026-13-45 has nothing left to send from 1 December 2026"
    for language, day in (
        ("en", "1 December 2026"),
        ("nl", "1 december 2026"),
        ("fr", "1 décembre 2026"),
    ):
        with translation.override(language):
            assert day in say(DRY.kept(), "")
