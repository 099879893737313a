"""Nights and Faults: what a device keeps, read, shown and searched."""

from nicegui import ui
from nicegui.testing import User

from host_tests.panel.support import BOARD, Remembering, in_window
from massager_tools.device_data.blackbox import Recording, Row
from massager_tools.device_data.blackbox_events import events
from massager_tools.panel.example import example_nvs
from massager_tools.panel.panel import Panel


def _used(nights: int) -> Panel:
    virtual = Remembering()
    virtual._nvs = example_nvs(BOARD, nights)
    return Panel(virtual)


def test_nights_are_read_from_the_device() -> None:
    async def read(user: User) -> None:
        await user.should_see(marker="empty")
        user.find(marker="read").click()
        await user.should_see(marker="sessions", retries=20)
        (table,) = user.find(kind=ui.table).elements
        assert [row["number"] for row in table.rows] == list(range(23, 0, -1))
        await user.should_see("23 sessions of virtual massager")

    in_window(read, _used(23), "/nights")


def test_nights_are_downloaded_as_csv() -> None:
    async def download(user: User) -> None:
        user.find(marker="read").click()
        await user.should_see(marker="sessions", retries=20)
        user.find(marker="csv").click()
        response = await user.download.next()
        assert response.text.splitlines()[0].startswith("number,program,ended,level,heat")
        assert len(response.text.splitlines()) == 4

    in_window(download, _used(3), "/nights")


SEARCH_ROWS: tuple[tuple[str, list[str] | None], ...] = (
    # words, codes that stay
    ("relief", None),
    ("E12", ["E12"]),
    ("47 °C pad", ["E12"]),
    ("nothing like it", []),
)


def test_search(row: tuple[str, list[str] | None]) -> None:
    words, codes = row

    async def search(user: User) -> None:
        user.find(marker="search").type(words)
        shown = [
            element.text.split()[0]
            for element in user._client.elements.values()
            if isinstance(element, ui.expansion) and element.visible
        ]
        if codes is not None:
            assert sorted(shown) == codes
        else:
            assert 0 < len(shown) < 10

    in_window(search, Panel(Remembering()), "/faults")


def _row(t_s: float, **values: int) -> Row:
    rest = dict.fromkeys(
        (
            *("state", "fault", "pressure_pa", "supply_mv", "motor_rpm", "heater_permille"),
            *("pump_permille", "chambers", "motor_permille", "buttons", "late_ms"),
        ),
        0,
    )
    return Row(
        t_s=t_s, pad_a_c=23.0, pad_b_c=23.0, heater_enable=False, exhaust=False, **(rest | values)
    )


def test_the_black_box_tells_in_order_what_happened() -> None:
    recording = Recording(
        12,
        5_000,
        (
            _row(-0.3, pump_permille=1000, chambers=1),
            _row(-0.2, pump_permille=1000, chambers=3),
            _row(-0.1, state=6, fault=12),
            _row(0.0, state=6, fault=12, buttons=1),
        ),
    )
    assert events(recording) == [
        (-0.2, "valve 2 on"),
        (-0.1, "E12 PAD_OVER_TEMP_TRIP"),
        (-0.1, "state FAULT"),
        (-0.1, "pump off"),
        (-0.1, "valve 1 off"),
        (-0.1, "valve 2 off"),
        (0.0, "power pressed"),
    ]
