"""A select of hundreds of choices is the one that Django writes, also where scripts may
make more of it.
"""

from typing import Any

import pytest
from django import forms
from django.test.html import parse_html

from dashboard.forms import LongSelect, SearchableSelect

CHOICES = [("", "All"), ("a&b", 'Ada "the first" <b>'), (7, "Seven")]


class WithBoth(forms.Form):
    ours = forms.ChoiceField(choices=CHOICES, widget=LongSelect({"class": "wide"}), required=False)
    theirs = forms.ChoiceField(
        choices=CHOICES, widget=forms.Select({"class": "wide"}), required=False
    )


@pytest.mark.parametrize("value", [None, "", "a&b", "7", "unknown"])
def test_it_reads_as_djangos_own_does(value: Any) -> None:
    form = WithBoth(None if value is None else {"ours": value, "theirs": value})

    assert parse_html(str(form["ours"])) == parse_html(
        str(form["theirs"]).replace("theirs", "ours")
    )


@pytest.mark.parametrize("value", ["", "a&b", "7"])
def test_one_that_is_typed_into_is_a_select_without_scripts(value: str) -> None:
    class Searched(forms.Form):
        ours = forms.ChoiceField(
            choices=CHOICES, widget=SearchableSelect({"class": "wide"}), required=False
        )

    select = str(WithBoth({"ours": value})["ours"])
    shown = str(Searched({"ours": value})["ours"])
    assert select in shown
    assert "data-combobox" in shown
    assert "data-options" not in shown
