"""The house rules as checks over source text: each returns sentences, one per violation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("marketplace", "experts", "projects", "payments")
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
WRITES = {
    "save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create",
    "acreate", "asave", "adelete", "aupdate",
}  # fmt: skip
"""Methods that write to the database when called on a manager, a queryset or a row."""
MODEL_SIGNALS = {"pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed", "pre_init", "post_init"}
STATE_COLUMNS = {"state", "step"}
"""Columns whose values follow a registered table of moves."""
CLOCK_READERS = {
    "views",
    "api",
    "admin",
    "tasks",
    "management",
    "urls",
    "context",
    "templatetags",
    "authentication",
    "middleware",
    "adapter",
}


def source_files() -> list[Path]:
    """Every Python file of the product, without migrations."""
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return sorted(path for path in files if "migrations" not in path.parts)


@cache
def parsed(text: str) -> ast.Module:
    """One tree for all rules that read the same file."""
    return ast.parse(text)


def part_of_area(path: Path) -> set[str]:
    """The module names along a path: {"projects", "hiring", "actions", "offers"}."""
    return {*path.relative_to(ROOT).parts[:-1], path.stem} if path.is_absolute() else {*path.parts[:-1], path.stem}


def too_long(path: Path, text: str) -> Iterator[str]:
    """Files of at most 400 lines, functions of at most 60."""
    lines = text.count("\n")
    if lines > MAX_FILE_LINES:
        yield f"{path}: {lines} lines"
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MAX_FUNCTION_LINES:
                yield f"{path}:{node.lineno} {node.name} has {length} lines"


def writes_outside_actions(path: Path, text: str) -> Iterator[str]:
    """Only actions write. Exempt: what the design names (allauth's adapter, `jobs`, `ledger.post`) and the stand-in."""
    parts = part_of_area(path)
    if parts & {"actions", "migrations", "adapter", "simulator", "local"} or path.name in {"jobs.py", "events.py"}:
        return
    if path.parts[-2:] == ("accounts", "models.py"):  # the manager that allauth and createsuperuser call
        return
    for node in ast.walk(parsed(text)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr in WRITES and _is_about_rows(node.func):
            yield f"{path}:{node.lineno} calls .{node.func.attr}(): use an action"


def _is_about_rows(call: ast.Attribute) -> bool:
    """Whether the receiver looks like a manager, a queryset or a row rather than a dict, a set or a hash."""
    receiver = ast.unparse(call.value)
    if call.attr == "update":
        return ".objects" in receiver or ".filter(" in receiver or ".all()" in receiver
    if call.attr in {"save", "delete"}:
        return "storage" not in receiver and not receiver.endswith((".file", "cache", "session"))
    return ".objects" in receiver or "_set" in receiver or receiver.endswith(".all()") or ".filter(" in receiver


def listens_to_models(path: Path, text: str) -> Iterator[str]:
    """Nobody listens to model signals."""
    for node in ast.walk(parsed(text)):
        names = {alias.name for alias in node.names} if isinstance(node, ast.ImportFrom) else set()
        for name in sorted(names & MODEL_SIGNALS):
            yield f"{path}:{node.lineno} imports the model signal {name}"


def overrides_save(path: Path, text: str) -> Iterator[str]:
    """No `save()` overrides on models; a form's own save is Django's business."""
    if path.name != "models.py" and "models" not in path.parts:
        return
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.FunctionDef) and node.name in {"save", "delete", "clean"}:
            yield f"{path}:{node.lineno} overrides {node.name}()"


def reads_the_clock(path: Path, text: str) -> Iterator[str]:
    """`now` is handed down: the clock is read in views, API, tasks and commands only."""
    if part_of_area(path) & (CLOCK_READERS | {"kernel", "local", "simulator", "demo"}):
        return
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {
            "clock.now", "timezone.now", "datetime.now", "datetime.utcnow", "date.today", "datetime.today"
        }:  # fmt: skip
            yield f"{path}:{node.lineno} reads the clock; take `now` as an argument"


def reads_raw_input(path: Path, text: str) -> Iterator[str]:
    """Forms, serializers and filters read what people send, never `request.GET[...]` or `request.POST.get(...)`."""
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.Subscript | ast.Attribute):
            words = ast.unparse(node)
            if re.fullmatch(r"(self\.)?request\.(GET|POST|COOKIES)(\[.*\]|\.get|\.getlist|\.dict)", words, re.DOTALL):
                if "COOKIES" in words and path.name == "context.py":
                    continue
                yield f"{path}:{node.lineno} reads {words}: use a form"


