"""The logo of an organization: set, taken away, and found by whoever was told its address."""

import hashlib
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core import audit
from crm import pictures
from crm.models import Logo, Organization
from crm.refusals import writing

TOO_LARGE: Final = _("A logo has at most 200 KB.")
NOT_A_PICTURE: Final = _("That is no PNG, JPEG or WebP picture, or it is damaged.")
TOO_WIDE: Final = _("A logo is at most 2000 pixels wide and high.")


def set_logo(
    *, organization: Organization, content: bytes, actor: Any = None, request: Any = None
) -> Logo:
    """Show this picture to guests from now on. ValidationError at `logo` for what cannot be one."""
    picture = _checked(content)
    digest = hashlib.sha256(content).hexdigest()
    values = {
        "content": content,
        "content_type": picture.content_type,
        "width": picture.width,
        "height": picture.height,
        "digest": digest,
    }
    with writing():
        before = _locked(organization)
        logo, _made = Logo.objects.update_or_create(organization=organization, defaults=values)
        if before != digest:
            _record(organization, actor, request, before=before, after=digest)
    return logo


def remove_logo(*, organization: Organization, actor: Any = None, request: Any = None) -> bool:
    """Show guests the name alone again; False where there was no logo."""
    with writing():
        before = _locked(organization)
        if not before:
            return False
        Logo.objects.filter(organization=organization).delete()
        _record(organization, actor, request, before=before, after="")
    return True


def logo_of(organization: Organization) -> Logo | None:
    """Return its logo without the picture itself."""
    return Logo.objects.filter(organization=organization).defer("content").first()


def logo_by_digest(digest: str) -> Logo | None:
    """Return the logo that has this content."""
    return Logo.objects.filter(digest=digest).first()


def _checked(content: bytes) -> pictures.Picture:
    if len(content) > pictures.MOST_BYTES:
        raise ValidationError({"logo": ValidationError(TOO_LARGE, code="too_large")})
    try:
        picture = pictures.read(content)
    except pictures.NotAPicture as error:
        raise ValidationError(
            {"logo": ValidationError(NOT_A_PICTURE, code="invalid_image")}
        ) from error
    if not (picture.width and picture.height):
        raise ValidationError({"logo": ValidationError(NOT_A_PICTURE, code="invalid_image")})
    if max(picture.width, picture.height) > pictures.MOST_PIXELS_A_SIDE:
        raise ValidationError({"logo": ValidationError(TOO_WIDE, code="too_large")})
    return picture


def _locked(organization: Organization) -> str:
    """Lock the organization, and return the digest of the logo that it has."""
    Organization.objects.select_for_update().get(pk=organization.pk)
    return (
        Logo.objects.filter(organization=organization).values_list("digest", flat=True).first()
        or ""
    )


def _record(
    organization: Organization, actor: Any, request: Any, *, before: str, after: str
) -> None:
    audit.record(
        "setting.changed",
        actor=actor,
        target=organization,
        request=request,
        organization_id=organization.pk,
        field="logo",
        before=before,
        after=after,
    )
