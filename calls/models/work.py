"""What people make of a call afterwards: its action items, and what they write beside it.

Of an action item the source says what it is, and a person what became of it:
`calls.action_items` keeps the two apart.
"""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from calls.models.calls import Call
from crm.models import Member

LONGEST_KEY = 200


class CallAction(models.Model):
    """One thing to do after a call: out of its source's list, or added by a person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="actions")
    ordinal = models.PositiveIntegerField(default=0)
    text = models.TextField()
    # A source gives its items no id: the same words, and which of several with the same,
    # are the same item.
    text_key = models.CharField(max_length=LONGEST_KEY, editable=False)
    nth = models.PositiveSmallIntegerField(default=0, editable=False)
    from_source = models.BooleanField(default=False)
    # The source's own name for whoever is to do it, and where in the call it came up.
    who = models.CharField(max_length=200, blank=True, default="")
    at = models.FloatField(null=True, blank=True)
    url = models.CharField(max_length=2000, blank=True, default="")
    is_done = models.BooleanField(default=False)
    # A person ticked it, or took the tick away: the source has no more say in it.
    is_decided = models.BooleanField(default=False)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    assignee = models.ForeignKey(
        Member,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_index=False,
        related_name="actions",
    )
    due_on = models.DateField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["ordinal", "created_at", "id"]
        verbose_name = "action item"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["call", "text_key", "nth"],
                condition=Q(from_source=True),
                name="a_source_says_an_item_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["assignee"], condition=Q(is_done=False), name="open_actions_of_member"
            )
        ]

    def __str__(self) -> str:
        return self.text[:80]


class CallComment(models.Model):
    """What somebody wrote beside a call: at a second of it, or, without one, of all of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.PositiveIntegerField(null=True, blank=True)
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["created_at", "id"]
        verbose_name = "comment"

    def __str__(self) -> str:
        return self.text[:80]
