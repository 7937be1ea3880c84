"""Tables of moves: which state may follow which. Each area keeps its tables in `enums.py`."""

from __future__ import annotations

from collections.abc import Mapping

from marketplace.kernel.errors import WrongState

type_of_moves = Mapping[str, frozenset[str]]


def require_move(table: type_of_moves, *, current: str, target: str, what: str) -> None:
    """
    Allow the move or refuse it in words.

    :raises WrongState: if the table does not list `target` after `current`.
    """
    if target in table[current]:
        return
    raise WrongState(
        f"This {what} is {_words(current)} now, so it cannot become {_words(target)}.",
        current=current,
        target=target,
    )


def _words(state: str) -> str:
    return str(state).lower().replace("_", " ")


REGISTERED: dict[str, type_of_moves] = {}
"""Every table of the product by name, for docs/states.md and the architecture tests."""


def register_moves(name: str, table: type_of_moves) -> type_of_moves:
    """Remember a table of moves under a name such as "pay run"; docs/states.md is drawn from these."""
    REGISTERED[name] = table
    return table
