"""Made-up things for /styleguide: every component in every state,
with nothing read from the database.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.formats import date_format

from core.words.states import LOOKS
from dashboard import pieces
from dashboard.charts import Series
from dashboard.forms import KeyInput, SwitchInput
from dashboard.navigation import Shell

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class SampleForm(forms.Form):
    name = forms.CharField(label="Name", help_text="As it stands on the invoice.")
    email = forms.EmailField(label="E-mail address")
    key = forms.CharField(
        label="API key", widget=KeyInput, help_text="Stored sealed; shown once, now."
    )
    tier = forms.ChoiceField(label="Tier", choices=[("team", "Team"), ("business", "Business")])
    day = forms.DateField(label="From", widget=forms.DateInput({"type": "date"}), required=False)
    notes = forms.CharField(label="Notes", widget=forms.Textarea, required=False)
    recording = forms.BooleanField(
        label="Record calls",
        widget=SwitchInput,
        required=False,
        help_text="Guests are asked before they join.",
    )
    remember = forms.BooleanField(label="Remember this browser", required=False)
    channel = forms.ChoiceField(
        label="Tell me by",
        widget=forms.RadioSelect,
        choices=[("mail", "E-mail"), ("text", "Text message")],
    )


def everything(request: HttpRequest) -> dict[str, Any]:
    """Return the context of the styleguide, in the theme that the address asks for."""
    shell = Shell(request)
    if request.GET.get("theme") in ("light", "dark"):
        shell.theme = request.GET["theme"]
    days = [date_format(NOON + timedelta(days=day), "j N") for day in range(14)]
    sent = [412, 398, 455, 501, 120, 96, 433, 470, 512, 488, 530, 141, 88, 497]
    good = {
        "name": "Northwind Sales",
        "email": "ops@northwind.example",
        "tier": "team",
        "recording": True,
    }
    return {
        "shell": shell,
        "now": datetime.now(tz=UTC),
        "moments": [
            datetime.now(tz=UTC) - timedelta(**ago)
            for ago in ({"minutes": 9}, {"hours": 5}, {"days": 40})
        ],
        "states": list(LOOKS),
        "form": SampleForm(initial=good, prefix="good"),
        "refused": SampleForm({"refused-email": "not an address"}, prefix="refused"),
        **pieces.everything(request),
        "tabs": [
            {"label": "API keys", "url": "#tabs", "current": True},
            {"label": "Webhooks", "url": "#tabs"},
            {"label": "Health", "url": "#tabs"},
        ],
        "facts": [
            ("At the vendor", "1 132 meetings"),
            ("Here", "1 130 meetings"),
            ("Checked", "04:10"),
        ],
        "days": days,
        "bars": [Series("Sent", sent)],
        "bars_two": [Series("Complete", [31, 28, 33, 30]), Series("Incomplete", [2, 4, 0, 1])],
        "weeks": ["Week 9", "Week 10", "Week 11", "Week 12"],
        "lines": [
            Series("p50", [212, 208, 230, 251, None, None, 219, 214, 208, 201, 220, 241, 236, 228])
        ],
        "lines_two": [
            Series("p50", [212, 208, 230, 251, 240, 236, 219, 214, 208, 201, 220, 241, 236, 228]),
            Series("p95", [480, 455, 612, 940, 820, 655, 520, 498, 466, 451, 530, 610, 588, 540]),
        ],
        "ranking": [("Ada Lovelace", 412), ("Grace Hopper", 305), ("Alan Turing", 12)],
        "heat": [
            (
                name,
                [
                    (f"{name} {hour}:00: {(hour * step) % 17} calls", (hour * step) % 17)
                    for hour in range(24)
                ],
            )
            for name, step in (("Mon", 5), ("Tue", 3), ("Wed", 7), ("Thu", 2), ("Fri", 11))
        ],
        "script": (
            "<script "
            'src="https://koppel.example/widget.js"\n        data-demo="9f2c" async></script>'
        ),
    }
