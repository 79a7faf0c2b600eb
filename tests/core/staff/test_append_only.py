"""What happened is not to be changed: not by a superuser, not by a form,
an action or a crafted request.
"""

import pytest
from django.contrib import admin

from core.models import ApiCall, AuditEvent, InboundEvent
from tests.core.staff.test_roles import ONLY_DELETED, ONLY_READ
from tests.support.people import person
from tests.support.rows import MAKERS, api_calls, deliveries

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(client):
    client.force_login(person(is_staff=True, is_superuser=True), backend="core.signin.Backend")
    return client


def page_of(label):
    return next(
        page for model, page in admin.site._registry.items() if model._meta.label_lower == label
    )


def rows_of(model):
    """Return all rows as they are stored: what is encrypted by its ciphertext."""
    rows = model._default_manager.order_by("pk").values()
    return [{name: getattr(value, "text", value) for name, value in row.items()} for row in rows]


@pytest.mark.parametrize("label", sorted(ONLY_READ | ONLY_DELETED))
def test_nothing_is_added_to_it(label, chief):
    url = f"/admin/{label.replace('.', '/')}/add/"
    before = page_of(label).model._default_manager.count()
    assert chief.get(url).status_code == 403
    assert chief.post(url, {}).status_code == 403
    assert page_of(label).model._default_manager.count() == before


@pytest.mark.parametrize("label", sorted(ONLY_READ & set(MAKERS)))
def test_no_row_of_it_is_changed_or_deleted(label, chief):
    MAKERS[label](1)
    model = page_of(label).model
    row = model._default_manager.order_by("pk").last()
    before = rows_of(model)
    url = f"/admin/{label.replace('.', '/')}/"
    if label != "core.inboundreceipt":
        assert (
            chief.post(f"{url}{row.pk}/change/", {"title": "x", "error_message": "x"}).status_code
            == 403
        )
        assert chief.post(f"{url}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    chief.post(url, {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes"})
    assert rows_of(model) == before


def test_lists_of_logs_offer_no_change(chief):
    api_calls(1)
    deliveries(1)
    for label in ("apicall", "inboundevent", "auditevent"):
        page = chief.get(f"/admin/core/{label}/").content.decode()
        assert "delete_selected" not in page
        assert "/add/" not in page
    assert (ApiCall.objects.count(), InboundEvent.objects.count()) == (1, 1)
    assert AuditEvent.objects.exists()
