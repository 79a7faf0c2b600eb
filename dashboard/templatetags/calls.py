"""Calls in a page: what they are called, how far they are, what was found in them."""

from django import template

from calls import search
from dashboard.calls import words

register = template.Library()
register.filter("call_title", words.title)
register.filter("call_when", words.when)
register.filter("call_outcome", words.outcome)
register.filter("lasting", words.length)
register.filter("share", words.share)
register.filter("clock", words.clock)
register.filter("call_state", words.state)
register.filter("call_recording", words.recording)
register.filter("marked", search.marked)
