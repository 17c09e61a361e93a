"""What is wrong with a query, under the standard's own name for it."""

from typing import Final, Literal

_SHOWN_CHARS: Final = 80

ExceptionName = Literal[
    "QueryParameterException",
    "QueryValidationException",
    "QueryTooLargeException",
    "QueryTooComplexException",
    "SubscriptionControlsException",
]
"""Names of EPCIS 2.0; the HTTP interface answers `epcisException:<name>`."""


class QueryRefused(Exception):
    """A query that is not answered: the standard's exception, which parameter and value, what is wrong, what to do.

    `parameter` is empty where the query as a whole is meant, and `value` where none was given.
    """

    def __init__(
        self,
        parameter: str,
        value: object,
        wrong: str,
        remedy: str,
        exception: ExceptionName = "QueryParameterException",
    ) -> None:
        self.exception: ExceptionName = exception
        self.parameter = shown(parameter)
        self.value = shown(str(value))
        self.wrong = wrong
        self.remedy = remedy
        super().__init__(self.sentence())

    def sentence(self) -> str:
        """The whole as one plain sentence."""
        subject = " ".join(part for part in (self.parameter, repr(self.value) if self.value else "") if part)
        return f"{subject or 'the query'}: {self.wrong}; {self.remedy}"


def shown(text: str) -> str:
    """The text fit for a line of a terminal: printable, and cut after 80 characters."""
    text = "".join(char if char.isprintable() else "?" for char in text[: _SHOWN_CHARS + 1])
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}..."
