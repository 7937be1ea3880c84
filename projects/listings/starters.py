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

LEGAL_REASONING = Starter(
    code="legal-reasoning",
    title="Legal reasoning",
    hint="Lawyers test whether a model reasons from the law or only sounds like it",
    field_codes=("law",),
    vetted_code="law",
    listing=Listing(
        title="Lawyers for legal reasoning review",
        summary="Practising lawyers write fact patterns, compare a model’s two memos on each, and say which one a court "
        "would follow and why.",
        kinds=(TaskKind.SCENARIO, TaskKind.PAIRWISE, TaskKind.ANSWER_REVIEW),
        rate_min_minor=110_00,
        rate_max_minor=180_00,
        weekly_hours_min=5,
        weekly_hours_cap=20,
        expected_weeks=10,
        places_wanted=8,
        countries=("US",),
        languages=("en",),
        requirements=(
            Wanted(CredentialKind.BAR_ADMISSION, LadderStep.DOCUMENT_SEEN),
            Wanted(CredentialKind.DEGREE, LadderStep.DECLARED, is_required=False),
        ),
        questions=(
            "Name a rule of your field that people outside it get wrong. What do they miss?",
            "Describe a matter, without names, in which the better argument lost. Why did it?",
        ),
        sections={
            "role": "A model that cites a case it has not read is worse than one that says it does not know. You find out which "
            "of the two we have.\n\nEvery fact pattern is invented. No client data is used, and nothing here is legal advice.",
            "what_you_will_do": "- **Write fact patterns:** a short set of facts, the jurisdiction, the question, and the answer "
            "you would sign.\n- **Compare memos:** two answers side by side, without knowing which model wrote them.\n- **Mark "
            "authority:** is it real, is it still good law, does it hold what it is cited for?",
            "who_you_are": "- Admitted to a bar and in good standing\n- At least three years of practice or clerkship\n- You "
            "read the case before you cite it\n\nGood to have: teaching, appellate work, law review.",
            "what_success_looks_like": "Other lawyers agree with your verdict, your reasons name the element that decides, and "
            "each authority you give can be opened.",
            "time_and_place": "Remote, in your own hours, between 5 and 20 a week. A fact pattern takes about an hour, a "
            "comparison twenty minutes.",
            "pay_and_terms": "$110 to $180 an hour by experience; the offer names your rate. Paid from the first minute, every "
            "Friday. The platform’s fee is paid by us on top.",
            "steps_to_apply": "Complete your profile, add your bar admission, declare conflicts, answer two questions. We "
            "decide within ten days and give a reason.",
        },
        terms_text=STANDARD_TERMS,
    ),
)

CODE_REVIEW = Starter(
    code="code-review",
    title="Code review",
    hint="Engineers review patches that a model wrote, and write the tests that it should have passed",
    field_codes=("software",),
    vetted_code="software",
    listing=Listing(
        title="Engineers to review a model’s patches",
        summary="Senior engineers review patches as they would a colleague’s: find the bug, write the test that shows it, "
        "rank the alternatives.",
        kinds=(TaskKind.ANSWER_REVIEW, TaskKind.RANKING, TaskKind.RUBRIC_WRITING),
        rate_min_minor=80_00,
        rate_max_minor=150_00,
        weekly_hours_min=5,
        weekly_hours_cap=25,
        expected_weeks=8,
        places_wanted=15,
        languages=("en",),
        requirements=(
            Wanted(CredentialKind.GITHUB, LadderStep.DECLARED, is_required=False),
            Wanted(CredentialKind.DEGREE, LadderStep.DECLARED, is_required=False),
        ),
        questions=(
            "Tell us about a bug that passed review and tests. How was it found?",
            "What do you look at first in a patch of two hundred lines?",
        ),
        sections={
            "role": "The model writes code that compiles. You say whether it is right, whether it is safe, and whether you "
            "would want to maintain it.\n\nAll repositories are public or made for this.",
            "what_you_will_do": "- **Review patches:** mark the line, say what breaks, grade how bad it is.\n- **Write the "
            "failing test:** a claim counts once a test shows it.\n- **Rank alternatives:** three patches for one issue, best "
            "to worst, with the reason that decides.",
            "who_you_are": "- Five years of writing software that others run\n- At home in one of Python, JavaScript, Java, C++, "
            "Rust or Go\n- You can say why in two sentences\n\nGood to have: open source you maintain, security, databases.",
            "what_success_looks_like": "Your tests fail on the bug and pass on the fix, and another engineer needs to ask you "
            "nothing.",
            "time_and_place": "Remote, in your own hours, between 5 and 25 a week. A patch takes 20 to 50 minutes.",
            "pay_and_terms": "$80 to $150 an hour by experience; the offer names your rate. Paid from the first minute, every "
            "Friday. The platform’s fee is paid by us on top.",
            "steps_to_apply": "Complete your profile, answer two questions, and link a repository if you like. We decide within "
            "ten days and give a reason.",
        },
        terms_text=STANDARD_TERMS,
    ),
)

