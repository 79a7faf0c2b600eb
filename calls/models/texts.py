"""What was said in a call, and how it is found again."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from calls.models.calls import Call
from crm.models import Organization


class Transcript(models.Model):
    """Who said what when: segments of {speaker, email?, at, text}, `at` in seconds;
    and all of it as plain text.
    """

    call = models.OneToOneField(
        Call, primary_key=True, on_delete=models.CASCADE, related_name="transcript"
    )
    segments = models.JSONField(default=list, blank=True)
    text = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return _("Transcript of %(call)s") % {"call": self.call_id}


class CallSearch(models.Model):
    """The words of a call's title, summary and transcript.
    Apart from the call, so that rows of calls stay narrow.

    Null while it waits to be read: `calls.indexing` fills it.
    """

    call = models.OneToOneField(
        Call, primary_key=True, on_delete=models.CASCADE, related_name="search"
    )
    vector = SearchVectorField(null=True)

    class Meta:
        indexes: ClassVar = [
            GinIndex(fields=["vector"], name="call_words"),
            models.Index(
                fields=["call"], condition=models.Q(vector=None), name="call_words_waiting"
            ),
        ]

    def __str__(self) -> str:
        return str(self.call_id)


class SearchedWord(models.Model):
    """A word that a call of an organization has or had: a mistyped one is led to those
    that are like it.

    What is offered to a person is looked for in the calls that they may
    see first (`calls.suggesting`).
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    word = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "word"], name="an_organization_has_a_word_once"
            )
        ]
        indexes: ClassVar = [
            GinIndex(fields=["word"], opclasses=["gin_trgm_ops"], name="words_alike")
        ]

    def __str__(self) -> str:
        return self.word


class UnlearnedCall(models.Model):
    """A call whose words are still to become searched words: `calls.indexing` takes it up,
    a minute later at most.
    """

    call = models.OneToOneField(Call, primary_key=True, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return str(self.call_id)
