"""About sixty invented gigs. Rates in whole dollars an hour; the first field is the one that must be vetted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoGig:
    """One listing: lab number, title, fields, kinds, rate range, hours a week, places, and what it is about."""

    lab: int
    title: str
    fields: tuple[str, ...]
    kinds: tuple[str, ...]
    low: int
    high: int
    hours: int
    places: int
    about: str
    languages: tuple[str, ...] = ("en",)
    countries: tuple[str, ...] = ()
    credential: str = ""


def _gig(
    lab: int, title: str, fields: str, kinds: str, pay: str, hours: int, places: int, about: str, **more: object
) -> DemoGig:
    low, high = (int(part) for part in pay.split("-"))
    return DemoGig(lab, title, tuple(fields.split()), tuple(kinds.split()), low, high, hours, places, about, **more)  # type: ignore[arg-type]


GIGS: tuple[DemoGig, ...] = (
    _gig(0, "Cardiology answer review", "cardiology", "ANSWER_REVIEW", "190-235", 25, 12, "Mark what is wrong or unsafe in model answers about heart failure, rhythm and chest pain, and correct it.", credential="MEDICAL_LICENCE"),
    _gig(0, "Emergency triage scenarios", "emergency-medicine critical-care", "SCENARIO ANSWER_REVIEW", "180-250", 20, 10, "Write short triage vignettes with the decision you would make in the first ten minutes.", credential="MEDICAL_LICENCE"),
    _gig(0, "Echocardiography report grading", "cardiology radiology", "RUBRIC_GRADING", "200-240", 10, 12, "Grade model-written echo reports against a rubric of thirty criteria; cannot tell is a valid grade.", credential="BOARD_CERTIFICATION"),
    _gig(0, "Paediatric dosing review", "pediatrics pharmacy", "ANSWER_REVIEW", "170-220", 15, 8, "Check doses, intervals and warnings in answers that a parent might act on.", credential="MEDICAL_LICENCE"),
    _gig(0, "Oncology second opinions", "oncology hematology", "FEEDBACK ANSWER_REVIEW", "220-320", 12, 6, "Compare a model's plan with the guideline you would follow, and say where they part.", credential="BOARD_CERTIFICATION"),
    _gig(0, "Radiology impressions", "radiology", "PAIRWISE", "210-280", 10, 6, "Choose between two impressions of the same findings and give the reason in a sentence.", credential="BOARD_CERTIFICATION"),
    _gig(0, "Psychiatry conversations", "psychiatry clinical-psychology", "DIALOGUE RED_TEAM", "180-240", 10, 6, "Play an invented patient and judge each reply for safety and tone.", credential="MEDICAL_LICENCE"),
    _gig(0, "Nursing handovers", "nursing", "RUBRIC_WRITING", "70-95", 20, 10, "Write criteria for a handover that a colleague on nights would thank you for."),
    _gig(0, "Dermatology descriptions", "dermatology", "ANSWER_REVIEW", "160-210", 8, 4, "Review written descriptions of lesions and the advice that follows. No photographs.", credential="MEDICAL_LICENCE"),
    _gig(8, "Guideline contradictions in anticoagulation", "cardiology hematology", "RED_TEAM", "210-350", 8, 6, "Hold a conversation until the model gives advice that two current guidelines disagree on, and document the conflict.", credential="MEDICAL_LICENCE", countries=("US", "CA")),
    _gig(8, "Legal advice under pressure", "litigation contract-law", "RED_TEAM", "180-260", 8, 6, "Bring a model to give confident and wrong legal advice, then explain the harm."),
    _gig(8, "Financial advice red team", "personal-finance taxation", "RED_TEAM", "120-180", 10, 8, "Find where a model recommends what a licensed adviser may not."),
    _gig(8, "Chemistry safety boundaries", "chemistry", "RED_TEAM", "150-220", 6, 4, "Judge whether answers about hazardous reactions stay on the safe side of useful."),
    _gig(1, "Spanish-English medical interpreting", "interpreting medicine", "DIALOGUE", "90-125", 15, 25, "Play the patient in Spanish, judge each turn of the interpreter model, and repair the turn that went wrong.", languages=("es", "en")),
    _gig(1, "German legal translation", "translation contract-law german", "PAIRWISE", "80-120", 12, 8, "Compare two translations of a clause and choose the one you would sign.", languages=("de", "en")),
    _gig(1, "Arabic dialect conversations", "arabic", "DIALOGUE", "50-75", 15, 20, "Talk with a model in your dialect and say where it stops sounding like home.", languages=("ar",)),
    _gig(1, "Hindi tutoring answers", "hindi", "ANSWER_REVIEW", "40-60", 20, 15, "Review answers to school questions in Hindi for correctness and register.", languages=("hi",)),
    _gig(1, "French literary translation", "french literature", "CREATIVE", "70-110", 10, 6, "Rate voice, rhythm and fidelity of translated passages, and quote the lines that decided.", languages=("fr", "en")),
    _gig(1, "Linguistic acceptability", "linguistics", "PAIRWISE", "60-90", 10, 10, "Which of two sentences would a native speaker say, and what is odd about the other?"),
    _gig(2, "Commercial lease clauses", "real-estate-law contract-law", "PAIRWISE", "150-225", 12, 30, "Compare two redlines of the same clause, choose one on a seven-point scale and give the reason.", credential="BAR_ADMISSION", countries=("US",)),
    _gig(2, "Contract review rubrics", "contract-law", "RUBRIC_WRITING", "160-240", 12, 10, "Write atomic criteria that tell a good contract review from a fluent one.", credential="BAR_ADMISSION"),
    _gig(2, "Tax reasoning, individuals", "tax-law taxation accounting", "ANSWER_REVIEW", "130-200", 15, 12, "Follow the steps of a tax answer and mark the first one that is wrong."),
    _gig(2, "Employment disputes", "labor-law", "SCENARIO", "140-210", 10, 8, "Write fact patterns with the question a client would ask and the answer you would stand behind.", credential="BAR_ADMISSION"),
    _gig(2, "Patent claims in plain words", "intellectual-property", "FEEDBACK", "170-260", 8, 5, "Say whether a plain-language summary keeps what the claim claims."),
    _gig(2, "Equity research notes", "equity-research corporate-finance", "RANKING", "140-220", 12, 8, "Order four notes on the same company by how far you would trust them."),
    _gig(2, "Audit working papers", "auditing accounting", "RUBRIC_GRADING", "90-140", 15, 10, "Grade working papers against a checklist; each criterion needs its evidence."),
    _gig(2, "Actuarial explanations", "actuarial-science insurance", "DEMONSTRATION", "120-190", 10, 5, "Write the explanation of a reserve that a board member would understand."),
    _gig(3, "Feature screenplay coverage", "screenwriting film", "CREATIVE", "95-140", 12, 15, "Read the first thirty pages, rate six dimensions and quote the lines that decided your rating."),
    _gig(3, "Dialogue that sounds spoken", "screenwriting playwriting", "PAIRWISE", "80-120", 10, 12, "Choose the exchange that an actor would rather say."),
    _gig(3, "Short story endings", "fiction", "RANKING CREATIVE", "60-95", 10, 12, "Order three endings of the same story and say what each one promises and keeps."),
    _gig(3, "Poetry, metre and meaning", "poetry", "CREATIVE", "55-90", 8, 8, "Judge whether form serves the poem. Quote the line that decides."),
    _gig(3, "Newsroom fact checks", "journalism editing", "ANSWER_REVIEW", "60-95", 15, 10, "Mark claims in drafted articles that you would not print, and what would make them printable."),
    _gig(3, "Game narrative branches", "game-development fiction", "DIALOGUE", "55-85", 12, 8, "Talk with characters until one breaks, and write the line that should have come."),
    _gig(4, "Explain the endgame", "chess", "DEMONSTRATION RANKING", "110-180", 10, 8, "Write explanations of twelve-piece endgames that a player of 1600 can follow. Engine lines are supplied.", credential="FIDE"),
    _gig(4, "Opening repertoires, judged", "chess", "ANSWER_REVIEW", "70-120", 8, 10, "Review model-written repertoires for soundness and honesty about what is unclear.", credential="FIDE"),
    _gig(4, "Bridge bidding reasons", "bridge", "FEEDBACK", "60-100", 6, 6, "Say whether the reason given for a bid is the reason an expert would give."),
    _gig(4, "Go: shape and direction", "go-game", "PAIRWISE", "60-100", 6, 6, "Choose between two explanations of the same move."),
    _gig(4, "Olympiad proofs", "mathematics", "ANSWER_REVIEW", "120-200", 12, 10, "Read proofs line by line and mark the first step that does not follow."),
    _gig(4, "Statistics for readers", "statistics data-science", "RUBRIC_GRADING", "90-150", 10, 8, "Grade explanations of intervals, tests and effect sizes."),
    _gig(5, "Python review, backend", "python software", "ANSWER_REVIEW", "90-150", 25, 20, "Review pull requests written by a model: correctness, tests, and what you would ask for."),
    _gig(5, "Rust ownership puzzles", "rust", "DEMONSTRATION", "110-170", 12, 8, "Write small programs whose borrow errors teach, with the explanation you wish you had read."),
    _gig(5, "SQL that scales", "sql-databases", "PAIRWISE", "90-140", 12, 10, "Choose between two queries with their plans and say why."),
    _gig(5, "Security advisories", "security", "ANSWER_REVIEW RED_TEAM", "130-220", 12, 6, "Judge whether a model's fix closes the hole or moves it."),
    _gig(5, "TypeScript front ends", "javascript ux-design", "PAIRWISE", "80-130", 20, 12, "Compare two implementations of a component for accessibility and state."),
    _gig(5, "Competitive programming editorials", "competitive-programming", "DEMONSTRATION", "90-150", 10, 8, "Write the editorial that leads from the obvious idea to the right one."),
    _gig(6, "Wine pairings, justified", "wine", "ANSWER_REVIEW", "60-110", 8, 10, "Judge pairings and the reasons given, from house wine to the cellar list.", credential="SOMMELIER"),
    _gig(6, "Recipe rubrics", "cooking nutrition", "RUBRIC_WRITING RUBRIC_GRADING", "45-75", 15, 20, "Write and grade criteria for meal plans: allergies, cost, and whether one would eat it."),
    _gig(6, "Bread, step by step", "baking", "FEEDBACK", "40-70", 8, 8, "Say where a recipe's order, times or temperatures would fail in a home kitchen."),
    _gig(6, "Coffee and tea answers", "coffee-tea", "ANSWER_REVIEW", "35-60", 6, 6, "Review answers on extraction, origin and equipment."),
    _gig(7, "Molecular biology protocols", "molecular-biology biology", "ANSWER_REVIEW", "80-140", 12, 10, "Mark steps of a protocol that would ruin the sample, and the control that is missing."),
    _gig(7, "Materials science reasoning", "materials-science physics", "RUBRIC_GRADING", "90-150", 8, 6, "Grade explanations of failure, fatigue and phase."),
    _gig(7, "Neuroscience claims", "neuroscience psychology", "ANSWER_REVIEW", "80-130", 8, 8, "Separate what the study showed from what the answer says it showed."),
    _gig(9, "Tutoring that waits", "secondary-education mathematics", "DIALOGUE", "45-75", 15, 20, "Be the pupil who is almost right, and judge whether the tutor lets you get there."),
    _gig(9, "Reading lessons", "primary-education special-education", "FEEDBACK", "40-65", 12, 12, "Comment on lesson plans as you would for a colleague in their first year."),
    _gig(9, "Essay feedback", "higher-education editing", "PAIRWISE", "45-80", 12, 12, "Which feedback would make the second draft better?"),
    _gig(10, "Wiring, to code", "electrician", "ANSWER_REVIEW", "60-100", 12, 10, "Check answers about domestic wiring against the code you work under."),
    _gig(10, "Structural first checks", "civil-engineering", "RUBRIC_GRADING", "90-150", 10, 6, "Grade load paths and assumptions before anybody opens a calculator."),
    _gig(10, "Bridge inspection notes", "civil-engineering construction", "FEEDBACK", "80-130", 8, 5, "Say what an inspector would have to ask again."),
    _gig(11, "Korean conversation, three ages", "korean", "DIALOGUE", "45-70", 12, 15, "Judge honorifics and warmth with a child, a peer and an elder.", languages=("ko",)),
    _gig(11, "Japanese business letters", "japanese", "PAIRWISE", "55-85", 10, 10, "Choose the letter that you would let leave the house.", languages=("ja",)),
)  # fmt: skip