CREATIVE_WRITING = Starter(
    code="creative-writing",
    title="Creative writing",
    hint="Writers and editors judge prose, and show what better looks like",
    field_codes=("writing",),
    vetted_code="writing",
    listing=Listing(
        title="Writers to judge and rewrite fiction",
        summary="Published writers and editors compare a model’s scenes, say what is alive and what is filler, and rewrite the "
        "paragraph that matters.",
        kinds=(TaskKind.CREATIVE, TaskKind.PAIRWISE, TaskKind.DEMONSTRATION),
        rate_min_minor=60_00,
        rate_max_minor=120_00,
        weekly_hours_min=4,
        weekly_hours_cap=20,
        expected_weeks=8,
        places_wanted=12,
        languages=("en",),
        requirements=(
            Wanted(CredentialKind.PUBLISHED_WORK, LadderStep.DECLARED),
            Wanted(CredentialKind.GUILD, LadderStep.DECLARED, is_required=False),
        ),
        questions=(
            "Quote one sentence that you wish you had written, and say what it does.",
            "What gives away prose that nobody meant?",
        ),
        sections={
            "role": "Fluent is not the same as good. You can tell the two apart, and say how.",
            "what_you_will_do": "- **Compare scenes:** two drafts from one brief; which would you publish, and why?\n- **Mark the "
            "page:** cliché, a wrong register, a line that carries the scene.\n- **Rewrite:** one paragraph, in the same voice, "
            "better.",
            "who_you_are": "- Work in print, on stage or on screen, or years of editing it\n- You give notes a writer can use\n\n"
            "Good to have: teaching, translation, comedy.",
            "what_success_looks_like": "Your notes name the line and the reason, and your rewrite is chosen over the draft by "
            "readers who do not know which is which.",
            "time_and_place": "Remote, in your own hours, between 4 and 20 a week.",
            "pay_and_terms": "$60 to $120 an hour by experience; the offer names your rate. Paid from the first minute, every "
            "Friday. What you rewrite belongs to the lab once it is paid; your other work is never used.",
            "steps_to_apply": "Complete your profile, name a published work, answer two questions. We decide within ten days and "
            "give a reason.",
        },
        terms_text=STANDARD_TERMS,
    ),
)

