"""What can be suppressed: an address or a domain, in its one spelling;
or the hash of an address that was erased.

A person who was erased stays blocked, though Koppel knows their address no more:
the vendor's list is hashed, and compared.
"""

from dataclasses import dataclass
from typing import Final

import idna
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bison.models import Suppression
from core.errors import Conflicting
from core.privacy import marks
from crm import addresses

Kind = Suppression.Kind
# Before the hash of an address that was erased. No address and no domain has a colon.
ERASED: Final = "erased:"
_SCOPE: Final = "bison.suppression"

PUBLIC_MAIL: Final = _(
    "Many people have their mail at %(domains)s, whoever they work for. Suppress their addresses, "
    "or insist if you mean everybody there."
)
# Where anybody may have an address. Who blocks one of these seldom means everybody there.
_PUBLIC: Final = """
aol.com bbox.fr bluewin.ch btinternet.com comcast.net duck.com fastmail.com free.fr gmail.com
gmx.at gmx.ch gmx.com gmx.de gmx.net googlemail.com home.nl hotmail.be hotmail.co.uk hotmail.com
hotmail.de hotmail.fr hotmail.it hotmail.nl hushmail.com icloud.com kpnmail.nl laposte.net
libero.it live.be live.co.uk live.com live.fr live.nl mac.com mail.com mail.ru mailfence.com
me.com msn.com naver.com numericable.fr orange.fr outlook.be outlook.com outlook.de outlook.fr
pm.me posteo.de proton.me protonmail.ch protonmail.com proximus.be qq.com rocketmail.com
seznam.cz sfr.fr skynet.be t-online.de telenet.be telfort.nl tutanota.com upcmail.nl wanadoo.fr
web.de xs4all.nl yahoo.co.uk yahoo.com yahoo.de yahoo.es yahoo.fr yahoo.it yandex.com yandex.ru
ymail.com ziggo.nl zoho.com 126.com 163.com
"""
PUBLIC_DOMAINS: Final = frozenset(_PUBLIC.split())


class PublicMail(Conflicting):
    """A domain at which anybody may have an address was named without insisting."""

    conflict = "public_mail_domain"


@dataclass(frozen=True, slots=True, order=True)
class Value:
    """An address or a domain, spelled as it is compared."""

    text: str
    kind: str

    @property
    def is_erased(self) -> bool:
        """Tell whether only the hash of it is known."""
        return self.text.startswith(ERASED)


def read(entered: str) -> Value:
    """Return what a person means; raise ValidationError for what is neither
    an address nor a domain.

    A domain may come as `@company.example`.
    """
    text = entered.strip()
    if "@" in text.removeprefix("@"):
        return Value(addresses.normalize(text), Kind.ADDRESS)
    return Value(addresses.normalize_domain(text.removeprefix("@")), Kind.DOMAIN)


def hashed(value: Value) -> Value:
    """Return what stands for an address once it was erased; a domain stands for itself."""
    if value.kind != Kind.ADDRESS or value.is_erased:
        return value
    return Value(f"{ERASED}{marks.hash_of(value.text, _SCOPE)}", value.kind)


def check_public(values: list[Value], *, insist: bool) -> None:
    """Raise PublicMail where a domain of public mail is among them and nobody insists."""
    public = [value.text for value in values if value.text in PUBLIC_DOMAINS]
    if public and not insist:
        raise PublicMail(PUBLIC_MAIL, params={"domains": ", ".join(public[:5])})


def spelled(listed: object) -> str:
    """Return the one spelling of what the vendor lists, its own in lower case for what is none."""
    text = str(listed or "")
    try:
        return read(text).text
    except ValidationError:
        return text.strip().casefold()


def spellings(value: Value) -> list[str]:
    """Return each way in which the vendor may have it written:
    by DNS's letters, and by the language's.
    """
    name, at, domain = value.text.rpartition("@")
    try:
        shown = idna.decode(domain)
    except idna.IDNAError:
        shown = domain
    return list(dict.fromkeys([value.text, f"{name}{at}{shown}"]))
