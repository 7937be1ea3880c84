"""Who may do what in hiring."""

from __future__ import annotations

from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor
from marketplace.kernel.errors import NotAllowed
from projects.hiring.enums import Side
from projects.hiring.models import Application, CandidateNote, Contract, Offer
from projects.labs.models import Lab
from projects.labs.queries import may_manage, may_review, role_in


def require_applicant(by: Actor, application: Application) -> None:
    """
    Let only the expert whose application it is pass.

    :raises NotAllowed: for everybody else.
    """
    if not isinstance(by, User) or application.expert.user_id != by.pk:
        raise NotAllowed("Only the person who applies may change this application.")


def require_offeree(by: Actor, offer: Offer) -> None:
    """
    Let only the expert to whom the offer was made pass.

    :raises NotAllowed: for everybody else.
    """
    if not isinstance(by, User) or offer.application.expert.user_id != by.pk:
        raise NotAllowed("Only the person who got this offer may answer it.")


def require_hiring_manager(by: Actor, lab: Lab, *, about: User | None = None) -> None:
    """
    Let owners and managers of the lab pass, but never to decide about themselves.

    :raises NotAllowed: for everybody else.
    """
    if not may_manage(lab, by):
        raise NotAllowed("Only owners and managers of the lab decide on candidates and contracts.")
    if about is not None and isinstance(by, User) and by.pk == about.pk:
        raise NotAllowed("You cannot decide about yourself. Ask another manager of the lab.")


def require_reviewer(by: Actor, application: Application) -> None:
    """
    Let owners, managers and reviewers of the lab pass, but never about their own application.

    :raises NotAllowed: for everybody else.
    """
    if not may_review(application.project.lab, by):
        raise NotAllowed("Only owners, managers and reviewers of the lab write about candidates.")
    if isinstance(by, User) and application.expert.user_id == by.pk:
        raise NotAllowed("This application is your own. Others of the lab look at it.")


def require_author(by: User, note: CandidateNote) -> None:
    """:raises NotAllowed: if somebody else wrote the note."""
    if note.author_id != by.pk:
        raise NotAllowed("Only whoever wrote a note may remove it.")


def require_contractor(by: Actor, contract: Contract) -> None:
    """
    Let only the expert of a contract pass.

    :raises NotAllowed: for everybody else.
    """
    if not isinstance(by, User) or contract.expert.user_id != by.pk:
        raise NotAllowed("Only the expert of this contract may answer.")


def side_of(by: Actor, contract: Contract) -> Side:
    """
    Return for which side of a contract somebody acts: its expert, or whoever manages its lab. Nobody is both.

    :raises NotAllowed: for everybody else.
    """
    if isinstance(by, User) and contract.expert.user_id == by.pk:
        return Side.EXPERT
    if isinstance(by, User) and may_manage(contract.lab, by):
        return Side.LAB
    raise NotAllowed("Only the expert of this contract and those who manage its lab may do this.")


def require_referee(by: Actor, contract: Contract) -> None:
    """
    Let vetting staff pass who belong to neither side.

    :raises NotAllowed: for everybody else.
    """
    if not isinstance(by, User) or not by.is_vetting_staff:
        raise NotAllowed("Only vetting staff decide about a reported rating.")
    if contract.expert.user_id == by.pk or role_in(contract.lab, by) is not None:
        raise NotAllowed("You belong to one side of this contract. Somebody else decides about its ratings.")


def may_end(by: Actor, contract: Contract) -> bool:
    """Whether the actor is a party of the contract: its expert, or a manager of its lab."""
    if isinstance(by, User) and contract.expert.user_id == by.pk:
        return True
    return may_manage(contract.lab, by)
