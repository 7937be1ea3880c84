"""What may be done with imports of public registers: only commands at a terminal do it."""

from experts.registries.actions.imports import begin_import, finish_import, give_up_import, write_batch

__all__ = ["begin_import", "finish_import", "give_up_import", "write_batch"]
