"""What people and logs see of a secret: bullets, or a mask that gives nothing away."""

import copy
import json
import logging
import pickle

import pytest

from core.masking import BULLETS, Secret, is_mask, mask_api_key, mask_bison_key

KEY = "4jmc-aeVcQm2PzB8n0Lw7xvKAs"


@pytest.mark.parametrize(
    "show", [str, repr, "{}".format, "{!r:>40}".format, lambda s: f"{s}", lambda s: f"{s!s:>30}"]
)
def test_a_secret_shows_as_bullets_however_it_is_printed(show):
    shown = show(Secret(KEY))
    assert BULLETS in shown
    assert KEY not in shown


def test_a_secret_inside_other_things_shows_as_bullets(caplog):
    logging.getLogger("x").error("%s %s", {"key": Secret(KEY)}, [Secret(KEY)])
    assert BULLETS in caplog.text
    assert KEY not in caplog.text


@pytest.mark.parametrize("write", [json.dumps, pickle.dumps])
def test_a_secret_is_not_written_anywhere(write):
    with pytest.raises(TypeError):
        write({"key": Secret(KEY)})


def test_a_secret_can_be_copied_compared_and_counted():
    secret = Secret(KEY)
    assert copy.deepcopy({"key": secret}) == {"key": secret}
    assert copy.copy(secret) == Secret(KEY) != Secret("other")
    assert secret != KEY
    assert len({secret, Secret(KEY)}) == 1
    assert Secret("x")
    assert not Secret("")


@pytest.mark.parametrize(
    ("value", "mask"),
    [(KEY, "4jmc-ae...xvKAs"), ("x" * 20, "xxxxxxx...xxxxx"), ("x" * 19, BULLETS), ("", BULLETS)],
)
def test_an_api_key_shows_its_first_seven_and_last_five(value, mask):
    assert mask_api_key(value) == mask


@pytest.mark.parametrize(
    ("value", "mask"), [(KEY, "****...0Lw7xvKAs"[:7] + KEY[-8:]), ("x" * 19, BULLETS)]
)
def test_an_email_bison_key_shows_its_last_eight(value, mask):
    assert mask_bison_key(value) == mask


@pytest.mark.parametrize(
    "value",
    [
        mask_api_key(KEY),
        mask_bison_key(KEY),
        BULLETS,
        "••••••••••",
        "•",
        f" {BULLETS}\n",
        mask_api_key("." * 30),
        mask_api_key(" a passphrase\tof words "),
    ],
)
def test_a_mask_is_known_when_it_comes_back(value):
    assert is_mask(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        None,
        7,
        KEY,
        "****...",
        "****...toolongforamask",
        "4jmc-ae...xvKA",
        "4jmc ae...xvKAs",
        "abcdefg...hijklm",
        "whsec_" + "x" * 30,
        "•a•",
        "aeVc...xvKAs-and-more",
        Secret(BULLETS),
    ],
)
def test_what_is_no_mask_is_not_taken_for_one(value):
    assert not is_mask(value)
