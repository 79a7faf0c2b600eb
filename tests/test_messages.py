"""The catalogues: complete in Dutch and French, compiled, and true to their texts."""

import re

import polib
import pytest

from scripts import check_messages

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")


@pytest.mark.parametrize("language", check_messages.LANGUAGES)
def test_every_text_is_translated_and_compiled(language: str):
    assert check_messages.check(language, check_messages.marked()) == []


@pytest.mark.parametrize("language", check_messages.LANGUAGES)
def test_a_translation_has_the_placeholders_of_its_text(language: str):
    for entry in polib.pofile(str(check_messages.catalogue(language))):
        allowed = set(PLACEHOLDER.findall(entry.msgid + entry.msgid_plural))
        for translation in [entry.msgstr, *entry.msgstr_plural.values()]:
            assert set(PLACEHOLDER.findall(translation)) <= allowed, entry.msgid
        if not entry.msgid_plural:
            assert set(PLACEHOLDER.findall(entry.msgstr)) == allowed, entry.msgid
