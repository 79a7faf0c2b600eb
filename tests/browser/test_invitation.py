"""Somebody is asked into an organization: makes an account or signs in, joins,
and switches between the two.
"""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.models import User
from crm import services
from crm.models import Member, Organization
from tests.browser.conftest import PHONE, look_at, sideways, violations
from tests.support import people

LINK = re.compile(r"http://\S+?(/invitations/key/\S+)")


@pytest.fixture
def northwind(transactional_db: None) -> Organization:
    return people.organization("Northwind Sales")


def invited(of: Organization, mailoutbox: list[Any], email: str = "ines@example.com") -> str:
    invitation = services.invite(organization=of, email=email, role="CLOSER")
    assert services.send_invitation(invitation.pk)
    found = LINK.search(mailoutbox[-1].body)
    assert found
    return found[1]


def test_a_new_person_makes_an_account_and_is_in(
    site_page: Page, northwind: Organization, mailoutbox: list[Any]
):
    page = site_page
    link = invited(northwind, mailoutbox)
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Join Northwind Sales")
    look_at(page)
    page.get_by_label("First name").fill("Ines")
    page.get_by_label("Last name").fill("Moreau")
    page.get_by_label("Password", exact=True).fill("12345678")
    page.get_by_role("button", name="Make my account and join").click()
    expect(page.locator(".field-error")).to_be_visible()
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    look_at(page)
    page.get_by_label("Password", exact=True).fill("a-long-good-passphrase")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    assert Member.objects.get().role == "CLOSER"
    answer = page.goto(link)
    assert answer
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("This link no longer works")
    look_at(page)


def test_a_person_with_an_account_signs_in_comes_back_and_joins(
    site_page: Page, northwind: Organization, mailoutbox: list[Any]
):
    page = site_page
    ada = people.member("CEO", people.organization("Contoso Growth"), "ada")
    page.goto(invited(northwind, mailoutbox, ada.email))
    look_at(page)
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Username or e-mail").fill("ada")
    page.get_by_label("Password", exact=True).fill(people.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("You are signed in as ada.")).to_be_visible()
    look_at(page)
    page.get_by_role("button", name="Join", exact=True).click()
    expect(page.get_by_role("button", name="Northwind Sales")).to_be_visible()
    assert set(Member.objects.filter(user=ada).values_list("organization__name", "role")) == {
        ("Contoso Growth", "CEO"),
        ("Northwind Sales", "CLOSER"),
    }


def test_whoever_belongs_to_several_switches_by_hand_and_by_keyboard(
    site_page: Page, northwind: Organization, enter: Any
):
    page = site_page
    ada: User = people.member("CEO", northwind, "ada")
    services.add_member(organization=people.organization("Contoso Growth"), user=ada, role="SETTER")
    enter(ada)
    page.goto("/")
    button = page.locator(".organization-button")
    expect(button).to_contain_text("Contoso Growth")
    button.click()
    page.get_by_role("button", name="Northwind Sales").click()
    expect(button).to_contain_text("Northwind Sales")
    # Who heads an organization sees what ran there.
    expect(page.get_by_role("link", name="Activity", exact=True)).to_be_visible()
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("button", name="Contoso Growth")).to_be_focused()
    assert violations(page) == []
    page.keyboard.press("End")
    expect(
        page.locator("#organization-menu").get_by_role("button", name="Northwind Sales")
    ).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(button).to_contain_text("Contoso Growth")


def test_the_organizations_menu_on_a_phone(site_page: Page, northwind: Organization, enter: Any):
    page = site_page
    ada: User = people.member("CEO", northwind, "ada")
    long = people.organization(
        "The very long name of an organization that nobody ever shortened, and Sons"
    )
    services.add_member(organization=long, user=ada, role="SETTER")
    enter(ada)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto("/")
    page.get_by_role("button", name="Menu", exact=True).click()
    page.locator(".organization-button").click()
    expect(page.locator("#organization-menu")).to_be_visible()
    box = page.locator("#organization-menu").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    assert violations(page) == []
    assert sideways(page) == 0
    page.locator("#organization-menu").get_by_role("button", name="The very long name").click()
    page.get_by_role("button", name="Menu", exact=True).click()
    expect(page.locator(".organization-button")).to_contain_text("The very long name")
