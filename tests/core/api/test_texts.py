"""What the API answers in the reader's language, whoever wrote the text."""

import ast
import json
from pathlib import Path

import pytest
import rest_framework
from django.test import Client
from django.utils import translation

from core.api.texts import FOREIGN

FILES = ("fields.py", "serializers.py", "validators.py", "exceptions.py")
MARKS = {"_", "gettext_lazy"}


def texts_of_rest_framework() -> set[str]:
    """The texts that a person meets who sends something wrong."""
    found = set()
    for file in FILES:
        for node in ast.walk(ast.parse((Path(rest_framework.__file__).parent / file).read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in MARKS
            ):
                found |= {word.value for word in node.args if isinstance(word, ast.Constant)}
    # Filled in before they are looked up, so they are never found;
    # our own limits say it in words of their own.
    return {text for text in found if "{wait}" not in text}


@pytest.mark.parametrize("language", ["nl", "fr"])
def test_every_text_of_rest_framework_is_translated(language: str):
    with translation.override(language):
        assert (
            sorted(text for text in texts_of_rest_framework() if translation.gettext(text) == text)
            == []
        )


def test_no_text_is_carried_that_rest_framework_does_not_say():
    assert set(FOREIGN) - texts_of_rest_framework() == set()


@pytest.mark.django_db
def test_a_wrong_type_is_told_in_dutch(client: Client):
    answer = client.post(
        "/api/auth/token",
        json.dumps({"username": {}, "password": "x"}),
        content_type="application/json",
        headers={"Accept-Language": "nl"},
    )
    assert answer.status_code == 400
    assert answer.json()["fields"]["username"] == ["Dit is geen geldige tekst."]
