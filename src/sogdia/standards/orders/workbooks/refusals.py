"""Why a workbook is refused: codes of data/workbooks.csv, with the words in both languages."""

from __future__ import annotations

from sogdia.standards.orders.refused import Words, words_of


class WorkbookRefused(Exception):
    """A workbook that is not read; `facts` fill the sentences of its code.

    `several` are the names of the sheets that could be meant, when that is the question.
    """

    def __init__(self, code: str, *, several: tuple[str, ...] = (), **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.several = several
        self.facts = facts

    def words(self, language: str = "en") -> Words:
        """The refusal in English (`en`) or Chinese (`zh`)."""
        return words_of("workbooks.csv", self.code, self.facts, language)
