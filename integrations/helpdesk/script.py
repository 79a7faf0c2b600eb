"""The widget's script for a website: what people entered is text in it, whatever it consists of.

All of it is written as JSON in ASCII, and what could end a script or begin a tag in HTML is escaped
too. So it reads the same on a page of any encoding, and neither a quote, `</script>` nor a line
separator gets out of its string.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

POSITIONS: Final = ("left", "right")
TYPES: Final = ("standard", "expanded_bubble")
_ESCAPED: Final = {ord(character): f"\\u{ord(character):04x}" for character in "<>&'"}
_SCRIPT: Final = """\
window.chatwootSettings = {settings};
(function(d,t) {{
  var BASE_URL = {base_url};
  var g = d.createElement(t), s = d.getElementsByTagName(t)[0];
  g.src = BASE_URL + "/packs/js/sdk.js";
  g.async = true;
  s.parentNode.insertBefore(g,s);
  g.onload = function() {{
    window.chatwootSDK.run({{
      websiteToken: {token},
      baseUrl: BASE_URL
    }});
  }};
}})(document,"script");"""


@dataclass(frozen=True, slots=True)
class Look:
    """How the widget is to look."""

    position: str = "right"
    type: str = "standard"
    launcher_title: str = ""
    locale: str = ""

    def settings(self) -> dict[str, str]:
        """Return what the widget reads before it starts."""
        found = {"position": self.position, "type": self.type, "launcherTitle": self.launcher_title}
        if self.locale:
            found["locale"] = self.locale
        return found


def literal(value: str | Mapping[str, Any], indent: int | None = None) -> str:
    """Return a value as JavaScript that may stand in an HTML page."""
    return json.dumps(value, ensure_ascii=True, indent=indent).translate(_ESCAPED)


def code(base_url: str, token: str, look: Look) -> str:
    """Return what runs: the script without its tag."""
    settings = literal(look.settings(), indent=2)
    return _SCRIPT.format(settings=settings, base_url=literal(base_url), token=literal(token))


def snippet(base_url: str, token: str, look: Look) -> str:
    """Return what people paste into their website."""
    lines = "\n".join(f"  {line}" for line in code(base_url, token, look).splitlines())
    return f"<script>\n{lines}\n</script>"
