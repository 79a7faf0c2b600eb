"""The trial's calls: found, seen by their people, and made once."""

import pytest

from calls.access import calls_for
from calls.models import Call, CallParticipant, Transcript
from calls.search import matching
from calls.statistics import statistics
from core.models import User
from sandbox import demo


@pytest.mark.django_db
def test_the_trial_has_calls_to_look_at_and_a_second_load_adds_none():
    demo.load("koppel-demo")
    kinds = (Call, CallParticipant, Transcript)
    first = [list(kind.objects.order_by("pk").values()) for kind in kinds]
    assert Call.objects.count() == 12
    seen = {
        name: calls_for(User.objects.get(username=name)).count()
        for name in ("ceo", "closer", "setter")
    }
    assert seen["ceo"] == 12
    assert 0 < seen["closer"] < 12
    chief = User.objects.get(username="ceo")
    assert [call.title for call in matching(calls_for(chief), "reunie")] == [
        "Kennismaking Nair Retail"
    ]
    assert statistics(chief).participation_rate == 1.0
    assert not calls_for(User.objects.get(username="outsider")).exists()
    demo.load("koppel-demo")
    assert [list(kind.objects.order_by("pk").values()) for kind in kinds] == first
