"""Notes beside the record: each thing once, and nothing that a crash cut short."""

from pathlib import Path

from sogdia.interfaces.intake.notes import Lines, RefusedPart, WaitingOrder, counts


def notes(path: Path, *, fresh: bool = False) -> Lines:
    return Lines(path / "refused.ndjson", RefusedPart, ("order", "part"), fresh=fresh)


def test_a_part_is_noted_once_also_by_the_next_run(tmp_path: Path) -> None:
    first = notes(tmp_path)
    assert first.add(RefusedPart("1", "list", 6003, {}))
    assert not first.add(RefusedPart("1", "list", 6003, {}))
    first.close()
    second = notes(tmp_path)
    assert not second.add(RefusedPart("1", "list", 6003, {}))
    assert counts(second) == {"6003": 1}
    second.close()


def test_a_line_that_a_crash_cut_short_is_dropped_and_can_be_noted_again(tmp_path: Path) -> None:
    first = notes(tmp_path)
    first.add(RefusedPart("1", "list", 6003, {}))
    first.add(RefusedPart("2", "list", 6003, {"count": 1}))
    first.close()
    path = tmp_path / "refused.ndjson"
    path.write_bytes(path.read_bytes()[:-9])
    second = notes(tmp_path)
    assert [part.order for part in second] == ["1"]
    assert second.add(RefusedPart("2", "list", 6003, {"count": 1}))
    assert [part.order for part in second] == ["1", "2"]
    second.close()


def test_what_follows_from_the_file_is_noted_anew_by_each_run(tmp_path: Path) -> None:
    path = tmp_path / "waiting.ndjson"
    first = Lines(path, WaitingOrder, ("order",), fresh=True)
    first.add(WaitingOrder("1", "no_hs_code", ("LAMP",)))
    first.close()
    second = Lines(path, WaitingOrder, ("order",), fresh=True)
    assert list(second) == []
    second.close()
