"""What may be done with imports of public registers: only commands at a terminal do it. A batch is made of `Row`s."""

from experts.registries.actions.imports import begin_import, finish_import, give_up_import, write_batch
from experts.registries.reading import Row

__all__ = ["Row", "begin_import", "finish_import", "give_up_import", "write_batch"]
