"""A browser's name for a person's list of sessions: "Firefox on Android", never the full string.

Only enough to recognise one's own phone; what isn't recognised is "a browser".
"""

from __future__ import annotations

from community.web.words import _

# First match wins: every browser also claims to be another.
_BROWSERS = (
    ("edg/", "Edge"),
    ("opr/", "Opera"),
    ("samsungbrowser/", "Samsung Internet"),
    ("firefox/", "Firefox"),
    ("fxios/", "Firefox"),
    ("crios/", "Chrome"),
    ("chrome/", "Chrome"),
    ("safari/", "Safari"),
)
_SYSTEMS = (
    ("android", "Android"),
    ("iphone", "iPhone"),
    ("ipad", "iPad"),
    ("windows", "Windows"),
    ("mac os", "Mac"),
    ("cros", "ChromeOS"),
    ("linux", "Linux"),
)


def label(user_agent: str) -> str:
    """At most a few words."""
    text = user_agent[:500].lower()
    browser = next((name for sign, name in _BROWSERS if sign in text), _("a browser"))
    system = next((name for sign, name in _SYSTEMS if sign in text), "")
    return f"{browser} on {system}" if system else browser
