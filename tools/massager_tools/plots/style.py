"""The look of every plot: importing it applies the style sheet beside it.

Colours are those of Okabe and Ito, which differ for people with any colour vision.
"""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

from matplotlib import style

BLACK = "#1b1b1b"
GREY = "#7a7a7a"
PALE = "#d9d9d9"
ORANGE = "#e69f00"
SKY = "#56b4e9"
GREEN = "#009e73"
BLUE = "#0072b2"
VERMILLION = "#d55e00"
PURPLE = "#cc79a7"

CHAMBER_COLOURS = (BLUE, SKY, GREEN, PURPLE)
PLACES = {
    2: ("ankle", "calf"),
    3: ("ankle", "calf", "knee"),
    4: ("ankle", "calf", "upper calf", "knee"),
}
"""Number of chambers → where on the leg each is."""

style.use(Path(__file__).with_name("massager.mplstyle"))
