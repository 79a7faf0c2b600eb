"""Encrypted model fields: ciphertext in the column, in memory and in caches;
clear text only by reveal().
"""

import copy
import json
import pickle
import uuid

import pytest
from django.core.cache import cache
from django.core.exceptions import FieldError, ValidationError
from django.core.serializers import serialize
from django.db import connection, models, transaction
from django.forms.models import model_to_dict
from django.test.utils import isolate_apps

from core.masking import BULLETS, Secret
from core.models import AlertChannel, SystemSetting
from core.secrets.crypto import CannotOpen
from core.secrets.fields import (
    EncryptedCharField,
    EncryptedEmailField,
    EncryptedTextField,
    SealedValue,
)

pytestmark = pytest.mark.django_db
CLEAR = "whsec_canary-that-must-not-show"


@pytest.fixture
def stored():
    return SystemSetting.objects.create(setting_key="key", setting_value=CLEAR)


def column(row):
    with connection.cursor() as cursor:
        cursor.execute("SELECT setting_value FROM system_settings WHERE id = %s", [row.pk])
        return cursor.fetchone()[0]


def in_column(row, text):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE system_settings SET setting_value = %s WHERE id = %s", [text, row.pk]
        )


def read(row):
    return SystemSetting.objects.get(pk=row.pk)


def test_the_column_holds_ciphertext_and_reveal_gives_the_value(stored):
    assert CLEAR not in column(stored)
    assert column(stored).count(":") == 2
    assert read(stored).setting_value.reveal() == CLEAR
    assert read(stored).setting_value == Secret(CLEAR)


@pytest.mark.parametrize("value", [None, "", "x", "é\x00\ud800", "x" * 100_000])
def test_any_text_is_stored_and_comes_back(value):
    row = SystemSetting.objects.create(setting_key="key", setting_value=value)
    found = read(row).setting_value
    assert found is None if value is None else found.reveal() == value


def test_nothing_that_prints_a_row_shows_the_value(stored):
    for row in (stored, read(stored)):
        for shown in (
            repr(row.setting_value),
            str(row.setting_value),
            str(vars(row)),
            str(model_to_dict(row)),
        ):
            assert CLEAR not in shown


def test_values_and_values_list_never_give_the_clear_text(stored):
    (row,) = SystemSetting.objects.values()
    (value,) = SystemSetting.objects.values_list("setting_value", flat=True)
    assert str(row["setting_value"]) == str(value) == BULLETS
    assert CLEAR not in repr(row)
    with pytest.raises(TypeError):
        json.dumps(row["setting_value"])


def test_a_row_in_memory_and_in_the_cache_holds_ciphertext_alone(stored):
    for row in (stored, read(stored)):
        cache.set("row", row)
        pickled = pickle.dumps(row)
        assert CLEAR.encode() not in pickled
        assert pickle.loads(pickled).setting_value.reveal() == CLEAR
        assert cache.get("row").setting_value.reveal() == CLEAR
    cache.delete("row")


def test_a_row_with_a_new_value_is_not_pickled_before_it_is_saved(stored):
    stored.setting_value = "new"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(stored)


def test_deep_copies_deferred_loads_and_refreshes_keep_the_value(stored):
    assert copy.deepcopy(read(stored)).setting_value.reveal() == CLEAR
    for rows in (
        SystemSetting.objects.defer("setting_value"),
        SystemSetting.objects.only("setting_key"),
    ):
        assert rows.get(pk=stored.pk).setting_value.reveal() == CLEAR
    row = read(stored)
    SystemSetting(pk=stored.pk, setting_key="key", setting_value="changed").save(force_update=True)
    row.refresh_from_db()
    assert row.setting_value.reveal() == "changed"


def test_bulk_create_seals_each_row_for_itself():
    rows = SystemSetting.objects.bulk_create(
        [
            SystemSetting(setting_key=f"key {number}", setting_value=f"value {number}")
            for number in range(3)
        ]
    )
    assert [read(row).setting_value.reveal() for row in rows] == ["value 0", "value 1", "value 2"]


def test_bulk_update_of_other_columns_leaves_the_value(stored):
    stored.description = "new"
    SystemSetting.objects.bulk_update([stored], ["description"])
    assert read(stored).setting_value.reveal() == CLEAR


def test_a_copy_under_a_new_key_is_sealed_for_its_own_row(stored):
    for source in (stored, read(stored)):
        source.pk = uuid.uuid4()
        source.setting_key = str(source.pk)
        source._state.adding = True
        source.save()
        assert read(source).setting_value.reveal() == CLEAR
        assert source.setting_value.reveal() == CLEAR
    assert len({column(row) for row in SystemSetting.objects.all()}) == 3


def test_a_value_assigned_from_another_row_is_sealed_for_its_own(stored):
    other = SystemSetting.objects.create(
        setting_key="other", setting_value=read(stored).setting_value
    )
    assert read(other).setting_value.reveal() == CLEAR


