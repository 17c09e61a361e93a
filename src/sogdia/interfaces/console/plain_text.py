"""Text of others, so that what cannot be seen leads nobody astray: marks that turn the direction, joiners, controls.

A party's name may hold U+202E and read backwards, or a blank without width and look like another party's. Such signs
are told by their number, as the page for signing tells them (`assets/signing/dom.js`).
"""

import re
from typing import Any, Final

from markupsafe import Markup

_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
"""Controls except blanks and ends of lines; format characters (Unicode 16, Cf) that are not seen; fillers."""


def plainly(text: str) -> str:
    """The text with every such sign told as ⟨U+202E⟩."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSEEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)


def finalized(value: Any) -> Any:
    """What a template is about to write: texts plainly, markup of our own and everything else as it is."""
    return plainly(value) if isinstance(value, str) and not isinstance(value, Markup) else value
