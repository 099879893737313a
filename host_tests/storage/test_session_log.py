"""The last 200 sessions: in order, whole or not at all, and gentle to the flash."""

from array import array

import pytest

from host_tests.storage.store import PowerCut, TornStore
from massager.core.session import session_record
from massager.storage import session_log


def a_record(minutes: int) -> "array[int]":
    record = array("i", [0] * len(session_record.FIELDS))
    record[session_record.TOTAL_S] = minutes * 60
    record[session_record.BEFORE] = record[session_record.AFTER] = session_record.NO_ANSWER
    return record


def kept(store: TornStore) -> list[tuple[int, int]]:
    """(number, minutes) of every whole record, oldest first."""
    found = []
    for block in range(session_log.BLOCKS):
        data = store.blobs.get(session_log.key(block), b"")
        for index in range(len(data) // session_log.RECORD_BYTES):
            numbers = session_log.unpack(data, index)
            if numbers:
                found.append(
                    (numbers[session_record.NUMBER], numbers[session_record.TOTAL_S] // 60)
                )
    return sorted(found)


def test_the_form_holds_every_field() -> None:
    assert session_log.RECORDS == session_log.BLOCKS * session_log.IN_BLOCK
    assert session_log.BLOCK_BYTES == session_log.IN_BLOCK * session_log.RECORD_BYTES
    store = TornStore()
    record = array("i", [0, 7, 5, 5, 4, 10, 255, *[65_535] * 8])
    session_log.SessionLog(store).keep(record)
    assert session_log.unpack(store.blobs["journal_0"], 0) == (1, *record[1:])


def test_the_last_200_stay() -> None:
    store = TornStore()
    for night in range(1, 451):
        if night % 7 == 0:
            log = session_log.SessionLog(store)  # power-off in between
        elif night == 1:
            log = session_log.SessionLog(store)
        log.keep(a_record(night % 60))
    assert kept(store) == [(night, night % 60) for night in range(251, 451)]


def test_an_answer_changes_its_record_and_adds_none() -> None:
    store = TornStore()
    log = session_log.SessionLog(store)
    record = a_record(20)
    log.keep(record)
    record[session_record.AFTER] = 3
    log.keep(record)
    assert kept(store) == [(1, 20)]
    numbers = session_log.unpack(store.blobs["journal_0"], 0)
    assert numbers and numbers[session_record.AFTER] == 3


def test_a_session_costs_one_small_block() -> None:
    store = TornStore()
    log = session_log.SessionLog(store)
    for _ in range(100):
        log.keep(a_record(20))
    assert store.writes == 100
    assert store.written_bytes == 100 * session_log.BLOCK_BYTES
    # what NVS has to hold, with the copy it makes while it writes: far below 24 KB
    assert session_log.BLOCKS * session_log.BLOCK_BYTES + session_log.BLOCK_BYTES < 7_000


@pytest.mark.parametrize("before", [0, 1, 19, 20, 200, 215])
def test_a_power_cut_loses_the_newest_at_most(before: int) -> None:
    for cut in range(session_log.BLOCK_BYTES + 1):
        store = TornStore()
        log = session_log.SessionLog(store)
        for night in range(before):
            log.keep(a_record(night % 60))
        old = kept(store)
        store.bytes_left = cut
        with pytest.raises(PowerCut):
            log.keep(a_record(33))
        found = kept(store)
        gone = set(old) - set(found)
        assert len(gone) <= 1, cut  # the one whose place the newest takes
        assert all(number == before + 1 - session_log.RECORDS for number, _ in gone)
        assert set(found) - set(old) <= {(before + 1, 33)}
        store.bytes_left = None
        session_log.SessionLog(store).keep(a_record(44))
        assert kept(store)[-1][1] == 44
