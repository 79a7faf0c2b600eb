"""A CRM of any make: how it is signed in to, where its contacts stand, how its lists go on,
and how it is written.
"""

from datetime import UTC, datetime

import pytest

from core.errors import Misconfigured, Temporary
from core.models import ApiCall, AuditEvent, VendorSecret
from integrations import tasks
from integrations.contacts.speaking import CREATED, FAILED, UPDATED, ContactWrite
from integrations.models import Integration
from integrations.providers.freeform import grants
from sandbox.vendors.anycrm.vendor import CLIENT_SECRET, KEY, PASSWORD, TOKEN, USER
from tests.integrations.anycrm_cast import (
    MAPPING,
    PAGINGS,
    SIGN_INS,
    WRITING,
    given,
    ids,
    made,
    pages,
    write,
)
from tests.integrations.conftest import API
from tests.support.people import assert_error

pytestmark = pytest.mark.django_db
EVERYBODY = [str(number) for number in range(1, 26)]
# As a person may choose it: every printable character, a colon and a space among them.
PASSPHRASE = "".join(map(chr, range(32, 127))) + " é€ß:"


@pytest.fixture(autouse=True)
def no_tokens():
    grants.forget()
    yield
    grants.forget()


@pytest.mark.parametrize("sign_in", SIGN_INS)
def test_each_way_to_sign_in_is_tried_and_shows_what_was_mapped(sign_in, sandbox, closer):
    answer = closer.post(f"{API}/test", given(sandbox, sign_in))
    body = answer.json()
    assert body["success"] is True, body
    assert [step["state"] for step in body["details"]["steps"]] == ["passed"] * 4
    shown = body["details"]["accountInfo"]["contacts"]
    assert (shown["read"], shown["mapped"]["email"], shown["mapped"]["company"]) == (10, 10, 10)
    assert shown["first"][0]["email"] == "person1@customers.example"
    assert "emails[0].value" in shown["found"]
    for secret in (KEY, TOKEN, PASSWORD, CLIENT_SECRET):
        assert secret not in answer.content.decode()


@pytest.mark.parametrize("sign_in", SIGN_INS)
def test_what_the_service_refuses_says_so(sign_in, sandbox, closer):
    wrong = {name: f"wrong-{text}" for name, text in SIGN_INS[sign_in]["credentials"].items()}
    body = closer.post(f"{API}/test", given(sandbox, sign_in, credentials=wrong)).json()
    assert (body["success"], body["error"]) == (False, "BAD_CREDENTIALS")
    assert "wrong-" not in str(body)


@pytest.mark.parametrize("sign_in", SIGN_INS)
def test_credentials_are_sealed_and_stand_nowhere_else(sign_in, sandbox, closer, capsys):
    account = made(closer, given(sandbox, sign_in))
    found = Integration.objects.get(account=account)
    tasks.check(str(found.pk))
    assert ids(account) == EVERYBODY
    shown = closer.get(f"{API}/{found.pk}").json()["configuration"]["credentials"]
    assert set(shown) == set(SIGN_INS[sign_in]["credentials"])
    written = capsys.readouterr()
    rows = [list(AuditEvent.objects.values()), list(ApiCall.objects.values())]
    everything = f"{shown}{rows}{written.out}{written.err}"
    for secret in (KEY, TOKEN, PASSWORD, CLIENT_SECRET):
        assert secret not in everything
        assert secret not in str(list(VendorSecret.objects.values_list("value", flat=True)))


