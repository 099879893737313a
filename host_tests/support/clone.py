"""Copy what a test has prepared, so that each row need not prepare it anew.

Runs on MicroPython too, which has no `copy`.
"""

from array import array

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SHARED = (int, float, str, bytes, bool, type(None))
_WHOLE = (tuple, bytearray, array)  # copied in one go


def clone(thing: object, known: "dict[int, Any] | None" = None) -> object:
    """Return a deep copy of plain objects, lists, tuples, dicts, arrays and bytearrays.

    What is shared inside `thing` is shared inside the copy. Functions are not copied.
    """
    if known is None:
        known = {}
    if isinstance(thing, _SHARED) or callable(thing):
        return thing
    if id(thing) in known:
        return known[id(thing)][0]
    made = _empty(thing, known)
    known[id(thing)] = (made, thing)  # the original stays alive, so that no id comes twice
    if isinstance(made, list):
        for item in thing:  # type: ignore[attr-defined]
            made.append(clone(item, known))
    elif isinstance(made, dict):
        for key in thing:  # type: ignore[attr-defined]
            made[key] = clone(thing[key], known)  # type: ignore[index]
    elif not isinstance(made, _WHOLE):
        for name, value in thing.__dict__.items():
            setattr(made, name, clone(value, known))
    return made


def _empty(thing: object, known: "dict[int, Any]") -> object:
    """Return what the parts of `thing` are copied into, or the whole copy."""
    if isinstance(thing, tuple):
        return tuple([clone(item, known) for item in thing])
    if isinstance(thing, bytearray):
        return bytearray(thing)
    if isinstance(thing, array):
        return thing[:]
    if isinstance(thing, (list, dict)):
        return type(thing)()
    return object.__new__(type(thing))
