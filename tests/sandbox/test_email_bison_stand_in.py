"""Email Bison's stand-in: its lists are paged and filtered as the vendor's, its rows are as odd."""

import json
from datetime import date, timedelta

import pytest

from sandbox.vendors.email_bison import EmailBison
from tests.bison.stand_in import ASPEN, DELTA, LONG_RUN, documented
from tests.sandbox.conftest import TODAY


def period(days=30):
    last = date.fromisoformat(TODAY[:10])
    return {"start_date": (last - timedelta(days=days)).isoformat(), "end_date": last.isoformat()}


# --- Lists ----------------------------------------------------------------------------------------
def test_a_list_is_pages_of_fifteen_whatever_is_asked(bison):
    status, body = bison.ask("/sender-emails", bison.key(ASPEN), query={"per_page": 100})

    assert (status, len(body["data"])) == (200, 15)
    assert (body["meta"]["total"], body["meta"]["last_page"], body["meta"]["per_page"]) == (
        282,
        19,
        15,
    )
    assert len({row["id"] for row in bison.rows("/sender-emails", bison.key(ASPEN))}) == 282
    bison.turn(honours_per_page=True)
    assert (
        len(bison.ask("/sender-emails", bison.key(ASPEN), query={"per_page": 500})[1]["data"])
        == 100
    )


def test_the_link_to_the_next_page_names_another_host_and_forgets_the_filters(bison):
    body = bison.ask("/sender-emails", bison.key(ASPEN), query={"status": "connected"})[1]

    assert body["links"]["next"] == "https://instance.bison.invalid/api/sender-emails?page=2"
    assert body["meta"]["total"] < 282
    assert (
        bison.ask("/sender-emails", bison.key(ASPEN), query={"page": 19})[1]["links"]["next"]
        is None
    )


def test_an_empty_page_has_neither_from_nor_to(bison):
    meta = bison.ask("/sender-emails", bison.key(DELTA))[1]["meta"]

    assert (meta["from"], meta["to"], meta["last_page"], meta["total"]) == (None, None, 1, 0)


@pytest.mark.parametrize(
    "query",
    [{"filters[tag_ids][]": "304"}, {"tag_ids": "304"}, {"status": "Connected"}, {"x": "1"}],
)
def test_what_the_vendor_does_not_know_is_passed_over_and_all_is_listed(bison, query):
    assert bison.total(token=bison.key(ASPEN), query=query) == 282


def test_filters_in_their_true_shape_hold(bison):
    rows = bison.rows("/sender-emails", bison.key(ASPEN))
    both = {"tag_ids[0]": "304", "tag_ids[1]": "305"}
    tagged = [row for row in rows if {304, 305} & {tag["id"] for tag in row["tags"]}]
    away = [row for row in rows if row["status"] == "Not connected"]

    assert 0 < bison.total(token=bison.key(ASPEN), query=both) == len(tagged) < 282
    assert 0 < bison.total(token=bison.key(ASPEN), query={"status": "not_connected"}) == len(away)
    bare = [row for row in rows if not row["tags"]]
    assert bison.total(token=bison.key(ASPEN), query={"without_tags": "true"}) == len(bare)


def test_there_are_twenty_four_and_eleven_workspaces_and_nineteen_have_a_token(bison):
    assert len(bison.rows("/workspaces/v1.1")) == 24
    assert len(bison.rows("/workspaces", slug=LONG_RUN)) == 11
    own = [name for name in EmailBison.keys if "super-admin" not in name]
    assert len([name for name in own if name.startswith("maverick")]) == 13
    assert len(own) == 19


def test_a_workspace_can_have_three_thousand_accounts(bison):
    bison.turn(large=True)

    assert bison.total(token=bison.key(17)) == 3000


@pytest.mark.parametrize(("switch", "next_has"), [("accounts_shrink", 62), ("accounts_move", 77)])
def test_a_list_that_shrinks_while_it_is_read_shows_fewer_than_there_are(bison, switch, next_has):
    before = bison.act("facts", workspace=8)["accounts"]
    bison.turn(**{switch: 15})
    seen = [row["id"] for row in bison.rows("/sender-emails", bison.key(8))]

    assert seen == before[:15] + before[30:45]
    assert len(bison.act("facts", workspace=9)["accounts"]) == next_has


# --- Bodies ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "path", "query"),
    [
        ("account", "/sender-emails", {}), ("campaign", "/campaigns", {}),
        ("reply", "/replies", {}),
        ("lead", "/leads", {}), ("tag", "/tags", {}), ("blacklisted_email", "/blacklisted-emails",
            {}),
        ("blacklisted_domain", "/blacklisted-domains", {}),
        ("warmup", "/warmup/sender-emails", period()),
    ],
)  # fmt: skip
def test_rows_have_every_field_that_is_documented(bison, name, path, query):
    row = bison.ask(path, bison.key(ASPEN), query=query)[1]["data"][0]

    assert set(documented(name)) - set(row) == set()


