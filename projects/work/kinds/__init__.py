"""
The kinds of task that the workbench can run: one module each, found by having a `KIND`.

Adding a kind is adding a module here and its two templates; no other file changes.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from projects.work.kinds.base import Kind


@cache
def all_kinds() -> dict[str, Kind]:
    """Return every kind by its code, in the order of their labels."""
    modules = [import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    kinds: list[Kind] = [module.KIND for module in modules if hasattr(module, "KIND")]
    return {kind.code: kind for kind in sorted(kinds, key=lambda kind: kind.label)}


def kind_of(code: str) -> Kind:
    """
    Return the kind with this code.

    :raises LookupError: if no module has it; a batch of such a kind cannot be created.
    """
    return all_kinds()[code]
