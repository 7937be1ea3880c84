"""A contract of import-linter's that no type of its own can say: what of an area others may use."""

from __future__ import annotations

from collections.abc import Iterator

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.application import contract_utils


class AreasContract(Contract):
    """
    Every module outside an area may import only its `shared` rooms; a room added tomorrow is closed at first.

    Only direct imports count: what a shared room uses inside its area is its own business.

    - areas: packages whose children are rooms;
    - shared: names of rooms that others may use, the same in every area;
    - ignore_imports: doors that stand open for a reason. One that nobody uses any more is an error.
    """

    type_name = "areas"

    areas = fields.ListField(subfield=fields.StringField())
    shared = fields.SetField(subfield=fields.StringField())
    ignore_imports = fields.SetField(subfield=fields.ImportExpressionField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        contract_utils.remove_ignored_imports_and_report(
            graph=graph, ignore_imports=self.ignore_imports, unmatched_alerting=contract_utils.AlertLevel.ERROR
        )
        found = [one for area in self.areas for one in self._intrusions(graph, str(area))]
        return ContractCheck(kept=not found, metadata={"intrusions": found})

    def _intrusions(self, graph: ImportGraph, area: str) -> Iterator[tuple[str, str]]:
        """(importer, imported) for every import into a closed room of the area."""
        for room in sorted(graph.find_children(area)):
            if room.rpartition(".")[2] in self.shared:
                continue
            for module in sorted({room} | graph.find_descendants(room)):
                for importer in sorted(graph.find_modules_that_directly_import(module)):
                    if not importer.startswith(f"{area}."):
                        yield importer, module

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, imported in check.metadata["intrusions"]:
            output.print_error(f"{importer} may not use {imported}", bold=False)
