"""The widget's script: what people entered stays text in it, whatever it is."""

import json
import re

import pytest

from tests.integrations.chatwoot_cast import chatwoot, connect, demo
from tests.integrations.conftest import API
from tests.support import people
from tests.support.people import assert_error

__all__ = ["chatwoot"]
pytestmark = pytest.mark.django_db
SCRIPT = f"{API}/widget-script"
TITLES = [
    "Chat with us",
    'It\'s "quoted" and `ticked` ${1}',
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "line\u2028and\u2029paragraph",
    "back\\slash\\u0041\nnew line\ttab",
    "Zoë 客服 😀 &amp; &lt;",
    "]]>",
    "",
]


def asked(client, made, **wish):
    return client.post(
        SCRIPT, {"demoId": made["id"], "position": "right", "type": "standard", **wish}
    )


def settings_in(script):
    """Read the settings as a browser would, from the one literal that they are."""
    return json.loads(re.search(r"window\.chatwootSettings = (\{.*?\n  \});", script, re.DOTALL)[1])


def test_the_script_is_the_seeds_with_the_demos_own_values(closer, chatwoot):
    connect(closer, chatwoot)
    made = demo(closer).json()
    answer = asked(
        closer,
        made,
        position="left",
        type="expanded_bubble",
        launcherTitle="Chat with us",
        locale="pt-BR",
    )
    assert answer.status_code == 200, answer.content
    script = answer.json()["script"]
    assert settings_in(script) == {
        "position": "left",
        "type": "expanded_bubble",
        "launcherTitle": "Chat with us",
        "locale": "pt_BR",
    }
    token = closer.get(f"{API}/demos/{made['id']}").json()["websiteToken"]
    assert f'websiteToken: "{token}"' in script
    assert f'BASE_URL = "{chatwoot.url("chatwoot")}"' in script
    assert script.startswith("<script>\n")
    assert script.endswith("\n</script>")


@pytest.mark.parametrize("title", TITLES)
def test_any_title_stays_text(closer, chatwoot, title):
    connect(closer, chatwoot)
    made = demo(closer).json()
    script = asked(closer, made, launcherTitle=title).json()["script"]
    assert script.isascii()
    inner = script.removeprefix("<script>").removesuffix("</script>")
    assert not set(inner) & set("<>&'\u2028\u2029")
    assert settings_in(script)["launcherTitle"] == title


def test_defaults_are_the_widgets_own(closer, chatwoot):
    connect(closer, chatwoot)
    script = closer.post(SCRIPT, {"demoId": demo(closer).json()["id"]}).json()["script"]
    assert settings_in(script) == {"position": "right", "type": "standard", "launcherTitle": ""}


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"position": "top"}, "position"),
        ({"type": "huge"}, "type"),
        ({"launcherTitle": "t" * 201}, "launcherTitle"),
        ({"launcherTitle": 7}, "launcherTitle"),
        ({"locale": "nl'"}, "locale"),
        ({"demoId": "nonsense"}, "demoId"),
    ],
)
def test_what_cannot_be_is_named(closer, chatwoot, wish, field):
    connect(closer, chatwoot)
    assert field in assert_error(asked(closer, demo(closer).json(), **wish), 400)["fields"]


def test_null_characters_are_refused(closer, chatwoot):
    connect(closer, chatwoot)
    assert_error(asked(closer, demo(closer).json(), launcherTitle="nul\x00"), 400)


def test_the_lowest_tier_has_no_widget(chatwoot):
    free = people.client_of(people.member("CEO", people.organization("Contoso", tier="FREE")))
    connect(free, chatwoot)
    made = demo(free).json()
    for answer in (asked(free, made), free.post(SCRIPT, {})):
        assert assert_error(answer, 403, "TIER_LIMIT")["requiredTier"] == "STARTER"


def test_the_next_tier_has(chatwoot):
    client = people.client_of(people.member("CEO", people.organization("Contoso", tier="STARTER")))
    connect(client, chatwoot)
    assert asked(client, demo(client).json()).status_code == 200


def test_a_demo_that_is_not_ready_has_none_yet(closer, chatwoot):
    connect(closer, chatwoot)
    made = closer.post(
        f"{API}/demos", {"name": "Shop", "websiteUrl": "https://shop.example"}
    ).json()
    assert_error(asked(closer, made), 409, "not_ready")


def test_somebody_elses_demo_is_not_there(closer, chatwoot, northwind):
    connect(closer, chatwoot)
    made = demo(closer).json()
    assert_error(asked(people.client_of(people.member("CEO", northwind)), made), 404)
