"""The tab of suppressions: whom nobody may write to, and whether every workspace keeps to it."""

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from bison import access, suppression
from bison.models import Suppression, SuppressionState
from bison.suppression import asking
from dashboard import signs
from dashboard.calls.forms import MAX_SEARCH, Words
from dashboard.paging import Page, newest_by
from dashboard.tables import Column, Empty, Table
from dashboard.views import person
from dashboard.workspaces.tabs import May, entered, tabs

A_PAGE: Final = 50
TEMPLATE: Final = "dashboard/workspaces/suppressions.html"
PAGES: Final = gettext_lazy("Pages of suppressions")
NONE_YET: Final = Empty(
    gettext_lazy("Nobody is suppressed yet"),
    gettext_lazy(
        "Whom you enter is blocked and unsubscribed in every workspace, and Koppel "
        "looks every night."
    ),
    "ban",
)


class SuppressionFilter(forms.Form):
    search = Words(
        label=gettext_lazy("Search"), required=False, widget=forms.TextInput({"type": "search"})
    )


class SuppressForm(forms.Form):
    """Whom nobody may write to."""

    values = forms.CharField(
        label=gettext_lazy("Addresses or domains"),
        help_text=gettext_lazy(
            "One in a line. Each is blocked and unsubscribed in all workspaces."
        ),
        max_length=200_000,
        widget=forms.Textarea({"rows": 3, "spellcheck": "false"}),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300, required=False)
    confirmed = forms.BooleanField(
        label=gettext_lazy("Also where that is many, or a domain of public mail"), required=False
    )

    def suppress(self, **by: Any) -> suppression.Added:
        """Store what was entered and start what puts it into effect;
        ValidationError for what may not be.
        """
        values = self.cleaned_data
        confirmed = values["confirmed"]
        asked = asking.ask(values["values"].split(), insist=confirmed, confirmed=confirmed)
        return suppression.suppress_many(asked, reason=values["reason"], confirmed=confirmed, **by)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """Show whom nobody may write to; POST adds some."""
    may = entered(request, access.SEE)
    form = SuppressForm(request.POST or None)
    if request.method == "POST":
        entered(request, access.SUPPRESS)
        if form.is_valid() and _add(request, form):
            return redirect("dashboard:suppressions")
    return render(
        request,
        TEMPLATE,
        {"may": may, "form": form, "tabs": tabs(request), **_listed(request, may)},
    )


@require_POST
@login_required
def lift(request: HttpRequest, suppression_id: Any) -> HttpResponse:
    """Let go of a value: every workspace takes it off its list."""
    entered(request, access.SUPPRESS)
    found = suppression.in_force().filter(pk=suppression_id, removed_at=None).first()
    if found is None:
        raise Http404
    started = suppression.lift(found, actor=person(request), request=request)
    messages.success(request, f"{found}: {started.message}")
    return redirect("dashboard:suppressions")


@require_POST
@login_required
def check(request: HttpRequest) -> HttpResponse:
    """Read everything back now, and repair what was undone."""
    entered(request, access.SUPPRESS)
    started = suppression.start_check(started_by=person(request), trigger="page")
    messages.success(request, started.message)
    return redirect("dashboard:suppressions")


def _add(request: HttpRequest, form: SuppressForm) -> bool:
    try:
        added = form.suppress(actor=person(request), request=request)
    except ValidationError as error:
        form.add_error("values", ValidationError(error.messages))
        return False
    messages.success(request, added.started.message)
    return True


def _listed(request: HttpRequest, may: May) -> dict[str, Any]:
    words = SuppressionFilter(request.GET)
    rows = suppression.in_force()
    if words.is_valid() and words.cleaned_data["search"]:
        rows = rows.filter(value__icontains=words.cleaned_data["search"][:MAX_SEARCH])
    query = request.GET
    found: Page[Suppression] = newest_by(
        "created_at",
        rows,
        before=query.get("before", ""),
        after=query.get("after", ""),
        size=A_PAGE,
    )
    counted = _counted(found.items)
    return {
        "filters": words,
        "table": _table(found, counted, _lifts(request) if may.suppress else None),
    }


def _counted(rows: list[Suppression]) -> dict[Any, Any]:
    """Return in how many workspaces each is in effect, of how many, and in how many it was
    undone or fails.
    """
    State = SuppressionState.State  # noqa: N806 - the class's own name
    states = SuppressionState.objects.filter(suppression__in=rows).values("suppression")
    counted = states.annotate(
        total=Count("pk"),
        done=Count("pk", filter=Q(state=State.DONE)),
        bad=Count("pk", filter=Q(state__in=[State.UNDONE, State.FAILED])),
    )
    return {each["suppression"]: each for each in counted}


def _table(
    found: Page[Suppression], counted: dict[Any, Any], lifts: Column[Suppression] | None
) -> Table[Suppression]:
    def effect(row: Suppression) -> Any:
        numbers = counted.get(row.pk)
        if row.removed_at is not None:
            return signs.status("waiting", _("Being lifted"), quiet=True)
        if not numbers:
            return signs.status("waiting", quiet=True)
        state = "complete" if numbers["done"] == numbers["total"] else "waiting"
        if numbers["bad"]:
            state = "failed"
        words = _("%(done)d of %(total)d workspaces") % numbers
        return signs.status(state, words, quiet=True)

    columns: list[Column[Suppression]] = [
        Column("value", _("Address or domain"), lambda row: row.shown, names_row=True),
        Column("reason", _("Reason"), lambda row: row.reason),
        Column("scope", _("Where"), lambda row: row.get_scope_display(), hide_on_phone=True),
        Column("effect", _("In effect"), effect),
        Column("by", _("Added by"), lambda row: row.added_by, hide_on_phone=True),
        Column("when", _("Added"), lambda row: signs.ago(row.created_at)),
    ]
    if lifts is not None:
        columns.append(lifts)
    return Table(
        _("Suppressions"), columns, found.items, NONE_YET, page=found, pages=PAGES, has_density=True
    )


def _lifts(request: HttpRequest) -> Column[Suppression]:
    """Return the column with a button on each row that lets go of it."""
    token = get_token(request)

    def button(row: Suppression) -> Any:
        if row.removed_at is not None:
            return ""
        return format_html(
            '<form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" '
            'value="{}"><button type="submit" class="button button-ghost button-small" '
            'aria-label="{}">{}</button></form>',
            reverse("dashboard:lift_suppression", args=[row.pk]),
            token,
            _("Lift %(value)s") % {"value": row.shown},
            _("Lift"),
        )

    return Column("lift", "", button, text=lambda _row: "")
