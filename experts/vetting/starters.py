"""Words that staff may start from. Each has a gap or two; whoever sends them unchanged has not looked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from experts.vetting.enums import Outcome, ReasonCode


@dataclass(frozen=True, slots=True)
class Starter:
    """A beginning of what the expert reads, for an outcome and a reason; "…" marks what is still to be said."""

    outcome: Outcome
    code: ReasonCode
    words: str | Promise


STARTERS: Final = (
    Starter(Outcome.APPROVE, ReasonCode.MEETS_STANDARD, _("Your … and your years in … agree with each other and with what the field asks for.")),
    Starter(Outcome.APPROVE, ReasonCode.WORK_SPEAKS, _("You have no paper for …, but what you showed of your work, above all …, leaves no doubt.")),
    Starter(Outcome.ASK_FOR_MORE, ReasonCode.DOCUMENT_MISSING, _("Please add a picture or PDF of …; we have only what you declared. If you do not have it any more, tell us who issued it and when.")),
    Starter(Outcome.ASK_FOR_MORE, ReasonCode.DOCUMENT_UNCLEAR, _("We cannot read … in the file you sent. Please send it again, the whole page, flat and in good light.")),
    Starter(Outcome.ASK_FOR_MORE, ReasonCode.IDENTITY_UNCLEAR, _("The paper is made out to …, your account to …. Please send something that carries both names, for example a certificate of marriage.")),
    Starter(Outcome.ASK_FOR_MORE, ReasonCode.STATEMENTS_DISAGREE, _("Your profile says …, while your résumé says …. Which of them is right? Correct the other one, or explain both in your answer.")),
    Starter(Outcome.ASK_FOR_MORE, ReasonCode.CREDENTIAL_NOT_FOUND, _("We looked for … at … on … and did not find it. Please check the number and the name it is registered under.")),
    Starter(Outcome.DECLINE, ReasonCode.CREDENTIAL_NOT_FOUND, _("We looked for … at … on … and did not find it under the number and name you gave. We asked you on … and what you answered does not change that, because …. If it is registered under another name, declare it so and ask again.")),
    Starter(Outcome.DECLINE, ReasonCode.CREDENTIAL_EXPIRED, _("Your … ended on …, and nothing you sent shows that it was renewed. The field asks for one that is in force. Once it is renewed, declare the new last day and ask again; what was checked already counts.")),
    Starter(Outcome.DECLINE, ReasonCode.EXPERIENCE_TOO_SHORT, _("You showed … years in …; from … to …. This field asks for more practice than that, because …. You can ask again when more of it is behind you, or when you can show work that we have not seen.")),
    Starter(Outcome.DECLINE, ReasonCode.STATEMENTS_DISAGREE, _("Your profile says …, your résumé says …, and the paper you sent says …. We asked about it on … and the difference remains. Correct the statement that is wrong, explain the difference, and ask again.")),
    Starter(Outcome.DECLINE, ReasonCode.BELOW_STANDARD, _("In the assessment you reached … where … is asked for; what was missing was above all …. You may try again after the waiting time shown under Assessments, and then ask again.")),
    Starter(Outcome.DECLINE, ReasonCode.FORGERY_SUSPECTED, _("In the file … the … differs from what the issuer confirms: …. Two people looked at it without knowing of each other’s view. If you believe that the file is genuine, appeal, and name a person at the issuer whom we may ask.")),
    Starter(Outcome.DECLINE, ReasonCode.SECOND_ACCOUNT, _("… also stands in another account with us, and … shows that both are yours. Two people looked at it without knowing of each other’s view. Go on with the other account, or appeal and tell us how the two are connected.")),
)  # fmt: skip


def starters_by_outcome() -> list[tuple[str, list[Starter]]]:
    """Return the words in the order of outcomes, each group under the name of its outcome."""
    return [(str(outcome.label), [one for one in STARTERS if one.outcome == outcome]) for outcome in Outcome]
