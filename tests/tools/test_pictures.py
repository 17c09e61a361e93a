"""The console's pictures: each scene is shown, nothing else lies beside them, and together they stay small."""

import re
from pathlib import Path
from typing import Final

import pictures

PAGE: Final = Path(pictures.TARGET).parent / "console-pictures.md"
SHOWN: Final = re.findall(r"!\[([^]]+)\]\(pictures/([a-z0-9-]+\.webp)\)", PAGE.read_text(encoding="utf-8"))
MOST_BYTES: Final = 2_500_000


def expected() -> set[str]:
    """The files that the tool writes."""
    return {
        f"{scene.name}-{look}.webp"
        for scene in pictures.SCENES
        for look, *_ in pictures.LOOKS
        if scene.is_dark or not look.endswith("dark")
    }


def test_every_picture_is_shown_with_words_for_those_who_do_not_see_it() -> None:
    assert {name for _, name in SHOWN} == expected()
    assert all(len(words) > 10 for words, _ in SHOWN)


def test_what_lies_in_the_folder_is_what_is_shown_and_small() -> None:
    found = {one.name: one.read_bytes() for one in pictures.TARGET.glob("*")}
    assert set(found) == expected()
    assert all(content[:4] == b"RIFF" and content[8:12] == b"WEBP" for content in found.values())
    assert sum(len(content) for content in found.values()) < MOST_BYTES