@pytest.mark.parametrize("paging", PAGINGS)
def test_a_list_is_read_to_its_end(paging, sandbox, closer):
    account = made(closer, given(sandbox, listed=paging))
    assert ids(account) == EVERYBODY
    first = pages(account)[0].records[0]
    assert first.fields["email"] == "person1@customers.example"
    assert first.fields["firstName"] in first.fields["name"]
    assert first.changed_at == datetime(2026, 11, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize("paging", PAGINGS)
def test_only_what_changed_is_asked_for(paging, sandbox, closer):
    account = made(closer, given(sandbox, listed=paging))
    assert ids(account, datetime(2026, 11, 2, 7, 0, 1, tzinfo=UTC)) == ["24", "25"]
    assert "updated_since" in sandbox.journal("anycrm")[-1]["query"]


@pytest.mark.parametrize("paging", PAGINGS)
def test_a_list_that_leads_in_a_circle_ends(paging, sandbox, closer):
    account = made(closer, given(sandbox, listed=paging))
    kind = "duplicate_page" if paging == "PAGE" else "looping_cursor"
    sandbox.fault("anycrm", kind, path="/v1/")
    with pytest.raises(Temporary):
        pages(account)


@pytest.mark.parametrize(
    "sent", ["http://127.0.0.1:9", "https://crm.example.com", "http://169.254.169.254"]
)
def test_a_link_to_somewhere_else_is_not_followed(sent, sandbox, closer, nobody):
    account = made(closer, given(sandbox, listed="LINK"))
    sandbox.turn("anycrm", link_host=sent.replace(":9", f":{nobody.port}"))
    with pytest.raises(Misconfigured):
        pages(account)


def test_one_page_is_all_where_no_paging_is_declared(sandbox, closer):
    account = made(closer, given(sandbox, paging={"kind": "NONE"}))
    assert ids(account) == EVERYBODY[:10]


def test_an_oauth_token_is_asked_for_once_and_again_when_it_is_refused(sandbox, closer):
    account = made(closer, given(sandbox, "oauth2"))
    assert ids(account) == EVERYBODY
    assert ids(account) == EVERYBODY
    assert len(sandbox.journal("anycrm", "/oauth/token")) == 1
    sandbox.act("anycrm", "forget")
    assert ids(account) == EVERYBODY
    assert len(sandbox.journal("anycrm", "/oauth/token")) == 2


@pytest.mark.parametrize("where", ["header", "body"])
def test_a_client_says_who_it_is_where_the_service_wants_it(where, sandbox, closer):
    sandbox.turn("anycrm", client_in=where)
    assert closer.post(f"{API}/test", given(sandbox, "oauth2")).json()["success"] is True


def test_a_passphrase_of_every_printable_character_works(sandbox, closer):
    sandbox.turn("anycrm", users={USER: PASSPHRASE})
    parts = {"username": USER, "password": PASSPHRASE}
    account = made(closer, given(sandbox, "basic", credentials=parts))
    assert ids(account) == EVERYBODY
    found = Integration.objects.get(account=account)
    shown = closer.get(f"{API}/{found.pk}").json()["configuration"]["credentials"]
    assert shown["password"] == '•!"#$%&...•é€ß:'
    answer = closer.patch(
        f"{API}/{found.pk}", {"configuration": {"credentials": shown}, "name": "As before"}
    )
    assert answer.status_code == 200, answer.content
    assert ids(Integration.objects.get(pk=found.pk).account) == EVERYBODY
    assert PASSPHRASE not in str(list(ApiCall.objects.values()))


def test_a_token_of_ten_thousand_characters_works(sandbox, closer):
    token = "t" * 10_240
    sandbox.turn("anycrm", keys=[token])
    account = made(closer, given(sandbox, credentials={"token": token}))
    assert ids(account) == EVERYBODY
    assert VendorSecret.objects.get(field="credentials").value.reveal().count("t") > 10_240


def test_a_user_name_with_a_colon_is_refused_in_words(sandbox, closer):
    parts = {"username": "koppel:demo", "password": PASSWORD}
    body = closer.post(f"{API}/test", given(sandbox, "basic", credentials=parts)).json()
    assert "cannot have a colon" in body["message"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"mapping": {**MAPPING, "email": "mail"}}, "“mail”"),
        ({"itemsPath": "items"}, "no list at “items”"),
        ({"credentials": {"name": "x", "other": "y"}}, "“token”"),
        ({"contactsPath": "/nosuch"}, ""),
    ],
)
def test_each_slip_is_told_apart(sandbox, closer, values, words):
    body = closer.post(f"{API}/test", given(sandbox, **values)).json()
    assert body["success"] is False
    assert words in body["message"]