def test_a_value_moved_to_another_row_by_hand_does_not_open(stored):
    other = SystemSetting.objects.create(setting_key="other", setting_value="other")
    in_column(other, column(stored))
    with pytest.raises(CannotOpen, match=str(other.pk)):
        read(other).setting_value.reveal()


def test_a_copy_of_a_value_that_does_not_open_is_refused_and_stores_nothing(stored):
    in_column(stored, "clear text from elsewhere")
    row = read(stored)
    row.pk, row.setting_key, row._state.adding = uuid.uuid4(), "copy", True
    with pytest.raises(CannotOpen), transaction.atomic():
        row.save()
    assert SystemSetting.objects.count() == 1


def test_saving_other_columns_keeps_a_value_that_does_not_open_as_it_is(stored):
    in_column(stored, "clear text from elsewhere")
    row = read(stored)
    row.description = "new"
    row.save()
    assert column(stored) == "clear text from elsewhere"
    assert read(stored).description == "new"
    assert bool(row.setting_value)


def test_an_unchanged_value_is_not_sealed_again(stored):
    before = column(stored)
    read(stored).save()
    assert column(stored) == before


def test_a_stale_row_saved_after_a_rotation_does_not_bring_the_old_key_back(stored, settings):
    stale = read(stored)
    settings.INTEGRATION_ENCRYPTION_KEY = ["bb" * 32, *settings.INTEGRATION_ENCRYPTION_KEY]
    stale.save()
    settings.INTEGRATION_ENCRYPTION_KEY = ["bb" * 32]
    assert read(stored).setting_value.reveal() == CLEAR


def test_update_with_a_value_is_refused_and_changes_nothing(stored):
    for value in ("new", Secret("new"), stored.setting_value):
        with pytest.raises(FieldError, match="written by save"), transaction.atomic():
            SystemSetting.objects.update(setting_value=value)
    with pytest.raises(FieldError, match="written by save"), transaction.atomic():
        SystemSetting.objects.bulk_update([stored], ["setting_value"])
    assert read(stored).setting_value.reveal() == CLEAR
    SystemSetting.objects.update(setting_value=None)
    assert read(stored).setting_value is None


@pytest.mark.parametrize(
    "lookup", ["", "__exact", "__contains", "__in", "__startswith", "__iregex", "__gt"]
)
def test_lookups_by_value_are_refused(stored, lookup):
    with pytest.raises(FieldError, match="encrypted"):
        SystemSetting.objects.filter(**{f"setting_value{lookup}": CLEAR}).exists()


def test_lookups_for_nothing_stored_work(stored):
    assert SystemSetting.objects.filter(setting_value__isnull=False).count() == 1
    assert SystemSetting.objects.filter(setting_value=None).count() == 0


def test_serialisers_refuse_the_value(stored):
    with pytest.raises(FieldError, match="not serialised"):
        serialize("json", [stored])


@pytest.mark.parametrize("value", [7, b"bytes", ["list"], {"a": 1}])
def test_only_text_and_secrets_are_assigned(stored, value):
    with pytest.raises(TypeError, match="takes a str or a Secret"):
        stored.setting_value = value


def test_full_clean_looks_at_the_clear_text():
    AlertChannel(name="x", kind="email", target="ops@example.com").full_clean()
    with pytest.raises(ValidationError) as refusal:
        AlertChannel(name="x", kind="email", target="").full_clean()
    assert list(refusal.value.error_dict) == ["target"]


@isolate_apps("core")
def test_shorter_kinds_check_their_clear_text():
    class Person(models.Model):  # noqa: DJ008
        id = models.UUIDField(primary_key=True, default=uuid.uuid4)
        mail = EncryptedEmailField()
        token = EncryptedCharField(max_length=5)

        class Meta:
            app_label = "core"

    Person(mail="a@example.com", token="12345").clean_fields()
    with pytest.raises(ValidationError) as refusal:
        Person(mail="nonsense", token="123456").clean_fields()
    assert set(refusal.value.error_dict) == {"mail", "token"}
    assert Person._meta.get_field("token").deconstruct()[3] == {"max_length": 5}


@isolate_apps("core")
def test_a_field_that_cannot_be_bound_to_its_row_is_an_error():
    class Numbered(models.Model):  # noqa: DJ008
        secret = EncryptedTextField(unique=True)

        class Meta:
            app_label = "core"

    assert {message.id for message in Numbered.check()} >= {"koppel.E010", "koppel.E011"}


@isolate_apps("core")
def test_a_child_row_and_its_parent_row_open_the_same_value(stored):
    # A proxy reads the same table: the place must not depend on the class that a row
    # was read through.
    class Proxy(SystemSetting):
        class Meta:
            proxy = True
            app_label = "core"

    assert Proxy.objects.get(pk=stored.pk).setting_value.reveal() == CLEAR
    assert isinstance(Proxy.objects.get(pk=stored.pk).setting_value, SealedValue)
