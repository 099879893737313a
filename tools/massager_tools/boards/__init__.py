"""Board files: found, read as data, and judged by the pin tables of their chip."""

from massager_tools.boards.finding import Finding
from massager_tools.boards.load import board_names, load_board
from massager_tools.boards.rules import check, check_file

__all__ = ["Finding", "board_names", "check", "check_file", "load_board"]
