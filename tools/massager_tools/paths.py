"""Paths of firmware and boards: in the checkout, or inside the installed package."""

from pathlib import Path

from massager_tools.errors import UsageError

SHIPPED = "shipped"
"""The folder of the installed package that holds both; a checkout has none."""

_PACKAGE = Path(__file__).resolve().parent
CHECKOUT = _PACKAGE.parents[1]
"""The root of the source tree; meaningless where the package was installed from a wheel."""


def _tree(name: str) -> Path:
    shipped = _PACKAGE / SHIPPED / name
    return shipped if shipped.is_dir() else CHECKOUT / name


FIRMWARE_DIR = _tree("firmware")
BOARDS_DIR = _tree("boards")


def require_checkout(what: str) -> Path:
    """Return the root of the source tree; UsageError where there is none. `what` needs it."""
    if not (CHECKOUT / "host_tests").is_dir():
        raise UsageError(
            f"{what} needs the source tree with its tests, and this is an installed package: "
            "run it in a checkout after pip install -e '.[test]'"
        )
    return CHECKOUT