@pytest.mark.parametrize("kind", ["html", "malformed", "cut", "error", "rate_limited", "empty"])
def test_a_broken_service_is_no_half_list(kind, sandbox, closer):
    account = made(closer, given(sandbox))
    sandbox.fault("anycrm", kind, path="/v1/contacts", after=1, retry_after="600")
    with pytest.raises(Exception) as caught:  # noqa: PT011 - which of the tree differs
        pages(account)
    assert type(caught.value).__module__.startswith(("core.", "integrations."))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"authType": "MAGIC"}, "authType"),
        ({"contactsPath": "https://elsewhere.example/contacts"}, "contactsPath"),
        ({"contactsPath": "//elsewhere.example"}, "contactsPath"),
        ({"contactsPath": "/../admin"}, "contactsPath"),
        ({"itemsPath": "a b"}, "itemsPath"),
        ({"mapping": {"email": "emails[x]"}}, "mapping.email"),
        ({"apiKeyName": "X-Key\r\nHost: x"}, "apiKeyName"),
        ({"paging": {"kind": "SPIRAL"}}, "paging.kind"),
        ({"credentials": {}}, "credentials"),
        ({"write": {"createMethod": "DELETE"}}, "write.createMethod"),
    ],
)
def test_what_cannot_be_stored_is_named(sandbox, closer, values, field):
    for address in (API, f"{API}/test"):
        body = assert_error(closer.post(address, given(sandbox, **values)), 400)
        assert f"configuration.{field}" in body["fields"]
    assert not Integration.objects.exists()


def test_contacts_are_written_and_none_is_made_twice(sandbox, closer):
    account = made(closer, given(sandbox, write=WRITING))
    fields = {"email": "new@customers.example", "name": "New Person", "company": "Contoso"}
    (first,) = write(account, ContactWrite("a", None, "new@customers.example", fields))
    (again,) = write(account, ContactWrite("a", None, "NEW@customers.example", fields))
    assert (first.outcome, again.outcome) == (CREATED, UPDATED)
    assert first.vendor_id == again.vendor_id == "26"
    (kept,) = [each for each in sandbox.act("anycrm", "contacts") if each["id"] == 26]
    assert (kept["name"], kept["company"]) == ({"full": "New Person"}, {"name": "Contoso"})
    (known,) = write(
        account, ContactWrite("b", "3", "person3@customers.example", {"name": "Renamed"})
    )
    assert (known.outcome, known.vendor_id) == (UPDATED, "3")


def test_a_name_in_two_parts_is_put_together_and_taken_apart(sandbox, closer):
    parts = {**MAPPING, "name": ""}
    account = made(closer, given(sandbox, write=WRITING, mapping=parts))
    first = pages(account)[0].records[0]
    assert first.fields["name"] == f"{first.fields['firstName']} {first.fields['lastName']}"
    write(account, ContactWrite("a", first.id, first.fields["email"], {"name": "Ada van den Berg"}))
    kept = sandbox.act("anycrm", "contacts")[0]
    assert (kept["name"]["first"], kept["name"]["last"]) == ("Ada", "van den Berg")


def test_what_the_service_refuses_is_that_contacts_alone(sandbox, closer):
    account = made(closer, given(sandbox, write=WRITING))
    done = write(
        account,
        ContactWrite("a", "999", "gone@customers.example", {"name": "Gone"}),
        ContactWrite("b", None, "b@customers.example", {"email": "b@customers.example"}),
    )
    assert [(each.key, each.outcome) for each in done] == [("a", FAILED), ("b", CREATED)]


def test_without_a_way_to_find_a_contact_none_is_made(sandbox, closer):
    account = made(closer, given(sandbox, write={**WRITING, "findPath": ""}))
    (done,) = write(
        account,
        ContactWrite("a", None, "new@customers.example", {"email": "new@customers.example"}),
    )
    assert done.outcome == FAILED
    assert "made twice" in str(done.error)
    assert len(sandbox.act("anycrm", "contacts")) == 25


def test_a_lost_answer_to_a_new_contact_makes_no_second_one(sandbox, closer):
    account = made(closer, given(sandbox, write=WRITING))
    new = ContactWrite("a", None, "new@customers.example", {"email": "new@customers.example"})
    sandbox.fault("anycrm", "cut", path="/v1/contacts", method="POST", times=1)
    with pytest.raises(Temporary):
        write(account, new)
    (again,) = write(account, new)
    assert again.outcome == UPDATED
    assert len(sandbox.act("anycrm", "contacts")) == 26
