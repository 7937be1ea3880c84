"""Every import contract of pyproject.toml is kept, and is proven by an import that breaks it and no other."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import grimp
import pytest
from importlinter.api import read_configuration
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract

from tests.architecture.areas import AreasContract
from tests.architecture.house import PACKAGES, ROOT

pytestmark = pytest.mark.xdist_group("imports")  # one process reads the imports of the whole product, once

TYPES = {"layers": LayersContract, "forbidden": ForbiddenContract, "areas": AreasContract}
CONFIGURATION = read_configuration(str(ROOT / "pyproject.toml"))
CONTRACTS = {one["name"].partition(":")[0]: one for one in CONFIGURATION["contracts_options"]}
"""By the words before the colon."""

BREAKERS = [
    ("Between packages", "marketplace.kernel.money", "marketplace.accounts.enums"),
    ("Between packages", "marketplace.accounts.actions", "marketplace.audit.actions"),
    ("Between packages", "experts.profiles.actions.profiles", "payments.ledger.enums"),
    ("Between packages", "payments.payouts.actions.runs", "experts.vetting.queries"),
    ("Between packages", "payments.funding.actions", "projects.listings.enums"),
    ("Between packages", "projects.work.queries.desk", "marketplace.pages.actions"),
    ("Inside projects", "projects.labs.actions", "projects.hiring.enums"),
    ("Inside projects", "projects.work.actions.claims", "projects.hours.actions.timers"),
    ("Inside experts", "experts.profiles.policies", "experts.vetting.enums"),
    ("Inside payments", "payments.ledger.queries", "payments.payouts.enums"),
    ("Inside an area", "projects.hiring.queries.offers", "projects.hiring.policies"),
    ("Inside an area", "experts.credentials.queries", "experts.credentials.checkers"),
    ("Inside an area", "projects.work.kinds.base", "projects.work.models.tasks"),
    ("Inside an area", "marketplace.pages.charts", "marketplace.pages.formats"),
    ("The inside of an area is its own", "projects.labs.views", "experts.profiles.views"),
    ("The inside of an area is its own", "projects.labs.views", "payments.payouts.forms"),
    ("The inside of an area is its own", "experts.vetting.actions.cases", "experts.credentials.policies"),
    ("The inside of an area is its own", "payments.payouts.actions.runs", "payments.funding.tasks"),
    ("The inside of an area is its own", "projects.hours.api", "projects.labs.authentication"),
    ("The inside of an area is its own", "projects.hours.views.lab", "projects.work.api.batches"),
    ("The inside of an area is its own", "projects.delivery.views", "projects.listings.admin"),
    ("The inside of an area is its own", "projects.delivery.actions", "payments.gateway.client"),
    ("The inside of an area is its own", "marketplace.demo.urls", "marketplace.pages.views.gallery"),
    ("The inside of an area is its own", "marketplace.pages.queries.lab", "projects.listings.receivers"),
    ("The inside of an area is its own", "marketplace.demo.actions.world", "payments.payouts.policies"),
    ("The inside of an area is its own", "marketplace.urls", "projects.work.urls"),
    ("Only the gateway speaks to Stripe", "payments.payouts.actions.sending", "stripe"),
    ("Only the gateway speaks to Stripe", "projects.listings.actions.funding", "stripe"),
    ("Only marketplace.local knows the embedded servers", "marketplace.kernel.jobs", "marketplace.local.ports"),
    ("Only marketplace.local knows the embedded servers", "marketplace.celery", "marketplace.local.valkey"),
]


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    """Who imports whom today, as import-linter reads it."""
    return grimp.build_graph(
        *PACKAGES, include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None
    )


def broken(graph: grimp.ImportGraph) -> list[str]:
    """The contracts that import-linter finds broken."""
    found = []
    for name, options in CONTRACTS.items():
        contract = TYPES[options["type"]](options["name"], CONFIGURATION["session_options"], options)
        if not contract.check(deepcopy(graph), verbose=False).kept:
            found.append(name)
    return found


def test_the_product_keeps_every_contract(imports):
    assert broken(imports) == []


@pytest.mark.parametrize(("name", "importer", "imported"), BREAKERS)
def test_an_import_that_breaks_a_contract_breaks_that_one_only(imports, name, importer, imported):
    assert {importer, imported} <= imports.modules
    assert not imports.direct_import_exists(importer=importer, imported=imported)
    graph = deepcopy(imports)
    graph.add_import(importer=importer, imported=imported)
    assert broken(graph) == [name]


def test_a_room_that_no_layer_names_breaks_the_contract_inside_an_area(imports):
    graph = deepcopy(imports)
    graph.add_module("projects.hiring.odds")
    assert broken(graph) == ["Inside an area"]


@pytest.mark.parametrize(
    ("name", "area"),
    [
        ("Inside projects", "projects.quality"),
        ("Inside experts", "experts.clubs"),
        ("Inside payments", "payments.tax"),
    ],
)
def test_an_area_without_a_place_in_the_order_breaks_its_package(imports, name, area):
    graph = deepcopy(imports)
    graph.add_module(area)
    assert broken(graph) == [name]


def test_a_door_that_nobody_uses_any_more_is_an_error(imports):
    graph = deepcopy(imports)
    graph.remove_import(importer="marketplace.demo.actions.board", imported="projects.listings.starters")
    with pytest.raises(Exception, match="marketplace.demo.actions.board -> projects.listings.starters"):
        broken(graph)


def test_every_contract_has_an_import_that_breaks_it():
    assert {name for name, _importer, _imported in BREAKERS} == set(CONTRACTS)


@pytest.mark.full
def test_lint_imports_names_every_contract_of_a_tree_that_breaks_them_all(tmp_path):
    """The command itself, on a copy of the product with one broken file for each contract."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for folder in (*PACKAGES, "tests/architecture"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for importer, imported in {name: pair for name, *pair in BREAKERS}.values():
        file = _file_of(tmp_path, importer)
        file.write_text(f"{file.read_text()}\nimport {imported}\n")
    ran = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(tmp_path), "COLUMNS": "300"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 1, ran.stderr
    assert f"Contracts: 0 kept, {len(CONTRACTS)} broken." in ran.stdout
    assert [name for name in CONTRACTS if not _says_broken(ran.stdout, name)] == []


def _file_of(tree: Path, module: str) -> Path:
    path = tree.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _says_broken(answer: str, name: str) -> bool:
    return any(line.startswith(name) and line.endswith("BROKEN") for line in answer.splitlines())