def test_a_status_is_in_capitalised_words_and_some_counts_are_texts(bison):
    account = bison.ask("/sender-emails", bison.key(ASPEN), query={"status": "not_connected"})[1][
        "data"
    ][0]
    campaign = bison.ask("/campaigns", bison.key(ASPEN))[1]["data"][0]

    assert account["status"] == "Not connected"
    assert (type(campaign["opened"]), type(campaign["replied"])) == (str, int)
    assert campaign["status"] == "Active"
    bison.turn(lower_statuses=True)
    assert bison.ask("/campaigns", bison.key(ASPEN))[1]["data"][0]["status"] == "active"


@pytest.mark.parametrize("path", ["/replies", "/sender-emails"])
def test_texts_can_hold_raw_control_characters(bison, path):
    bison.turn(control_characters=1.0)
    content = bison.raw(path, bison.key(ASPEN))[1]

    assert {0, 1, 11} < set(content)
    with pytest.raises(ValueError, match="control character"):
        json.loads(content)
    assert len(json.loads(content, strict=False)["data"]) == 15


def test_figures_of_a_period_are_texts_and_agree_with_the_days_and_the_rows(bison):
    key, days = bison.key(ASPEN), period(60)
    summary = bison.ask("/workspaces/v1.1/stats", key, query=days)[1]["data"]
    chart = bison.ask("/workspaces/v1.1/line-area-chart-stats", key, query=days)[1]["data"]
    rows = bison.rows("/replies", key, query={"status": "interested"}.items())

    lines = {line["label"]: sum(count for _day, count in line["dates"]) for line in chart}
    assert set(documented("workspace_stats")) - set(summary) == set()
    assert (summary["emails_sent"], summary["interested"]) == (
        str(lines["Sent"]),
        str(lines["Interested"]),
    )
    assert (
        lines["Interested"]
        == len([row for row in rows if row["date_received"][:10] >= days["start_date"]])
        > 0
    )
    assert lines["Sent"] > 0


def test_unsubscribed_leads_and_blacklisted_addresses_are_not_in_step(bison):
    facts = bison.act("facts")

    left, listed = set(facts["unsubscribed"]), set(facts["emails"])
    assert left - listed
    assert listed - left
    assert left & listed
    lead = bison.ask("/leads", bison.key(ASPEN))[1]["data"][0]
    bison.ask(f"/leads/{lead['id']}/unsubscribe", bison.key(ASPEN), method="PATCH")
    assert bison.act("facts")["emails"] == facts["emails"]
    assert lead["email"] in bison.act("facts")["unsubscribed"]


def test_addresses_are_blacklisted_singly_and_by_a_file(bison):
    key = bison.key(ASPEN)
    body = {"email": "new@rival.example"}
    assert bison.ask("/blacklisted-emails", key, method="POST", body=body)[0] == 201
    status, answer = bison.ask("/blacklisted-emails", key, method="POST", body=body)
    assert (status, answer["errors"]) == (422, {"email": ["The email has already been taken."]})

    head = {"Content-Type": "multipart/form-data; boundary=x"}
    file = (
        b'--x\r\nContent-Disposition: form-data; name="csv"; '
        b'filename="a.csv"\r\n\r\nemail\na@b.example\n\r\n--x--\r\n'
    )
    status, answer = bison.ask(
        "/blacklisted-emails/bulk", key, method="POST", body=file, headers=head
    )
    assert (status, [row["email"] for row in answer["data"]]) == (201, ["a@b.example"])
    number = answer["data"][0]["id"]
    bison.turn(queued_seconds=60.0)
    assert bison.ask(f"/blacklisted-emails/{number}", key, method="DELETE")[0] == 200
    assert bison.ask(f"/blacklisted-emails/{number}", key)[0] == 200


def test_a_seed_always_gives_the_same_rows():
    moment = {"now": TODAY}
    first, other, third = EmailBison(7), EmailBison(7), EmailBison(8)
    for vendor in (first, other, third):
        vendor.turn(moment)
    found = [
        vendor.instances["maverick"].workspaces[ASPEN].contents.replies.all()
        for vendor in (first, other, third)
    ]

    assert found[0] == found[1] != found[2]
    first.turn({"now": "2026-11-20T12:00:00Z"})
    earlier = first.instances["maverick"].workspaces[ASPEN].contents.replies.all()
    assert [row for row in earlier if row in found[0]]
    assert max(row["date_received"] for row in earlier) < "2026-11-20T12:00:01"
