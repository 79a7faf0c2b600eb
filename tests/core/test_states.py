"""One list of words, icons and tones: whoever shows a state takes it from there,
and so do the labels of the models.
"""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import timezone, translation

from calls import states as call_states
from calls.models import Call, Recording
from core.models import AlertDelivery, InboundEvent, Incident, Run
from core.words.pills import pill
from core.words.states import LOOKS, look, word
from core.words.times import lasted
from crm.models import Appointment
from fathom_sync.models import FathomMeeting

MODELS = [
    (Run.State, ""),
    (Incident.Severity, ""),
    (AlertDelivery.State, ""),
    (InboundEvent.Status, ""),
    (Call.Status, "call."),
    (Call.Source, "source."),
    (Recording.State, "recording."),
    (Appointment.Status, "meeting."),
    (FathomMeeting.Outcome, "listed."),
]


@pytest.mark.parametrize(
    ("choices", "of"), MODELS, ids=lambda value: getattr(value, "__qualname__", value)
)
@pytest.mark.parametrize("language", ["en", "nl", "fr"])
def test_the_labels_of_a_model_are_the_words_of_the_list(choices, of, language):
    with translation.override(language):
        assert [str(label) for label in choices.labels] == [
            str(look(f"{of}{value}").word) for value in choices.values
        ]
    assert {f"{of}{value}" for value in choices.values} <= LOOKS.keys()


@pytest.mark.parametrize("state", LOOKS)
def test_admin_and_dashboard_show_a_state_by_the_same_picture_and_word(state):
    dashboard = Template("{% load ui %}{% status state %}").render(Context({"state": state}))
    for shown in (dashboard, pill(state)):
        assert f"#{look(state).icon}" in shown
        assert f"-{look(state).tone}" in shown
        assert str(word(state)) in shown


def test_every_picture_of_the_list_is_in_the_sprite():
    sprite = (Path(settings.BASE_DIR) / "static/vendor/lucide.svg").read_text()
    assert [state for state, shown in LOOKS.items() if f'id="{shown.icon}"' not in sprite] == []


@pytest.mark.parametrize("path", ["core", "crm", "calls", "fathom_sync", "dashboard"])
def test_no_second_table_of_looks_stands_anywhere(path):
    files = [
        file for file in (Path(settings.BASE_DIR) / path).rglob("*.py") if file.name != "states.py"
    ]
    made = [
        f"{file}: {line.strip()}"
        for file in files
        for line in file.read_text().splitlines()
        if 'Look("' in line
    ]
    # The sign of a message's kind, and of nothing to say yet: no states.
    no_states = ('Look("info", "info", "")', 'Look("calm", "", "–")')
    assert [line for line in made if not line.endswith(no_states)] == []


@pytest.mark.parametrize(
    ("status", "start", "end", "words"),
    [
        ("PENDING", 30, 60, "Planned"),
        ("PENDING", None, None, "Planned"),
        ("PENDING", -31, 29, "Not begun"),
        ("PENDING", -31, None, "Not begun"),
        ("PENDING", -90, -30, "Not held"),
        ("ONGOING", -31, 29, "Ongoing"),
        ("COMPLETED", -90, -30, "Held"),
    ],
)
def test_a_call_whose_time_has_come_is_not_planned_any_more(status, start, end, words):
    now = timezone.now()
    start, end = (None if at is None else now + timedelta(minutes=at) for at in (start, end))
    call = SimpleNamespace(status=status, scheduled_start=start, scheduled_end=end)
    assert str(word(call_states.state(call, now))) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "under a second"),
        (0.9, "under a second"),
        (1, "1 s"),
        (61, "1 min 1 s"),
        (3600, "1 h 0 min"),
    ],
)
def test_what_took_no_second_is_not_said_to_have_taken_none(seconds, words):
    now = timezone.now()
    assert lasted(now, now + timedelta(seconds=seconds)) == words
