"""Secrets in forms: never rendered, kept when left alone, removed only when asked."""

from typing import ClassVar

import pytest
from django import forms

from core.masking import BULLETS, mask_api_key
from core.models import AlertChannel, SystemSetting

pytestmark = pytest.mark.django_db
CLEAR = "4jmc-canary-that-must-not-show"


class SettingForm(forms.ModelForm):
    class Meta:
        model = SystemSetting
        fields = ("setting_key", "setting_value")


class ChannelForm(forms.ModelForm):
    class Meta:
        model = AlertChannel
        fields = ("name", "kind", "target", "minimum_severity")
        widgets: ClassVar = {"target": forms.Textarea}


@pytest.fixture
def stored():
    return SystemSetting.objects.create(setting_key="key", setting_value=CLEAR)


def send(row, **data):
    form = SettingForm(
        {"setting_key": "key", **data}, instance=SystemSetting.objects.get(pk=row.pk)
    )
    if form.is_valid():
        form.save()
    return form


def value_of(row):
    value = SystemSetting.objects.get(pk=row.pk).setting_value
    return value and value.reveal()


def test_a_stored_secret_shows_as_bullets_behind_an_empty_box(stored):
    html = str(SettingForm(instance=SystemSetting.objects.get()))
    assert CLEAR not in html
    assert f'placeholder="{BULLETS}"' in html
    assert 'name="setting_value-remove"' in html
    assert 'value="' + BULLETS not in html


def test_an_empty_form_offers_nothing_to_remove():
    html = str(SettingForm())
    assert "setting_value-remove" not in html
    assert BULLETS not in html


def test_what_was_typed_does_not_come_back_with_an_error(stored):
    form = send(stored, setting_key="", setting_value="typed-secret")
    assert not form.is_valid()
    assert "typed-secret" not in str(form)


@pytest.mark.parametrize("sent", ["", "  ", BULLETS, mask_api_key(CLEAR)])
def test_blank_or_a_mask_keeps_the_stored_value(stored, sent):
    form = send(stored, setting_value=sent)
    assert form.changed_data == []
    assert value_of(stored) == CLEAR


def test_a_new_value_replaces_the_stored_one(stored):
    form = send(stored, setting_value=" new-secret ")
    assert form.changed_data == ["setting_value"]
    assert value_of(stored) == "new-secret"
    assert "new-secret" not in str(form.cleaned_data)


def test_a_tick_removes_the_stored_value(stored):
    form = send(stored, **{"setting_value-remove": "on"})
    assert form.changed_data == ["setting_value"]
    assert value_of(stored) is None


def test_a_tick_with_a_new_value_is_asked_back_and_changes_nothing(stored):
    form = send(stored, setting_value="new", **{"setting_value-remove": "on"})
    assert "not both" in form.errors["setting_value"][0]
    assert value_of(stored) == CLEAR


def test_a_mask_where_nothing_is_stored_is_not_stored():
    form = SettingForm({"setting_key": "key", "setting_value": BULLETS})
    assert form.is_valid()
    assert value_of(form.save()) is None


def test_a_required_secret_must_be_given_once_and_may_be_left_alone_later():
    data = {"name": "ops", "kind": "slack", "minimum_severity": "warning"}
    assert list(ChannelForm({**data, "target": ""}).errors) == ["target"]
    assert list(ChannelForm({**data, "target": BULLETS}).errors) == ["target"]

    channel = ChannelForm({**data, "target": "https://hooks.example.com/T0/secret"}).save()
    form = ChannelForm(
        {**data, "name": "new name", "target": "", "target-remove": "on"}, instance=channel
    )
    assert form.is_valid(), form.errors
    form.save()
    channel.refresh_from_db()
    assert (channel.name, channel.target.reveal()) == (
        "new name",
        "https://hooks.example.com/T0/secret",
    )


def test_a_widget_that_would_show_the_value_is_not_used():
    channel = AlertChannel.objects.create(name="ops", kind="slack", target=CLEAR)
    html = str(ChannelForm(instance=channel))
    assert CLEAR not in html
    assert "<textarea" not in html
    assert "required" not in html.split('name="target"')[1].split(">", maxsplit=1)[0]
