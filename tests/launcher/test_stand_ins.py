"""A vendor's settings in the environment replace the stand-in for that vendor,
and for that one alone.
"""

from pathlib import Path

import pytest

from sandbox.home import Home
from sandbox.screen import Screen
from sandbox.services import free_port
from sandbox.site import STAND_INS, Site

NAMES = {name for names in STAND_INS for name in names}


def environment(tmp_path: Path, **set_by_a_person: str) -> tuple[dict[str, str], str]:
    """What the site's processes get of the stand-ins' names, and where the stand-ins are."""
    ports = {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port())}
    site = Site(Home(tmp_path / "home").make(), ports | set_by_a_person)
    site.choose_ports(Screen())
    return {name: value for name, value in site.environment().items() if name in NAMES}, ports[
        "SANDBOX_PORT"
    ]


def test_a_trial_points_at_every_stand_in(tmp_path: Path) -> None:
    found, port = environment(tmp_path)

    assert set(found) == NAMES
    assert found["FATHOM_API_BASE_URL"] == f"http://127.0.0.1:{port}/fathom/external/v1"
    assert found["LIVEKIT_API_URL"] == f"ws://127.0.0.1:{port}/livekit"
    assert len(found["LIVEKIT_API_SECRET"]) >= 32
    assert found["LONG_RUN_BISON_BASE_URL"] == f"http://127.0.0.1:{port}/email-bison/long-run"
    assert found["RECORDINGS_S3_ENDPOINT"] == f"http://127.0.0.1:{port}/s3"


@pytest.mark.parametrize(
    ("name", "value", "left_alone"),
    [
        ("LIVEKIT_API_URL", "wss://video.example.com", "LIVEKIT_"),
        ("RECORDINGS_S3_ENDPOINT", "https://storage.example.com", "RECORDINGS_"),
        # Amazon's own storage has no address of its own to set.
        ("RECORDINGS_S3_BUCKET", "ours", "RECORDINGS_"),
        ("FATHOM_API_BASE_URL", "https://fathom.example.com", "FATHOM_"),
        ("MAVERICK_BISON_BASE_URL", "https://send.example.com", "MAVERICK_"),
        # With a key of one's own it is OpenAI itself.
        ("OPENAI_API_KEY", "sk-ours", "OPENAI_"),
    ],
)
def test_what_a_person_set_replaces_all_of_that_vendors_stand_in(
    name: str, value: str, left_alone: str, tmp_path: Path
) -> None:
    found, _port = environment(tmp_path, **{name: value})

    assert {
        variable: setting for variable, setting in found.items() if variable.startswith(left_alone)
    } == {name: value}
    assert {variable for variable in NAMES if not variable.startswith(left_alone)} < set(found) | {
        name
    }


def test_without_demo_data_nothing_points_at_a_stand_in(tmp_path: Path) -> None:
    found, _port = environment(tmp_path, KOPPEL_DEMO="0")

    assert found == {}
