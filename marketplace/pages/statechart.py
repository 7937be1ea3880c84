"""docs/states.md: every table of moves as a diagram, drawn from the code."""

from __future__ import annotations

from marketplace.kernel.states import REGISTERED

HEAD = """# States and their moves

Drawn by `./dev manage draw_states` from the tables in each area's `enums.py`; a test fails when this page is stale.
An arrow is a move that an action may make; every other move is refused with `wrong_state`.
"""


def draw_states() -> str:
    """Return the page as Markdown with one Mermaid state diagram per table, in alphabetical order."""
    return HEAD + "".join(_chart(name) for name in sorted(REGISTERED))


def _chart(name: str) -> str:
    table = REGISTERED[name]
    targets = {str(target) for moves in table.values() for target in moves}
    lines = [f"\n## {name.capitalize()}\n", "```mermaid", "stateDiagram-v2"]
    # A table names the state that a row begins in first; it may be come back to.
    lines += [f"    [*] --> {state}" for at, state in enumerate(map(str, table)) if at == 0 or state not in targets]
    for state, moves in table.items():
        order = [str(other) for other in table if str(other) in {str(move) for move in moves}]
        lines += [f"    {state} --> {target}" for target in order]
        lines += [f"    {state} --> [*]"] if not moves else []
    return "\n".join([*lines, "```", ""])
