"""
The bank of questions for Medicine in the demonstration world: simple facts from textbooks and public guidelines.

Written for this world. They show how an assessment works; nobody should be admitted to anything by them.
"""

from __future__ import annotations

from typing import Final

TITLE: Final = "Medicine, basics"
INTRO: Final = (
    "Ten questions that every physician meets in the first years of practice. They tell us that you read a task with a "
    "clinician's eye, not how good a physician you are. **Demonstration**: written for this invented world."
)
SECTIONS: Final = [
    {"topic": "Emergency", "draw": 3},
    {"topic": "Pharmacology", "draw": 3},
    {"topic": "Diagnosis", "draw": 3},
    {"topic": "Judgement", "draw": 1},
]

QUESTIONS: Final[list[tuple[str, str, int, str, str, str]]] = [
    (
        "SINGLE", "Emergency", 1,
        "An adult has just been stung by a wasp and has hives, wheeze and a blood pressure of 80/50 mmHg. Which drug is "
        "given first?",
        "* Adrenaline into the muscle of the thigh\nAn antihistamine by mouth\nHydrocortisone into a vein\nSalbutamol by inhaler",
        "Anaphylaxis: adrenaline 0.5 mg intramuscularly, anterolateral thigh, at once. Antihistamines and steroids are "
        "second line (Resuscitation Council UK, 2021).",
    ),
    (
        "ORDERED", "Emergency", 2,
        "You find an adult lying on the floor of the ward, alone. Put your first steps in order.",
        "Make sure that it is safe to approach\nCheck whether they respond\nCall for help and open the airway\n"
        "Look for normal breathing for up to 10 seconds\nBegin chest compressions if they do not breathe normally",
        "Basic life support, adult (European Resuscitation Council 2021).",
    ),
    (
        "NUMERIC", "Emergency", 1,
        "A patient opens the eyes to voice, is confused, and localises pain. What is the Glasgow Coma Scale score?",
        "12\n0",
        "Eyes 3, verbal 4, motor 5: 12.",
    ),
    (
        "MULTIPLE", "Emergency", 2,
        "Which of these belong to the treatment of diabetic ketoacidosis in an adult?",
        "* Fluid into a vein, isotonic at first\n* Insulin as an infusion\n* Potassium measured often and replaced\n"
        "Bicarbonate for every patient\nFluids held back until the ketones have fallen",
        "Fluid, fixed-rate insulin, potassium. Bicarbonate is not routine (JBDS 2023).",
    ),
    (
        "SINGLE", "Pharmacology", 1,
        "Which drug reverses respiratory depression by an opioid?",
        "* Naloxone\nFlumazenil\nProtamine\nAtropine",
        "Naloxone; flumazenil reverses benzodiazepines, protamine heparin.",
    ),
    (
        "NUMERIC", "Pharmacology", 1,
        "A child of 18 kg is to have paracetamol 15 mg/kg by mouth. How many milligrams is one dose?",
        "270\n5\nmg",
        "15 x 18 = 270 mg.",
    ),
    (
        "MULTIPLE", "Pharmacology", 2,
        "Which of these raise the risk of bleeding when they are added to warfarin?",
        "* Ibuprofen\n* Fluconazole\n* Clarithromycin\nRifampicin\nVitamin K",
        "NSAIDs by effect on platelets and stomach, azoles and macrolides by inhibiting metabolism. Rifampicin induces, "
        "vitamin K antagonises.",
    ),
    (
        "SINGLE", "Pharmacology", 1,
        "A patient on an ACE inhibitor gets swollen lips and tongue. What is done with the drug?",
        "* It is stopped and not given again\nIts dose is halved\nIt is given with an antihistamine\nIt is changed to another "
        "ACE inhibitor",
        "Angioedema by ACE inhibitors is a class effect of bradykinin: stop, and give none of the class again.",
    ),
    (
        "SINGLE", "Diagnosis", 1,
        "Sudden chest pain that tears through to the back, and a blood pressure that differs by 30 mmHg between the arms: "
        "what must be ruled out first?",
        "* Aortic dissection\nPericarditis\nReflux\nPneumonia",
        "The classical triad of dissection; CT angiography.",
    ),
    (
        "NUMERIC", "Diagnosis", 2,
        "A test has a sensitivity of 90 % and a specificity of 90 %. The disease is present in 10 % of those tested. What is "
        "the positive predictive value, in percent?",
        "50\n1\n%",
        "Of 1000: 90 true positives, 90 false positives. 90/180 = 50 %.",
    ),
    (
        "MULTIPLE", "Diagnosis", 2,
        "Which findings point to hyperthyroidism?",
        "* Tremor\n* Loss of weight with a good appetite\n* Atrial fibrillation\nIntolerance of cold\nSlow reflexes",
        "Cold intolerance and slow reflexes are of hypothyroidism.",
    ),
    (
        "SINGLE", "Diagnosis", 1,
        "A woman of 28 with pain in the lower abdomen has a blood pressure of 85/50 mmHg and a late period. Which test comes "
        "first?",
        "* A pregnancy test\nA stool culture\nA colonoscopy\nA thyroid test",
        "A ruptured ectopic pregnancy must be found at once; the test takes minutes.",
    ),
    (
        "TEXT", "Judgement", 3,
        "An AI answer to a worried parent says: “A fever of 39 °C in a six-week-old baby can be watched at home for two days "
        "if the baby drinks.” In a few sentences: is this safe, and what should it say?",
        "Says plainly that it is unsafe\nSays that a baby under three months with a fever needs to be seen the same day\n"
        "Says why, or names the signs that make it more urgent",
        "Under three months 38 °C or more is a red flag whatever the baby looks like (NICE NG143).",
    ),
]  # fmt: skip
"""(kind, topic, points, question, answers as an author writes them, explanation)."""

GUIDE_TITLE: Final = "How you judge an answer"
GUIDE_INTRO: Final = (
    "Five questions about your work and your judgement. **Demonstration**: written for this invented world."
)
GUIDE_QUESTIONS: Final = [
    "In your {years} years in {field}, which kind of mistake in advice to patients have you met most often?",
    "You read an answer that is right but leaves out when to seek help. How do you mark it, and why?",
    "Tell of a case in {field} in which the guideline did not fit the patient. What did you do?",
    "Two answers are both right; one is short, one explains. How do you choose between them?",
    "When do you say that you do not know, and what do you do then?",
]
GUIDE_CRITERIA: Final = [
    "Answers the question with something concrete",
    "Puts the safety of patients first",
    "Is honest about limits and uncertainty",
]
GUIDE_ANSWERS: Final = [
    "Doses that are right for a healthy adult and wrong for a kidney that works at a third. Nobody asked for the creatinine.",
    "I send it back. An answer to a patient that does not say when to come is not finished, however right it is.",
    "A woman of 91 whose blood pressure met every target and who fell each week. We took two drugs away and wrote down why.",
    "I take the one that the reader can use. For a colleague the short one, for a patient the one that explains.",
    "When I would have to guess. I say so, say what would settle it, and who knows more than I do.",
]
TEXTS: Final = [
    "This is not safe. A baby of six weeks with 39 degrees has to be seen by a doctor today, because at this age a serious "
    "infection can look harmless. The answer should say so in its first sentence, and name the signs for an ambulance.",
    "Unsafe. Under three months any fever of 38 or more needs to be seen the same day. Drinking well does not rule out sepsis.",
    "I would not say two days. Perhaps one day, and then see a doctor if it stays high or the baby stops drinking.",
]