CHESS = Starter(
    code="chess",
    title="Chess",
    hint="Titled players check whether an explanation matches the position",
    field_codes=("chess",),
    vetted_code="chess",
    listing=Listing(
        title="Titled chess players to review explanations",
        summary="Titled players read what a model says about a position and mark where the explanation and the board part ways.",
        kinds=(TaskKind.ANSWER_REVIEW, TaskKind.RANKING),
        rate_min_minor=50_00,
        rate_max_minor=90_00,
        weekly_hours_min=2,
        weekly_hours_cap=15,
        expected_weeks=6,
        places_wanted=6,
        languages=("en",),
        requirements=(Wanted(CredentialKind.FIDE, LadderStep.FORMAT_VALID),),
        questions=("Which rule of thumb fails most often at your level, and in which kind of position?",),
        sections={
            "role": "An engine gives the move. We want the reason, in words that a club player can use, and true.",
            "what_you_will_do": "- **Review explanations:** mark the sentence that is wrong on this board.\n- **Rank plans:** "
            "three plans for one position, with the reason that decides.\n- No engine while you judge; a check of your own "
            "lines afterwards is fine.",
            "who_you_are": "- A FIDE title, or a rating above 2200\n- You have taught\n- Clear written English",
            "what_success_looks_like": "Another titled player marks the same sentence, and a club player understands why.",
            "time_and_place": "Remote, in your own hours, between 2 and 15 a week. A position takes about ten minutes.",
            "pay_and_terms": "$50 to $90 an hour by title; the offer names your rate. Paid from the first minute, every Friday. "
            "The platform’s fee is paid by us on top.",
            "steps_to_apply": "Complete your profile, add your FIDE number, answer one question. We decide within ten days and "
            "give a reason.",
        },
        terms_text=STANDARD_TERMS,
    ),
)

LANGUAGE = Starter(
    code="language",
    title="Language",
    hint="Native speakers judge what is said, how, and to whom",
    field_codes=("languages",),
    listing=Listing(
        title="Native speakers of Spanish to judge a model’s language",
        summary="Native speakers compare answers in their language: is it right, is it idiomatic, would you say it to this "
        "person?",
        kinds=(TaskKind.PAIRWISE, TaskKind.DIALOGUE, TaskKind.FEEDBACK),
        rate_min_minor=30_00,
        rate_max_minor=55_00,
        weekly_hours_min=4,
        weekly_hours_cap=25,
        expected_weeks=8,
        places_wanted=20,
        languages=("es", "en"),
        requirements=(
            Wanted(CredentialKind.LANGUAGE_CERTIFICATE, LadderStep.DECLARED, is_required=False),
            Wanted(CredentialKind.DEGREE, LadderStep.DECLARED, is_required=False),
        ),
        questions=("Give a sentence that is correct in your language and that nobody says. What would people say?",),
        sections={
            "role": "Translated English is easy to recognise and hard to unlearn. You tell us where it shows.\n\nChange the "
            "language of this text to the one you need.",
            "what_you_will_do": "- **Compare answers:** two in your language, one prompt.\n- **Talk with the model:** a task from "
            "your own life, five to ten turns.\n- **Say what is off:** grammar, register, region, manners.",
            "who_you_are": "- You grew up with the language and write it every day\n- You know more than one of its regions\n\n"
            "Good to have: teaching, translation, linguistics.",
            "what_success_looks_like": "Another native speaker of your region agrees, and your note says which word to change.",
            "time_and_place": "Remote, in your own hours, between 4 and 25 a week.",
            "pay_and_terms": "$30 to $55 an hour by experience; the offer names your rate. Paid from the first minute, every "
            "Friday. The platform’s fee is paid by us on top.",
            "steps_to_apply": "Complete your profile with your languages, answer one question. We decide within ten days and give "
            "a reason.",
        },
        terms_text=STANDARD_TERMS,
    ),
)

STARTERS: dict[str, Starter] = {
    starter.code: starter
    for starter in (PHYSICIAN_REVIEW, LEGAL_REASONING, CODE_REVIEW, CREATIVE_WRITING, CHESS, LANGUAGE)
}


def starter_listing(code: str) -> Listing:
    """Return the listing of a starter, or an almost empty one; the title is asked for before anything is saved."""
    starter = STARTERS.get(code)
    return starter.with_fields() if starter else Listing(title="", weekly_hours_cap=20)


def all_starters() -> Iterable[Starter]:
    return STARTERS.values()
