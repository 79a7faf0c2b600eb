"""Days of a source that are recorded by a walk of many subjects:
counted, and healed once what was missing is there.
"""

import uuid
from datetime import date

import pytest

from core import ledger
from core.ledger import Seen
from core.models import SourceDay

pytestmark = pytest.mark.django_db
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


def test_what_was_missing_at_first_and_is_in_koppel_later_has_healed_once():
    in_koppel = [(MONDAY, "1"), (TUESDAY, "9")]
    source = ledger.Source("test.recorded", "Recorded", lambda *_asked: list(in_koppel))
    subject, owner = uuid.uuid4(), uuid.uuid4()
    seen = [Seen("1", MONDAY), Seen("2", MONDAY), Seen("3", TUESDAY), Seen("4", TUESDAY, "sent")]

    def record():
        rows = ledger.record(source, subject, owner, seen, first=MONDAY, last=TUESDAY)
        return {
            row.day: (row.at_vendor, row.in_koppel, row.missing, row.healed, row.gone)
            for row in rows
        }

    assert record() == {MONDAY: (2, 1, 1, 0, 0), TUESDAY: (2, 0, 1, 0, 1)}
    in_koppel += [(MONDAY, "2"), (TUESDAY, "3")]
    healed = {MONDAY: (2, 2, 0, 1, 0), TUESDAY: (2, 1, 0, 1, 1)}
    assert record() == healed
    assert record() == healed
    rows = SourceDay.objects.filter(subject_id=subject)
    assert {row.organization_id for row in rows} == {owner}
    assert rows.get(day=TUESDAY).left_out == {"sent": 1}
