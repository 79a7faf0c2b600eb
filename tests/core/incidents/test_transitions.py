"""An incident opens and closes on transitions, with patience, and gathers whom it hits."""

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy

from core import incidents
from core.models import Incident, Watch
from core.words.sayings import Saying

pytestmark = pytest.mark.django_db


def bad(cause="vendor:fathom", **more):
    return incidents.observe(cause, ok=False, title="Fathom does not answer", **more)


def good(cause="vendor:fathom", **more):
    return incidents.observe(cause, ok=True, title="", **more)


def test_the_first_bad_look_opens_one_incident_and_more_are_counted_on_it():
    opened = bad(what_to_do="Wait.", severity="critical", facts={"status": 503})
    again = bad(facts={"attempts": 2})
    assert again.pk == opened.pk
    row = Incident.objects.get()
    assert (row.cause, row.severity, row.title, row.what_to_do) == (
        "vendor:fathom",
        "critical",
        "Fathom does not answer",
        "Wait.",
    )
    assert (row.times_seen, row.facts, row.closed_at) == (2, {"status": 503, "attempts": 2}, None)
    assert row.last_seen_at > row.opened_at


def test_a_good_look_closes_it_and_the_next_bad_one_opens_another():
    first = bad()
    assert good() is None
    first.refresh_from_db()
    assert first.closed_at is not None
    assert bad().pk != first.pk
    assert Incident.objects.filter(closed_at=None).count() == 1


def test_good_looks_at_what_was_never_bad_write_nothing(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert good() is None
    assert not Incident.objects.exists()
    assert not Watch.objects.exists()


def test_it_opens_only_after_so_many_bad_looks_in_a_row():
    assert bad(open_after=3) is None
    assert bad(open_after=3) is None
    good()  # breaks the row
    assert bad(open_after=3) is None
    assert bad(open_after=3) is None
    assert bad(open_after=3).times_seen == 3


def test_it_closes_only_after_so_many_good_looks_in_a_row():
    opened = bad()
    assert good(close_after=3).pk == opened.pk
    assert good(close_after=3).pk == opened.pk
    bad()  # breaks the row
    assert good(close_after=3).pk == opened.pk
    assert good(close_after=3).pk == opened.pk
    assert good(close_after=3) is None
    assert Incident.objects.get().closed_at is not None
    assert not Watch.objects.exists()


def test_one_outage_of_an_instance_is_one_incident_however_many_workspaces_it_hits():
    for number in range(35):
        bad("bison_instance:maverick", affected=[f"workspace {number}", "workspace 0"])
    incident = Incident.objects.get()
    assert incident.affected == [f"workspace {number}" for number in range(35)]
    assert incident.times_seen == 35


def test_names_of_the_affected_are_kept_up_to_a_limit():
    incident = bad(affected=[f"w{number}" for number in range(incidents.AFFECTED_KEPT + 5)])
    assert len(incident.affected) == incidents.AFFECTED_KEPT
    assert len(bad(affected=["one more"]).affected) == incidents.AFFECTED_KEPT


def test_a_more_severe_look_raises_the_severity_and_a_milder_one_does_not_lower_it():
    bad(severity="warning")
    assert bad(severity="critical").severity == "critical"
    assert bad(severity="warning").severity == "critical"


def test_close_ends_it_whatever_was_counted():
    opened = bad()
    good(close_after=5)
    assert incidents.close("vendor:fathom").pk == opened.pk
    assert incidents.close("vendor:fathom") is None
    assert Incident.objects.get().closed_at is not None
    assert not Watch.objects.exists()


def test_causes_do_not_touch_each_other():
    bad("a")
    bad("b")
    good("a")
    assert [row.cause for row in Incident.objects.filter(closed_at=None)] == ["b"]


def test_each_reader_has_its_sentences_in_their_language_whoever_caused_it():
    with translation.override("nl"):
        opened = bad(
            what_to_do=gettext_lazy(
                "Read the reason at the failed deliveries, repair it, and replay them."
            ),
            for_everybody=Saying(gettext_lazy("Alerts do not reach “%(name)s”"), {"name": "Ops"}),
        )
    row = Incident.objects.get(pk=opened.pk)
    assert (row.what_to_do, row.for_everybody) == (
        "Read the reason at the failed deliveries, repair it, and replay them.",
        "Alerts do not reach “Ops”",
    )
    with translation.override("nl"):
        assert (
            row.advice
            == "Lees de reden bij de mislukte leveringen, los die op en speel ze opnieuw af."
        )
        assert row.notice == "Meldingen bereiken “Ops” niet"
    with translation.override("en"):
        assert (row.headline, row.advice) == ("Fathom does not answer", row.what_to_do)


def test_what_got_worse_is_told_in_the_sentences_of_the_later_look():
    bad(what_to_do="Wait.")
    worse = bad(what_to_do=gettext_lazy("What to do"), severity="critical")
    with translation.override("nl"):
        assert worse.advice == "Wat te doen"


def test_an_incident_of_an_earlier_release_reads_as_it_was_written():
    old = bad(what_to_do="Wait.")
    Incident.objects.update(sentences={})
    old.refresh_from_db()
    assert (old.headline, old.advice, old.notice) == ("Fathom does not answer", "Wait.", "")
