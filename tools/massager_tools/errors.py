"""The two kinds of error of a command, each with its exit code."""


class UsageError(Exception):
    """Invalid user input: an unknown name, a wrong file, a bad option.

    The message is one line: what is wrong, where, what to do. Exit code 2.
    """

    exit_code = 2


class Failure(Exception):
    """The command was valid and failed. The message is one line with the cause. Exit code 1."""

    exit_code = 1


class BoardError(UsageError):
    """A board that does not exist, cannot be read, or breaks a rule."""
