"""Guests see the logo of an organization; who decides on it sets it,
and what is no picture is refused.
"""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from calls.services import invite_guest
from core.models import AuditEvent
from crm import pictures
from crm.models import Appointment, Logo
from crm.services import set_logo
from tests.dashboard.conftest import signed_in
from tests.support import people
from tests.support.pictures import png, webp
from tests.support.world import World

SETTINGS = "/settings/organization"
ADDRESS = f"{SETTINGS}/logo"


@pytest.fixture
def world(db: None) -> World:
    return World("")


@pytest.fixture
def chief(world: World) -> Client:
    return signed_in(world.users["CEO"])


def upload(client: Client, content: bytes, name: str = "logo.png"):
    return client.post(ADDRESS, {"logo": SimpleUploadedFile(name, content, "text/html")})


def test_a_logo_is_set_replaced_and_removed_and_each_is_audited(world: World, chief: Client):
    assert upload(chief, png())["Location"] == SETTINGS
    first = Logo.objects.get()
    assert (first.content_type, first.width, first.height) == ("image/png", 120, 40)
    assert f"/logos/{first.digest}" in chief.get(SETTINGS).content.decode()
    upload(chief, webp(b"VP8L"))
    assert Logo.objects.get().content_type == "image/webp"
    assert chief.post(f"{ADDRESS}/remove")["Location"] == SETTINGS
    assert not Logo.objects.exists()
    assert chief.post(f"{ADDRESS}/remove").status_code == 302
    assert AuditEvent.objects.filter(action="setting.changed").count() == 3


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        png()[:-4],
        png() + b"<script>alert(1)</script>",
        png(width=pictures.MOST_PIXELS_A_SIDE + 1, height=1),
        png() + b"\x00" * pictures.MOST_BYTES,
        b"",
    ],
)
def test_what_is_no_logo_is_refused_with_a_reason(world: World, chief: Client, content: bytes):
    answer = upload(chief, content)
    assert answer.status_code == 422
    assert answer.context["logo_form"].errors["logo"]
    assert chief.post(ADDRESS).status_code == 422
    assert not Logo.objects.exists()


def test_it_is_served_as_a_picture_and_nothing_else(world: World):
    content = png()
    logo = set_logo(organization=world.organization, content=content)
    answer = Client().get(f"/logos/{logo.digest}")
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (
        200,
        content,
        "image/png",
    )
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"] == "inline"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "immutable" in answer["Cache-Control"]
    for wrong in ("0" * 64, "x", logo.digest[:-1], str(world.organization.pk)):
        assert Client().get(f"/logos/{wrong}").status_code == 404


def test_a_guest_sees_it_in_the_lobby_and_before_it(world: World):
    logo = set_logo(organization=world.organization, content=png())
    for starts_in in (timedelta(minutes=5), timedelta(days=2)):
        starts_at = timezone.now() + starts_in
        ends_at = starts_at + timedelta(minutes=30)
        Appointment.objects.filter(pk=world.appointment.pk).update(
            starts_at=starts_at, ends_at=ends_at
        )
        _invitation, token = invite_guest(world.appointment, actor=world.users["CEO"])
        page = Client().get(f"/call/key/{token}").content.decode()
        assert f'src="/logos/{logo.digest}" alt="{world.organization.name}"' in page


def test_only_who_decides_on_the_organization_sets_it(world: World):
    for role in ("MANAGER", "CLOSER", "SETTER"):
        client = signed_in(world.users[role])
        assert upload(client, png()).status_code == 403
        assert client.post(f"{ADDRESS}/remove").status_code == 403
    assert upload(Client(), png()).status_code == 302
    assert upload(signed_in(people.staff()), png()).status_code in (403, 404)
    assert not Logo.objects.exists()
