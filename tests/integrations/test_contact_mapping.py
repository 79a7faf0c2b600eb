"""Ours and theirs: names of fields, values that are cleaned, and names in parts."""

import pytest

from integrations.contacts.mapping import Fields, clean, in_parts, one_spelling

HUB = Fields.standard(
    {
        "firstName": "firstname",
        "lastName": "lastname",
        "email": "email",
        "phone": "phone",
        "company": "company",
    }
)


@pytest.mark.parametrize(
    ("name", "value", "cleaned"),
    [
        ("name", "  Ada \t Lovelace\n", "Ada Lovelace"),
        ("name", "Ada\x00Lovelace\ud800", "Ada Lovelace"),
        ("name", "x" * 300, "x" * 200),
        ("phone", "1" * 41, None),
        ("phone", " +31 6 ", "+31 6"),
        ("email", " Ada@X.example ", "Ada@X.example"),
        ("email", "ada at x", None),
        ("email", "a" * 300 + "@x.example", None),
        ("email", "", ""),
        ("company", None, None),
        ("company", 7, None),
        ("company", "Grüße 株式会社", "Grüße 株式会社"),
    ],
)
def test_a_value_is_cleaned(name, value, cleaned):
    assert clean(name, value) == cleaned


def test_a_record_is_read_by_our_names():
    read = HUB.read(
        {"firstname": " Ada ", "lastname": "Lovelace", "email": "no address", "fax": "1"}
    )
    assert read == {"firstName": "Ada", "lastName": "Lovelace", "name": "Ada Lovelace"}


def test_a_record_is_written_by_theirs():
    written = HUB.written({"name": "Ada King", "email": "ada@x.example"}, {})
    assert written == {"firstname": "Ada", "lastname": "King", "email": "ada@x.example"}


@pytest.mark.parametrize(
    ("name", "known", "parts"),
    [
        ("Ada Lovelace", {}, ("Ada", "Lovelace")),
        ("Ada", {}, ("", "Ada")),
        (
            "Jan van der Berg",
            {"firstName": "Jan", "lastName": "van der Berg"},
            ("Jan", "van der Berg"),
        ),
        (
            "Johan van der Berg",
            {"firstName": "Jan", "lastName": "van der Berg"},
            ("Johan", "van der Berg"),
        ),
        ("Jan de Wit", {"firstName": "Jan", "lastName": "van der Berg"}, ("Jan", "de Wit")),
    ],
)
def test_a_name_is_taken_apart_as_the_vendor_has_it(name, known, parts):
    assert in_parts(name, known) == parts


def test_a_whole_name_yields_to_its_parts():
    fields = Fields.standard({"name": "Name", "lastName": "Last_Name", "email": "Email"})
    assert [entry.theirs for entry in fields.mapped] == ["Last_Name", "Email"]
    assert fields.pulled == fields.pushed == {"name", "email"}


def test_one_address_has_one_spelling():
    assert one_spelling("ADA@Bücher.example") == one_spelling("ada@xn--bcher-kva.example")
    assert one_spelling("nothing") == ""
