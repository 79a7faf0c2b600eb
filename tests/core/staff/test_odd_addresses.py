"""What the admin cannot understand is answered with 4xx and a sentence, and nothing breaks."""

import re
from typing import Any

import pytest
from django.contrib import admin

from core.models import User
from tests.support.people import person

pytestmark = pytest.mark.django_db

ODD = ["created_at__year=99999", "pk__gt=1'"]


@pytest.fixture
def chief(client: Any) -> Any:
    client.raise_request_exception = False
    client.force_login(
        person("chief", is_staff=True, is_superuser=True), backend="core.signin.Backend"
    )
    return client


def lists() -> list[str]:
    return sorted(
        f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        for model in admin.site._registry
    )


@pytest.mark.parametrize("path", lists())
def test_no_filter_of_a_list_breaks_it(chief: Any, path: str) -> None:
    answers = {query: chief.get(f"{path}?{query}") for query in ODD}
    assert {
        query: answer.status_code for query, answer in answers.items() if answer.status_code >= 500
    } == {}
    assert answers["pk__gt=1'"].status_code in (200, 400)


@pytest.mark.parametrize(
    "query", ["created_at__year=99999", "pk__gt=1'", "created_at__gte=yesterday"]
)
@pytest.mark.parametrize("path", ["/admin/core/run/", "/admin/core/apicall/"])
def test_a_filter_that_means_nothing_is_said_to_mean_nothing(
    chief: Any, path: str, query: str
) -> None:
    answer = chief.get(f"{path}?{query}")
    assert answer.status_code == 400
    assert "Nothing was changed. Go back and try again." in answer.content.decode()


def test_an_export_with_a_filter_that_means_nothing_is_refused(chief: Any) -> None:
    assert chief.post("/admin/core/apicall/export/?created_at__year=99999").status_code == 400


@pytest.mark.parametrize("identifier", ["x", "0", "99999999999999999999999", "_2E"])
def test_the_password_of_nobody_is_a_page_that_is_not_there(chief: Any, identifier: str) -> None:
    before = list(User.objects.values_list("password", flat=True))
    for answer in (
        chief.get(f"/admin/core/user/{identifier}/password/"),
        chief.post(
            f"/admin/core/user/{identifier}/password/", {"password1": "a", "password2": "a"}
        ),
    ):
        assert answer.status_code == 404
        assert re.search(r"<h1[^>]*>[^<]+</h1>", answer.content.decode())
    assert list(User.objects.values_list("password", flat=True)) == before
