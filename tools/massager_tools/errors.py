"""The two ways in which a command can end badly, each with its exit code."""


class UsageError(Exception):
    """What was asked cannot be meant: an unknown name, a wrong file, a bad option.

    The message is one line: what is wrong, where, what to do. Exit code 2.
    """

    exit_code = 2


class Failure(Exception):
    """What was asked was tried and did not work. One line says why. Exit code 1."""

    exit_code = 1


class BoardError(UsageError):
    """A board that does not exist, cannot be read, or breaks a rule."""
