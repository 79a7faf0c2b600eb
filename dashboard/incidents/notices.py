"""What a person is mailed: shown as switches, and changed."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.alerts import audience
from core.models import User
from dashboard.incidents.forms import NoticeForm


def form_of(user: User, request: HttpRequest) -> NoticeForm:
    """Return the switches as they are for this person, or as they sent them."""
    news = audience.news_for(user)
    data = request.POST if request.method == "POST" else None
    return NoticeForm(data, news=news, initial=audience.choices_of(user))


def save(user: User, form: NoticeForm, request: HttpRequest) -> str:
    """Write the switches, and return what to say of it."""
    audience.choose(user, form.cleaned_data, actor=user, request=request)
    return _("Your notifications are saved.")
