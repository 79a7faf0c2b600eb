"""Calls in a page: what they are called, how far they are, what was found in them."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from calls import search
from core.words.icons import icon
from core.words.states import Look, look
from dashboard.calls import words

register = template.Library()
register.filter("call_title", words.title)
register.filter("call_when", words.when)
register.filter("call_outcome", words.outcome)
register.filter("lasting", words.length)
register.filter("share", words.share)
register.filter("clock", words.clock)
register.filter("call_source", lambda call: look(f"source.{call.source}"))
register.filter("call_state", words.state)
register.filter("call_recording", words.recording)
register.filter("marked", search.marked)


@register.simple_tag
def inline_look(look: Look, *, toned: bool = True) -> SafeString:
    """A look as icon and word, without the box of a badge: for tables, where many stand under each other."""
    tone = f" tone-{look.tone}" if toned else ""
    picture = icon(look.icon) if look.icon else ""
    return format_html('<span class="said{}">{}<span>{}</span></span>', tone, picture, look.word)
