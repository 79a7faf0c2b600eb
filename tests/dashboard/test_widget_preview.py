"""The page behind the preview of a widget: who gets it, and what it may load."""

import pytest

from crm.models import Organization
from integrations.models import Demo
from tests.dashboard.conftest import signed_in
from tests.integrations.chatwoot_cast import WEBSITE, work
from tests.support import people

pytestmark = pytest.mark.django_db
DEMOS = "/dashboard/integrations/demos"


@pytest.fixture
def hers(northwind):
    return signed_in(people.member("CLOSER", northwind, "anna"))


@pytest.fixture
def address(hers, installation):
    hers.post(DEMOS, {"name": "Shop", "website_url": WEBSITE})
    work()
    return f"{DEMOS}/{Demo.objects.get().pk}/preview"


def policy_of(answer):
    parts = answer["Content-Security-Policy"].split("; ")
    return {name: set(values) for name, *values in (part.split() for part in parts)}


def test_it_loads_from_its_chatwoot_alone_and_is_cut_off_from_koppel(hers, address, installation):
    base = installation.url("chatwoot") + "/"
    answer = hers.get(
        address, {"type": "expanded_bubble", "launcher_title": "</script><b>\u2028😀"}
    )
    found = policy_of(answer)
    nonce = next(value for value in found["script-src"] if value.startswith("'nonce-"))
    assert found == {
        "default-src": {"'none'"},
        "script-src": {nonce, base},
        "frame-src": {base},
        "connect-src": {base, base.replace("http", "ws", 1)},
        "img-src": {base, "data:"},
        "font-src": {base},
        "media-src": {base},
        "style-src": {base, "'unsafe-inline'"},
        "base-uri": {"'none'"},
        "form-action": {"'none'"},
        "frame-ancestors": {"'self'"},
        "sandbox": {"allow-scripts", "allow-popups"},
    }
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    page = answer.content.decode()
    assert f'nonce="{nonce[7:-1]}"' in page
    assert page.count("</script>") == 1
    assert page.isascii()


def test_the_drawer_frames_it_without_our_origin_and_with_the_same_options(hers, address):
    asked = {"position": "left", "launcher_title": 'a & "b"'}
    page = hers.get(address.replace("preview", "widget"), asked).content.decode()
    assert f'src="{address}?position=left&amp;launcher_title=a+%26+%22b%22"' in page
    assert 'sandbox="allow-scripts allow-popups"' in page


def test_it_is_its_own_peoples_within_their_tier_and_only_what_is_offered(hers, address, northwind):
    colleague = signed_in(people.member("CLOSER", northwind, "bram"))
    assert colleague.get(address).status_code == 404
    assert hers.get(address, {"position": "middle"}).status_code == 400
    assert hers.get(address, {"locale": "x!"}).status_code == 400
    Demo.objects.update(state=Demo.State.FAILED)
    assert hers.get(address).status_code == 404
    Organization.objects.update(tier="FREE")
    refused = hers.get(address)
    assert refused.status_code == 403
    assert "'none'" in policy_of(refused)["frame-ancestors"]
