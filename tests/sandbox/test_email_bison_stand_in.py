"""Email Bison's stand-in: every trap that is known of the vendor is true of it."""

from tests.bison.stand_in import LONG_RUN


def test_a_list_is_pages_of_fifteen_whatever_is_asked(bison_vendor):
    status, body = bison_vendor.ask("/sender-emails", bison_vendor.key(3), query={"per_page": 100})

    assert (status, len(body["data"])) == (200, 15)
    assert (body["meta"]["total"], body["meta"]["last_page"], body["meta"]["per_page"]) == (282, 19, 15)
    assert len(bison_vendor.rows("/sender-emails", bison_vendor.key(3))) == 282
    assert len(bison_vendor.rows("/workspaces/v1.1", slug=LONG_RUN)) == 11
