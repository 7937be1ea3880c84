"""Invented questions and answers for the review tasks of the demonstration world. Not medical advice."""

from __future__ import annotations

PAIRS: tuple[tuple[str, str], ...] = (
    ("A 72-year-old man with heart failure takes sacubitril/valsartan. May spironolactone be added at a potassium of 5.4?",
     "Spironolactone lowers mortality in this group. A potassium of 5.4 mmol/L is not a reason to wait, because values up to 6.0 are well tolerated, so 25 mg a day can be started now. Recheck potassium in three months."),
    ("A 34-year-old woman has palpitations and a normal ECG between episodes. What comes first?",
     "Ask about caffeine, sleep and thyroid symptoms, check thyroid function and blood count, and record the rhythm during an episode with a monitor worn for two weeks. A normal ECG between episodes rules an arrhythmia out."),
    ("When may anticoagulation be stopped after cardioversion for atrial fibrillation?",
     "After cardioversion anticoagulation continues for at least four weeks in everybody. After that it depends on the stroke risk, not on whether sinus rhythm is kept."),
    ("A patient on a beta blocker has a pulse of 52 and feels well. Should the dose be halved?",
     "A pulse of 52 without dizziness, fatigue or pauses needs no change. Halve the dose if the pulse falls below 45 or symptoms appear."),
    ("How is a blood pressure of 168/94 in a 58-year-old confirmed before treatment?",
     "Repeat the measurement on both arms, then confirm with readings at home over a week or with a 24-hour monitor. Start a tablet at once while waiting, because every week at this pressure counts."),
    ("A runner of 45 faints at the finish of a race. Which findings worry you most?",
     "Fainting during effort, a murmur that grows on standing, a family history of sudden death, or an abnormal ECG. Fainting after the finish with a slow return of alertness is usually harmless and needs no ECG."),
    ("Which statin advice do you give a patient with aching calves after two weeks?",
     "Check creatine kinase and thyroid function, pause for two weeks, and see whether the ache goes. If it returns on the same statin, try another at a low dose. Grapefruit juice helps the absorption and is encouraged."),
    ("A 66-year-old has ankle swelling since starting amlodipine. What are the options?",
     "The swelling comes from the drug's effect on small vessels and does not respond to a diuretic. Lower the dose, take it at night, or combine with an ACE inhibitor, which eases it."),
    ("Is aspirin worthwhile for a healthy woman of 61 without cardiovascular disease?",
     "For most healthy people over 60 the bleeding risk outweighs the benefit, so aspirin is not started for primary prevention."),
    ("A patient's digoxin level is 2.1 ng/mL and she feels sick. What now?",
     "Stop digoxin, check potassium, magnesium and kidney function, record an ECG, and correct potassium. Level and symptoms together suggest toxicity; restart at the same dose once the nausea has gone."),
    ("How soon after a stent may dual antiplatelet therapy be interrupted for a dental extraction?",
     "A single extraction is done without stopping either drug, with local measures for bleeding. Stopping within the first months after a stent risks thrombosis."),
    ("What does a B-type natriuretic peptide of 38 pg/mL tell in a breathless patient of 50?",
     "A value this low makes heart failure unlikely as the cause of breathlessness. In obesity the value can be lower than expected, so the clinical picture still counts."),
)  # fmt: skip
WHY = (
    "The first advice is sound, but one statement would lead a colleague to act too late; the correction names the "
    "threshold and the reason.",
    "Correct throughout. I would sign it; the only thing missing is when to come back.",
    "The order is right and the caveat is wrong: as written it would miss exactly the patients who matter.",
)
INSTRUCTIONS = """\
Read the whole answer before you mark anything.

1. Mark every span a careful cardiologist would not sign.
2. **Critical**: likely to harm. **Major**: wrong and changes care. **Minor**: wrong, care unchanged.
3. Each critical or major mark needs a correction with a source.
4. Rate the answer as it stands, not as corrected.
"""
