"""What was said in a call, and how it is found again."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from calls.models.calls import Call


class Transcript(models.Model):
    """Who said what when: segments of {speaker, email?, at, text}, `at` in seconds; and all of it as plain text."""

    call = models.OneToOneField(Call, primary_key=True, on_delete=models.CASCADE, related_name="transcript")
    segments = models.JSONField(default=list, blank=True)
    text = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return _("Transcript of %(call)s") % {"call": self.call_id}


class CallSearch(models.Model):
    """The words of a call's title, summary and transcript. Apart from the call, so that rows of calls stay narrow.

    Null while it waits to be read: `calls.indexing` fills it.
    """

    call = models.OneToOneField(Call, primary_key=True, on_delete=models.CASCADE, related_name="search")
    vector = SearchVectorField(null=True)

    class Meta:
        indexes: ClassVar = [
            GinIndex(fields=["vector"], name="call_words"),
            models.Index(fields=["call"], condition=models.Q(vector=None), name="call_words_waiting"),
        ]

    def __str__(self) -> str:
        return str(self.call_id)
