"""What a written document cannot say as the event says it."""

import msgspec


class Loss(msgspec.Struct, frozen=True):
    """What the version of XML that was asked for has no word for; number of the event from 1 (0 is the document).

    `carried` tells that it stands in the document all the same, where readers of that version pass over it.
    """

    event: int
    field: str
    value: str
    wrong: str
    carried: bool = False

    @property
    def sentence(self) -> str:
        """The loss for a person."""
        place = f"event {self.event}" if self.event else "the document"
        fate = "it stands in an extension" if self.carried else "it is left out"
        value = f"{self.value} " if self.value else ""
        return f"{place}, {self.field}: {value}{self.wrong}; {fate}"
