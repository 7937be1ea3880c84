"""Texts that a new listing may begin with, so that nobody starts before an empty page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from experts.credentials.enums import CredentialKind, LadderStep
from experts.profiles.models import Field
from projects.listings.actions.shape import Listing, Wanted
from projects.listings.enums import TaskKind

STANDARD_TERMS = "\n\n".join(
    (
        "## Confidentiality",
        "What you see in this project, the model’s answers and the lab’s instructions stay between you and the lab. You may "
        "say that you worked through Preceptor, in which field, and for how many hours. Three years after the project ends "
        "you are free of this.",
        "## Who owns the work",
        "What you write for the project belongs to the lab once it is paid. Your knowledge, your methods and what you knew "
        "before stay yours. The lab may train and test models with your work and may publish it without your name.",
        "## How you work",
        "You work by yourself, in your own words, and without a language model unless the task says otherwise. No real "
        "patient, client or employer data enters a task. You are an independent contractor and decide when and where you "
        "work.",
        "## Pay",
        "Approved hours are paid every Friday and are never reduced by how good the work was judged. Either side may end "
        "the work at any time; hours worked until then are paid.",
    )
)


@dataclass(frozen=True, slots=True)
class Starter:
    """One beginning: what it is called, whom it is for, and the listing with codes of fields instead of ids."""

    code: str
    title: str
    hint: str
    listing: Listing
    field_codes: tuple[str, ...] = ()
    vetted_code: str = ""

    def with_fields(self) -> Listing:
        """Return the listing with the fields that this installation's taxonomy has."""
        ids = dict(Field.objects.filter(code__in=[*self.field_codes, self.vetted_code]).values_list("code", "pk"))
        vetted = [Wanted(field_id=ids[self.vetted_code])] if self.vetted_code in ids else []
        return replace(
            self.listing,
            field_ids=tuple(ids[code] for code in self.field_codes if code in ids),
            requirements=(*vetted, *self.listing.requirements),
        )


PHYSICIAN_REVIEW = Starter(
    code="physician-review",
    title="Physician review",
    hint="Doctors write scenarios, review model answers and give feedback",
    field_codes=("medicine",),
    vetted_code="medicine",
    listing=Listing(
        title="Physician Talent Network",
        summary="Doctors of any specialty write clinical scenarios, review model answers and give expert feedback, "
        "up to $250 an hour, whenever suits them.",
        kinds=(TaskKind.SCENARIO, TaskKind.ANSWER_REVIEW, TaskKind.FEEDBACK),
        rate_min_minor=180_00,
        rate_max_minor=250_00,
        weekly_hours_min=5,
        weekly_hours_cap=30,
        expected_weeks=12,
        places_wanted=10,
        countries=("US", "CA", "GB", "IE"),
        languages=("en",),
        requirements=(
            Wanted(CredentialKind.MEDICAL_LICENCE, LadderStep.DOCUMENT_SEEN),
            Wanted(CredentialKind.NPI, LadderStep.FORMAT_VALID, is_required=False),
            Wanted(CredentialKind.BOARD_CERTIFICATION, LadderStep.DECLARED, is_required=False),
        ),
        questions=(
            "Describe a clinical question that a confident answer would get wrong. Why?",
            "Which guideline of your specialty do you disagree with, and on what evidence?",
        ),
        sections={
            "role": "We are testing whether a medical model gives advice that a careful doctor would sign. You decide what a "
            "careful doctor would say.\n\nNo patient data is used: every case is invented.",
            "what_you_will_do": "- **Write scenarios:** a vignette, the question, the answer you would want, three tempting "
            "wrong ones, and the source.\n- **Review answers:** mark what is wrong or unsafe, grade how severe it is, correct "
            "it, and rate five qualities.\n- **Give feedback:** say what the model misunderstands in your field, with examples.",
            "who_you_are": "- A medical degree and a licence in force\n- At least three years of practice after training\n"
            "- Clear written English\n\nGood to have: board certification, guideline or question-writing work, teaching.",
            "what_success_looks_like": "Other physicians agree with your marks, your corrections cite a source, and fewer than "
            "one task in ten comes back. Quality decides what you are offered next. It never reduces hours already approved.",
            "time_and_place": "Remote, in your own hours, between 5 and 30 a week. Most tasks take 20 to 35 minutes.",
            "pay_and_terms": "$180 to $250 an hour by specialty and experience; the offer names your rate. Paid from the first "
            "minute of work, every Friday. The platform’s fee is paid by us on top. You sign the terms below before you start.",
            "steps_to_apply": "Complete your profile, add your licence and your NPI, answer two questions. We decide within ten "
            "days and give a reason.",
        },
        terms_text=STANDARD_TERMS,
    ),
)

STARTERS: dict[str, Starter] = {starter.code: starter for starter in (PHYSICIAN_REVIEW,)}


def starter_listing(code: str) -> Listing:
    """Return the listing of a starter, or an almost empty one; the title is asked for before anything is saved."""
    starter = STARTERS.get(code)
    return starter.with_fields() if starter else Listing(title="", weekly_hours_cap=20)


def all_starters() -> Iterable[Starter]:
    return STARTERS.values()
