"""Read the last 200 sessions of a device, for a table or CSV."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

from massager_tools.device_data import csv_table
from massager_tools.device_data.transport import Transport
from massager_tools.firmware_tables import core, firmware, programs
from massager_tools.units import PA_PER_MMHG

REASONS = ("", "completed", "skipped", "stopped", "fault", "interrupted")
HEAT = ("off", "41 °C", "42 °C", "43 °C", "boost")


@dataclass(frozen=True)
class SessionRecord:
    """One session. Feelings are 0 (none) to 10 (worst), None if not given."""

    number: int
    program: str
    ended: str
    level: int
    heat: str
    feeling_before: int | None
    feeling_after: int | None
    minutes: float
    minutes_at_pressure: float
    minutes_at_temperature: float
    cycles: int
    peak_pad_c: float
    peak_pressure_mmhg: float
    peak_motor_rpm: int
    fault: str


def keys() -> list[str]:
    """Return the keys that `sessions` reads."""
    session_log = firmware("storage.session_log")
    return [session_log.key(block) for block in range(session_log.BLOCKS)]


def sessions(transport: Transport) -> list[SessionRecord]:
    """Return every whole record on the device, oldest first."""
    session_log = firmware("storage.session_log")
    records = []
    for key in keys():
        data = transport.read(key)
        for index in range(min(len(data) // session_log.RECORD_BYTES, session_log.IN_BLOCK)):
            numbers = session_log.unpack(data, index)
            if numbers is not None:
                records.append(_record(numbers))
    return sorted(records, key=lambda record: record.number)


def as_csv(records: Iterable[SessionRecord]) -> str:
    """Return a line of names, then a line a session; an unknown feeling is empty."""
    names = [one.name for one in fields(SessionRecord)]
    return csv_table.as_csv(names, map(asdict, records))


def _record(numbers: tuple[int, ...]) -> SessionRecord:
    session_record = core("session.session_record")
    values = dict(zip(session_record.FIELDS, numbers, strict=True))
    names = list(programs())
    return SessionRecord(
        number=values["number"],
        program=names[values["program"]] if values["program"] < len(names) else "own",
        ended=REASONS[values["reason"]] if values["reason"] < len(REASONS) else "?",
        level=values["level"],
        heat=HEAT[values["heat_level"]] if values["heat_level"] < len(HEAT) else "?",
        feeling_before=_feeling(values["before"]),
        feeling_after=_feeling(values["after"]),
        minutes=_minutes(values["total_s"]),
        minutes_at_pressure=_minutes(values["pressure_s"]),
        minutes_at_temperature=_minutes(values["warm_s"]),
        cycles=values["cycles"],
        peak_pad_c=values["peak_pad_cc"] / 100,
        peak_pressure_mmhg=round(values["peak_pressure_pa"] / PA_PER_MMHG, 1),
        peak_motor_rpm=values["peak_rpm"],
        fault=f"E{values['fault_code']:02d}" if values["fault_code"] else "",
    )


def _minutes(seconds: int) -> float:
    return round(seconds / 60, 1)


def _feeling(value: int) -> int | None:
    return value if value <= core("limits").FEELING_MAX else None
