"""Users and their roles.

An operations admin manages people but cannot make himself more than he is: superusers and
single permissions are for superusers, and the three staff roles come from core.signin.roles,
not from this page.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Model, Prefetch, QuerySet, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.forms import AdminPasswordChangeForm, UserCreationForm

from core import audit
from core.admin.base import HouseAdmin
from core.admin.sessions import end_sessions
from core.models import User
from core.signin import roles
from core.words.pills import pill

# What a person who is no superuser may not set on anybody.
ABOVE_OPERATIONS = ("is_superuser", "user_permissions")


class NewUserForm(UserCreationForm):
    """Name, address and first password."""

    class Meta:
        model = User
        fields = ("username", "email")


class UserForm(forms.ModelForm):  # type: ignore[type-arg]
    """Everything but the password, which has a page of its own and is shown on none."""

    class Meta:
        model = User
        exclude = ("password",)  # noqa: DJ006 - every other field, later ones too


def rights(user: User) -> dict[str, list[str]]:
    """Return what is to be seen in the audit log when it changes."""
    return {
        "groups": sorted(user.groups.values_list("name", flat=True)),
        "permissions": sorted(user.user_permissions.values_list("codename", flat=True)),
        "flags": [
            name for name in ("is_active", "is_staff", "is_superuser") if getattr(user, name)
        ],
    }


@admin.register(User)
class UserAdmin(DjangoUserAdmin, HouseAdmin):  # type: ignore[type-arg,misc]
    """People who sign in."""

    form = UserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "status", "email", "staff_role", "last_login")
    list_filter = ("is_active", "is_staff", "groups")
    list_prefetch_related: ClassVar = ("groups",)
    search_fields = ("username", "email", "first_name", "last_name")
    filter_horizontal = ()
    autocomplete_fields: ClassVar = ()
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "email", "first_name", "last_name")}),
        (
            _("Roles"),
            {"fields": ("is_active", "is_staff", "groups", "is_superuser", "user_permissions")},
        ),
        (_("Preferences"), {"fields": ("language", "theme", "time_zone")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "email", "password1", "password2")}),)
    actions = ("deactivate", "end_their_sessions", "reset_second_factor")
    object_acts = ("deactivate", "end_their_sessions", "reset_second_factor")
    object_links = (("password/", _("Set password")),)

    def acts_on(self, row: User) -> Iterable[str]:
        return [name for name in self.object_acts if name != "deactivate" or row.is_active]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> User | None:
        return _with_permissions(
            super().get_object(request, object_id, from_field), "user_permissions"
        )

    @admin.display(description=_("status"))
    def status(self, user: User) -> SafeString:
        if user.is_active:
            return pill("active")
        return pill("inactive")

    @admin.display(description=_("role"))
    def staff_role(self, user: User) -> str:
        names = []
        if user.is_superuser:
            names.append(_("Superuser"))
        return (
            ", ".join(str(name) for name in [*names, *(group.name for group in user.groups.all())])
            or "–"
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields = list(super().get_readonly_fields(request, obj))
        if request.user.is_superuser:
            return fields
        return [*fields, *ABOVE_OPERATIONS]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        return self.fieldsets

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups" and not request.user.is_superuser:
            kwargs["queryset"] = Group.objects.filter(name__in=roles.ROLES)
        if db_field.name == "user_permissions":
            kwargs["queryset"] = _permissions()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    # Saving, with its audit rows in the same transaction: the admin's form views are atomic.

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        # Kept on the form until the many-to-many fields are saved too.
        form.rights_before = None
        if change:
            form.rights_before = rights(User.objects.get(pk=obj.pk))
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        user, before, after = form.instance, form.rights_before, rights(form.instance)
        action = "user.added"
        if change:
            action = "user.changed"
        audit.record(
            action,
            actor=request.user,
            target=user,
            request=request,
            fields=sorted(form.changed_data),
        )
        if before is not None and before != after:
            audit.record(
                "role.changed",
                actor=request.user,
                target=user,
                request=request,
                before=before,
                after=after,
            )

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        audit.record("user.removed", actor=request.user, target=obj, request=request)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        with transaction.atomic():
            for user in self._touchable(request, queryset):
                self.delete_model(request, user)

    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002
        form_url: str = "",
    ) -> HttpResponse:
        if self.get_object(request, unquote(id)) is None:
            raise Http404
        with transaction.atomic():
            before = User.objects.filter(pk=id).values_list("password", flat=True).first()
            answer = super().user_change_password(request, id, form_url)
            user = User.objects.filter(pk=id).first()
            if user is not None and user.password != before:
                audit.record("password.set", actor=request.user, target=user, request=request)
        return answer

    # --- acts ---

    @admin.action(description=_("Deactivate"), permissions=["change"])
    def deactivate(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        done = 0
        for user in self._touchable(request, chosen.filter(is_active=True)):
            with transaction.atomic():
                User.objects.filter(pk=user.pk).update(is_active=False)
                end_sessions(user)
                audit.record(
                    "user.changed", actor=request.user, target=user, request=request,
                    field="is_active", before=True, after=False,
                )  # fmt: skip
            done += 1
        text = ngettext(
            "%(n)d person can no longer sign in.", "%(n)d people can no longer sign in.", done
        )
        messages.success(request, text % {"n": done})

    @admin.action(description=_("End sessions"), permissions=["change"])
    def end_their_sessions(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        ended = 0
        for user in self._touchable(request, chosen):
            with transaction.atomic():
                count = end_sessions(user)
                audit.record(
                    "session.ended",
                    actor=request.user,
                    target=user,
                    request=request,
                    sessions=count,
                )
            ended += count
        messages.success(
            request, ngettext("%(n)d session ended.", "%(n)d sessions ended.", ended) % {"n": ended}
        )

    @admin.action(description=_("Reset second factor"), permissions=["change"])
    def reset_second_factor(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        reset = 0
        for user in self._touchable(request, chosen):
            with transaction.atomic():
                removed, _each = Authenticator.objects.filter(user=user).delete()
                if removed:
                    audit.record(
                        "second_factor.reset", actor=request.user, target=user, request=request
                    )
                    reset += 1
        text = ngettext(
            "%(n)d second factor taken away.", "%(n)d second factors taken away.", reset
        )
        messages.success(request, text % {"n": reset})

    def _touchable(self, request: HttpRequest, users: QuerySet[User]) -> list[User]:
        """Return those whom this person may act on; a message says that nothing was
        done for the others.
        """
        chosen = list(users)
        may = [user for user in chosen if _may_touch(request, user)]
        if len(may) < len(chosen):
            messages.warning(
                request, _("Superusers were left as they are: only a superuser may change them.")
            )
        return may


def _permissions() -> QuerySet[Permission]:
    """Return them with the table that each is for: its name is asked for once
    per permission otherwise.
    """
    return Permission.objects.select_related("content_type")


def _with_permissions(found: Any, field: str) -> Any:
    if found is not None:
        prefetch_related_objects([found], Prefetch(field, _permissions()))
    return found


def _may_touch(request: HttpRequest, user: User | None) -> bool:
    if user is None or request.user.is_superuser:
        return True
    return not user.is_superuser


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, HouseAdmin):  # type: ignore[misc]
    """Roles of staff. The three of the house are kept by migrate and only shown;
    others are a superuser's own.
    """

    list_display = ("name", "kept", "what")
    filter_horizontal: ClassVar = ()

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Group | None:
        return _with_permissions(super().get_object(request, object_id, from_field), "permissions")

    @admin.display(description=_("made by"))
    def kept(self, group: Group) -> str:
        if group.name in roles.ROLES:
            return "Koppel"
        return str(_("By hand"))

    @admin.display(description=_("may do"))
    def what(self, group: Group) -> str:
        return str(roles.DESCRIPTIONS.get(group.name, "–"))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not _is_ours(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not _is_ours(obj)

    def save_model(self, request: HttpRequest, obj: Group, form: Any, change: bool) -> None:
        form.before = []
        if change:
            form.before = sorted(obj.permissions.values_list("codename", flat=True))
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        after = sorted(form.instance.permissions.values_list("codename", flat=True))
        audit.record(
            "role.changed",
            actor=request.user,
            target=form.instance,
            request=request,
            before=form.before,
            after=after,
        )

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        audit.record("role.changed", actor=request.user, target=obj, request=request, removed=True)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Group]) -> None:
        with transaction.atomic():
            for group in queryset.exclude(name__in=roles.ROLES):
                self.delete_model(request, group)


def _is_ours(group: Model | None) -> bool:
    return isinstance(group, Group) and group.name in roles.ROLES
