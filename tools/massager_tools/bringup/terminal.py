"""Ask the operator on the terminal."""

import click

from massager_tools.bringup.operator import NOTICED, Noticed


class Builder:
    """Ask on the terminal; Ctrl-C anywhere leaves all outputs off and the heat locked."""

    def prepare(self, text: str) -> None:
        click.echo(f"  {text}")
        click.pause("  [any key] when done ")

    def about_to(self, text: str) -> None:
        click.echo(f"  {text}")

    def noticed(self, expected: Noticed) -> Noticed:
        others = [answer for answer in NOTICED if answer != expected]
        choices = {"y": expected, **{str(n): answer for n, answer in enumerate(others)}}
        shown = ", ".join(f"{key} {answer}" for key, answer in choices.items() if key != "y")
        answer = click.prompt(
            f"  Was it {expected}? y, or what it was: {shown}",
            type=click.Choice(list(choices)),
            default="y",
            show_choices=False,
        )
        return choices[answer]

    def chamber(self, count: int) -> int:
        answer: int = click.prompt(
            "  Which chamber filled, counted from the ankle (0: none)?",
            type=click.IntRange(0, count),
        )
        return answer

    def press(self, button: str) -> None:
        click.echo(f"  Press and hold the button: {button}")

    def thermometer(self) -> float | None:
        answer = click.prompt(
            "  What does a thermometer beside the pad say, in °C (Enter: none here)?",
            default="",
            show_default=False,
            value_proc=_temperature,
        )
        return answer if isinstance(answer, float) else None


def _temperature(text: str) -> float | str:
    if not text.strip():
        return ""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        raise click.UsageError(f"{text!r} is not a temperature, such as 22.5") from None
    if not 0 < value < 45:
        raise click.UsageError(f"{value:g} °C is not the temperature of a room")
    return value
