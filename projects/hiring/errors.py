"""What hiring refuses in a way that somebody else must hear of."""

from __future__ import annotations

from marketplace.kernel.errors import WrongState


class NoPlaceLeft(WrongState):
    """Every place of the project is taken. The offer stays open, in case the lab adds one."""

    code = "no_place_left"
    title = "All places are filled"
