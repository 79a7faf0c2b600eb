"""What cuts a list: the bar of filters with what is used as chips, and the picker of a period."""

from dataclasses import dataclass
from typing import Any

from django import forms, template
from django.forms import BoundField, Form
from django.http import HttpRequest
from django.template.context import RequestContext
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dashboard import periods
from dashboard.forms import Combobox
from dashboard.periods import Period
from dashboard.tables import Words, with_query

register = template.Library()

# What the picker of the period owns of an address; and where a list that is cut anew begins again.
OF_PERIOD = ("period", "since", "until")
PLACE = ("before", "after")


@dataclass(frozen=True)
class Chip:
    """One filter that is used, and the address without it."""

    name: Words
    value: Words
    query: str


def _render(name: str, **context: Any) -> SafeString:
    return SafeString(render_to_string(f"components/{name}.html", context).strip())


@register.simple_tag(takes_context=True)
def filter_bar(
    context: RequestContext, form: Form, label: Words, period: Period | None = None
) -> SafeString:
    """Draw the filters of a list: a form that is sent by GET, so that what is looked
    at has an address.

    Where the form names some as `first`, the others wait behind "More filters",
    open while one of them is used. A page with a `period` has that among what is used.
    """
    request = context["request"]
    form.is_valid()
    shown = form.visible_fields()
    names = [field.name for field in shown]
    used = {name for name in names if request.GET.get(name)}
    first = getattr(form, "first", None) or names
    fields = [field for field in shown if field.name in first]
    more = [field for field in shown if field.name not in first]
    chips = [chip for field in shown if field.name in used and (chip := _chip(field, request))]
    if period is not None and not period.is_any and _is_chosen(request):
        chips.append(Chip(_("Period"), period.name, _without(request, *OF_PERIOD)))
    return _render(
        "filter_bar",
        fields=fields,
        more=more,
        opened=any(field.name in used for field in more),
        label=label,
        chips=chips,
        kept=_kept(request, {*names, *PLACE}),
        clear=_without(request, *names, *OF_PERIOD),
    )


@register.simple_tag(takes_context=True)
def period_picker(
    context: RequestContext, period: Period, any_time: bool = False, longest: int = 0
) -> SafeString:
    """Draw the days that a page looks at: one of the usual periods, or from a day to another.

    longest: how many days the page knows of; longer periods are not offered.
    """
    request = context["request"]
    names = [*([(periods.ANY, _("Any time"))] if any_time else []), *periods.NAMES.items()]
    if longest:
        names = [(key, name) for key, name in names if periods.LENGTHS.get(key, 0) <= longest]
    clean = dict.fromkeys((*OF_PERIOD, *PLACE))
    choices = [
        {
            "name": name,
            "query": with_query(request, **{**clean, "period": key}),
            "is_current": key == period.key,
        }
        for key, name in names
    ]
    return _render(
        "period_picker",
        period=period,
        choices=choices,
        kept=_kept(request, {*OF_PERIOD, *PLACE}),
        first=period.first.isoformat() if period.first else "",
        last=period.last.isoformat() if period.last else "",
    )


def _chip(field: BoundField, request: HttpRequest) -> Chip | None:
    shown = _in_words(field)
    if not shown:
        return None
    return Chip(field.label, shown, _without(request, field.name))


def _in_words(field: BoundField) -> Words:
    """Return what is chosen in a field, as its list calls it;
    nothing for a value that was not offered.
    """
    value: Any = ""
    if hasattr(field.form, "cleaned_data"):
        value = field.form.cleaned_data.get(field.name)
    if not value:
        return ""
    if isinstance(field.field.widget, Combobox):
        return field.field.widget.text
    if isinstance(field.field, forms.ChoiceField):
        choices: Any = field.field.choices
        return {str(key): word for key, word in choices}.get(str(value), "")
    if hasattr(value, "isoformat"):
        return date_format(value)
    return str(value)


def _is_chosen(request: HttpRequest) -> bool:
    return any(request.GET.get(name) for name in OF_PERIOD)


def _kept(request: HttpRequest, without: set[str]) -> list[tuple[str, str]]:
    """Return what else stands in the address, and goes along with the form."""
    return [
        (name, str(value)) for name, value in request.GET.items() if name not in without and value
    ]


def _without(request: HttpRequest, *names: str) -> str:
    return with_query(request, **dict.fromkeys((*names, *PLACE)))
