"""The steps of an application: any order, done once for all, and what blocks submitting."""

from __future__ import annotations

import pytest

from experts.assessments.models import Ask
from marketplace.kernel.errors import Refused
from projects.hiring.actions import applications
from projects.hiring.enums import DeclineCode
from projects.hiring.queries.checklist import checklist, open_steps
from tests.factories.experts_assessments import answer_right, field_of, make_guide, make_paper, submit
from tests.factories.experts_assessments import start as start_attempt
from tests.factories.projects_hiring import NOW, fill, make_applicant, make_expert, make_gig, owner_of, start, told
from tests.factories.projects_labs import browse
from tests.factories.projects_listings import licence
from tests.support.visiting import get, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def found(application) -> dict[str, tuple[bool, bool]]:
    """Each step's code with whether it is done, and whether that was earlier."""
    return {step.code: (step.done, step.earlier) for step in checklist(application, now=NOW)}


def assessed_gig():
    """A gig that asks for what is published for medicine."""
    return make_gig(assessed_field_id=field_of("medicine").pk)


def test_a_new_application_says_what_is_to_do_and_what_counts_already():
    application = start(make_gig(requirements=(licence(),)))
    assert found(application) == {
        "profile": (True, True), "credentials": (False, False), "questions": (False, False), "work": (False, False),
        "conflicts": (False, False),
    }  # fmt: skip
    assert open_steps(application, now=NOW) == [
        "answer 1 screening question", "confirm that you may do this work where you live",
        "declare conflicts of interest, or that you have none",
    ]  # fmt: skip
    page = text_of(get(browse(application.expert.user), "hiring:application", application.public_id))
    assert "Complete. Every application uses it." in page
    assert "0 of 1 met. You may apply now; it must be met before you accept an offer." in page


def test_the_declaration_on_work_counts_in_the_next_application_and_conflicts_are_asked_each_time():
    expert = make_expert()
    make_applicant(make_gig(), expert)
    second = start(make_gig(), expert)
    assert second.work_authorised_at == NOW
    assert found(second)["work"][0]
    assert not found(second)["conflicts"][0]


def test_a_declaration_for_another_country_does_not_count():
    expert = make_expert()
    make_applicant(make_gig(), expert)
    type(expert).objects.filter(pk=expert.pk).update(country="IE")
    second = start(make_gig(), expert)
    assert (second.work_authorised_at, second.work_authorised_in) == (None, "")


def test_an_assessment_is_asked_once_blocks_until_it_is_handed_in_and_counts_for_the_next():
    paper = make_paper()
    make_guide(is_paid=True)
    expert = make_expert()
    application = fill(start(assessed_gig(), expert))
    ask = Ask.objects.get(purpose_kind="application", purpose_ref=application.public_id)
    assert (found(application)["assessment"], found(application)["interview"]) == ((False, False), (False, False))
    with pytest.raises(Refused, match="take the assessment"):
        applications.submit_application(application_id=application.public_id, by=expert.user, now=NOW)
    attempt = start_attempt(ask, paper)
    answer_right(attempt)
    submit(attempt)
    assert found(application)["assessment"] == (True, False)
    second = start(assessed_gig(), expert)
    assert found(second)["assessment"] == (True, True)
    assert "counts here too" in text_of(get(browse(expert.user), "hiring:application", second.public_id))
    assert Ask.objects.get(purpose_ref=second.public_id).unpaid_minutes == 0


def test_an_ask_ends_when_the_application_is_taken_back():
    make_paper()
    application = start(assessed_gig())
    applications.withdraw_application(application_id=application.public_id, by=application.expert.user, now=NOW)
    assert Ask.objects.get(purpose_ref=application.public_id).closed_at == NOW


def test_a_gig_that_asks_for_no_papers_opens_no_ask():
    make_paper()
    start(make_gig())
    assert not Ask.objects.exists()


def test_submitting_is_confirmed_to_the_expert():
    application = make_applicant(make_gig())
    assert told(application.expert.user, "applications_sent") == ["You applied to Physician Talent Network"]


def test_a_decline_says_what_can_be_done_now():
    application = make_applicant(make_gig())
    lab = application.project.lab
    applications.decline_application(
        application_id=application.public_id, by=owner_of(lab), code=DeclineCode.OTHER,
        reason="We chose somebody with paediatric practice.", now=NOW,
    )  # fmt: skip
    page = text_of(get(browse(application.expert.user), "hiring:application", application.public_id))
    assert "its decision cannot be appealed here" in page
    assert "You may apply again as long as the gig is open" in page
