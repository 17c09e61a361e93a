"""What is wrong with an identifier, in words for the person who typed or scanned it."""

from typing import Final

_SHOWN_CHARS: Final = 80


class BadIdentifier(ValueError):
    """A GS1 identifier that breaks a rule: under which AI or form, which value, what is wrong, what to do."""

    def __init__(self, form: str, value: str, wrong: str, remedy: str) -> None:
        shown = value if len(value) <= _SHOWN_CHARS else f"{value[:_SHOWN_CHARS]}..."
        super().__init__(f"{form} {shown!r}: {wrong}; {remedy}")
        self.form = form
        self.value = value
        self.wrong = wrong
        self.remedy = remedy


class NoDigitalLink(ValueError):
    """A well-formed EPC URI that no GS1 Digital Link stands for, such as a GID or a pattern of many classes."""
