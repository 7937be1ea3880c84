"""Who may do what with batches, tasks and submitted work."""

from __future__ import annotations

from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor
from marketplace.kernel.errors import NotAllowed
from projects.hiring.models import Contract
from projects.labs.enums import Scope
from projects.labs.models import Lab
from projects.labs.queries import may_review, require_manager
from projects.work.models import Assignment


def require_may_run_batches(lab: Lab, actor: Actor) -> None:
    """
    Owners, managers and keys with tasks:write prepare, start, pause and cancel batches.

    :raises NotAllowed: for everybody else.
    """
    require_manager(lab, actor, "Only owners and managers of the lab run its batches.", scope=Scope.TASKS_WRITE)


def is_own_work(actor: Actor, assignment: Assignment) -> bool:
    """Whether the actor is the expert who holds the assignment."""
    return isinstance(actor, User) and assignment.contract.expert.user_id == actor.pk


def require_own_work(actor: Actor, assignment: Assignment) -> None:
    """
    Only the expert writes, submits and skips.

    :raises NotAllowed: for everybody else.
    """
    if not is_own_work(actor, assignment):
        raise NotAllowed("Only the expert who took this task may do this.")


def require_own_contract(actor: Actor, contract: Contract) -> None:
    """
    Only the expert of a contract takes its work.

    :raises NotAllowed: for everybody else.
    """
    if not isinstance(actor, User) or contract.expert.user_id != actor.pk:
        raise NotAllowed("This contract is not yours.")


def may_review_assignment(actor: Actor, assignment: Assignment) -> bool:
    """Owners, managers and reviewers of the lab review, never their own work."""
    return may_review(assignment.task.project.lab, actor) and not is_own_work(actor, assignment)


def require_may_review(actor: Actor, assignment: Assignment) -> None:
    """
    :raises NotAllowed: with the reason, if the actor may not review this work.
    """
    if is_own_work(actor, assignment):
        raise NotAllowed("Nobody reviews their own work. Somebody else of the lab decides.")
    if not may_review(assignment.task.project.lab, actor):
        raise NotAllowed("Only owners, managers and reviewers of the lab review its work.")
