"""`massager measure page`: what it makes of its samples; the browser itself is no part of this."""

from massager_tools.verification.page import Found, Sample, delays, growth, report

HOUR_S, STEP_S = 3600, 60


def _samples(grows_mb_h: float = 0.0, hz: float = 10.0) -> list[Sample]:
    return [
        Sample(t_s, round(t_s * hz), 100 + grows_mb_h * t_s / HOUR_S, 20.0, 200.0, 600)
        for t_s in range(0, HOUR_S + 1, STEP_S)
    ]


def _found(**changes: object) -> Found:
    found = Found(
        ready_s=[2.0, 2.5, 8.0],
        load_s={"Massager": [0.4, 0.5, 0.6], "Boards": [0.7, 0.8, 3.0]},
        picture_ms=[40.0] * 100,
        samples=_samples(),
    )
    for name, value in changes.items():
        setattr(found, name, value)
    return found


REPORT_ROWS: tuple[tuple[dict[str, object], tuple[str, ...]], ...] = (
    ({}, ()),
    ({"ready_s": [2.0, 3.1, 3.2]}, ("ready, median",)),
    ({"load_s": {"Massager": [0.1], "Boards": [1.1]}}, ("slowest page, median",)),
    ({"picture_ms": [40.0] * 90 + [201.0] * 10}, ("telemetry to picture, p95",)),
    ({"samples": _samples(hz=9.0)}, ("rows of telemetry",)),
    ({"samples": _samples(grows_mb_h=6.0)}, ()),  # 3.75 MB between the quarters' middles
    ({"samples": _samples(grows_mb_h=12.0)}, ("server grows",)),
)


def test_report(row: tuple[dict[str, object], tuple[str, ...]]) -> None:
    changes, short = row
    done = report(_found(**changes))
    assert tuple(bar.name for bar in done.criteria if not bar.ok) == short


def test_growth_leaves_the_first_quarter_out() -> None:
    samples = _samples()
    early = [Sample(one.t_s, one.rows, 0.0, 0.0, 0.0, 0) for one in samples[:14]]
    assert growth([*early, *samples[14:]], "server_mb") == 0.0


def test_a_picture_is_timed_from_the_newest_row_that_makes_it() -> None:
    sent = [(1000.0, "a"), (1100.0, "b"), (1200.0, "a")]
    drawn = [("b", 1150.0), ("a", 1230.0), ("c", 1300.0), ("a", 1090.0)]
    assert list(delays(sent, drawn)) == [50.0, 30.0, 90.0]