def moves_without_asking(path: Path, text: str) -> Iterator[str]:
    """
    An action asks the table of moves before it changes a state: `require_move(TABLE, ..., target=X)` in the same
    function as `.state = X`, `.step = X` or `.update(state=X)`.

    Making a row is no move, so `Row(state=X)` and `create(state=X)` are free. Exempt: jobs, whose `job_state` has a
    table in no area (kernel/jobs.py is the one place that moves it, with conditions in its UPDATEs).
    """
    if "actions" not in part_of_area(path):
        return
    for function in ast.walk(parsed(text)):
        if isinstance(function, ast.FunctionDef):
            asked = _targets_asked(function)
            for line, what, value in _states_set(function):
                if value not in asked:
                    yield f"{path}:{line} sets {what} to {value} and asks no table of moves for it"


def _states_set(function: ast.FunctionDef) -> Iterator[tuple[int, str, str]]:
    """(line, "task.state", "TaskState.DONE") for every state that a function sets."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _pairs(target, node.value)
        elif isinstance(node, ast.AnnAssign | ast.AugAssign) and node.value is not None:
            yield from _pairs(node.target, node.value)
        elif isinstance(node, ast.Call):
            words = ast.unparse(node.func)
            for argument in node.keywords:
                if words.endswith(".update") and argument.arg in STATE_COLUMNS:
                    yield node.lineno, words, ast.unparse(argument.value)
            if words == "setattr" and ast.unparse(node.args[1]).strip("'") in STATE_COLUMNS:
                yield node.lineno, ast.unparse(node.args[0]), ast.unparse(node.args[2])


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[int, str, str]]:
    if isinstance(target, ast.Tuple):
        values = value.elts if isinstance(value, ast.Tuple) else [value] * len(target.elts)
        for one, its in zip(target.elts, values, strict=True):
            yield from _pairs(one, its)
    elif isinstance(target, ast.Attribute) and target.attr in STATE_COLUMNS:
        yield target.lineno, ast.unparse(target), ast.unparse(value)


def _targets_asked(function: ast.FunctionDef) -> set[str]:
    calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
    asking = [call for call in calls if ast.unparse(call.func).rpartition(".")[2] == "require_move"]
    return {ast.unparse(one.value) for call in asking for one in call.keywords if one.arg == "target"}


def task_manners(path: Path, text: str) -> Iterator[str]:
    """Every Celery task has a name of its own, keyword-only arguments, and tolerates newer senders."""
    for node in ast.walk(parsed(text)):
        if not isinstance(node, ast.FunctionDef):
            continue
        for decorator in node.decorator_list:
            words = ast.unparse(decorator)
            if "shared_task" not in words:
                continue
            if "name=" not in words:
                yield f"{path}:{node.lineno} {node.name} has no name"
            if node.args.args or node.args.posonlyargs:
                yield f"{path}:{node.lineno} {node.name} takes positional arguments"
            if node.args.kwarg is None:
                yield f"{path}:{node.lineno} {node.name} refuses arguments of newer senders"


def junk_names(path: Path, _text: str) -> Iterator[str]:
    """No drawers for things that belong nowhere."""
    if path.stem in {"utils", "helpers", "common", "misc", "mixins", "managers", "services"}:
        yield f"{path}: name the room after what is in it"


def unfinished(path: Path, text: str) -> Iterator[str]:
    """Nothing half done is left in the code."""
    for number, line in enumerate(text.splitlines(), 1):
        if re.search(r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError", line):
            yield f"{path}:{number} {line.strip()}"


RULES = (
    too_long, writes_outside_actions, listens_to_models, overrides_save, reads_the_clock, reads_raw_input,
    moves_without_asking, task_manners, junk_names, unfinished,
)  # fmt: skip
