"""Documents of experts, and what a lab has beside its work: new people, exports, API keys, a file whose columns wait."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.files.base import ContentFile

from experts.credentials.actions.credentials import climb_ladder
from experts.credentials.actions.documents import check_document, upload_document
from experts.credentials.enums import CredentialKind, DocumentKind, DocumentState, LadderStep
from experts.credentials.models import Credential, Document
from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.demo.actions.board import FLAGSHIP, join
from marketplace.demo.actions.hires import CARDIOLOGY
from marketplace.demo.actions.people import personas
from marketplace.demo.world.papers import pdf
from marketplace.demo.world.tasks import PAIRS
from projects.delivery.actions import request_export, write_export
from projects.delivery.enums import ExportState
from projects.delivery.models import Export
from projects.labs.actions import create_api_key, revoke_api_key
from projects.labs.enums import LabRole, Scope
from projects.labs.models import ApiKey, Lab
from projects.listings.models import Project
from projects.work.actions.batches import send_file
from projects.work.models import Batch

LICENCE = ("Licence to practise medicine", "Imani Okafor, M.D.", "Commonwealth board, licence 212345", "Cardiology")
RESUME = (
    "Imani Okafor, M.D.", "Cardiologist, heart failure clinic, 2015 to today", "Fellowship in cardiology, 2012 to 2015",
    "Residency in internal medicine, 2009 to 2012", "Doctor of Medicine, 2009",
)  # fmt: skip
KEYS = (("Evaluation pipeline", (Scope.PROJECTS_READ, Scope.TASKS_READ, Scope.EXPORTS)),
        ("Notebook, spring", (Scope.TASKS_READ,)))  # fmt: skip
"""The keys of the first lab; the second one was revoked."""

WAITING_FILE = "Follow-up questions"


def make_papers(*, now: datetime) -> None:
    """Send documents, bring new people into the lab, make keys and exports. One document is left to the worker."""
    people = personas()
    _send_documents(people["expert"], vetter=people["vetting"], now=now)
    lab, owner = Lab.objects.get(memberships__user=people["lab-owner"]), people["lab-owner"]
    projects = {row.title: row for row in Project.objects.filter(lab=lab).select_related("lab")}
    join(lab, {"lab-manager": LabRole.MANAGER, "lab-member": LabRole.MEMBER}, now=now - timedelta(days=2))
    _make_keys(lab, by=owner, now=now - timedelta(days=20))
    for back, title in ((2, FLAGSHIP), (1, CARDIOLOGY)):
        _export(projects[title], by=owner, now=now - timedelta(hours=back * 3))
    if not Batch.objects.filter(project=projects[CARDIOLOGY], name=WAITING_FILE).exists():
        rows = "".join(
            f'FU-{number:03d},"{question}","{answer}"\n' for number, (question, answer) in enumerate(PAIRS[:6])
        )
        file = ContentFile(f"id,question,model_answer\n{rows}".encode(), name="follow-up-questions.csv")
        send_file(project=projects[CARDIOLOGY], upload=file, kind="ANSWER_REVIEW", name=WAITING_FILE, by=owner,
                  now=now - timedelta(hours=1))  # fmt: skip


def _send_documents(imani: User, *, vetter: User, now: datetime) -> None:
    """A licence that staff have read, a résumé that the worker looks into, and a degree behind a case that waits."""
    expert = Expert.objects.select_related("user").get(user=imani)
    licence = expert.credentials.standing().get(kind=CredentialKind.MEDICAL_LICENCE)
    sent = now - timedelta(days=44)
    document = _send(expert, "licence.pdf", LICENCE, licence, now=sent)
    if document.state == DocumentState.QUARANTINED:
        check_document(document_id=document.pk, now=sent + timedelta(minutes=1))
    licence.refresh_from_db()
    if not licence.stands_at_least_at(LadderStep.DOCUMENT_SEEN):
        climb_ladder(credential_id=licence.public_id, to_step=LadderStep.DOCUMENT_SEEN, by=vetter, now=sent + timedelta(days=1),
                     explanation="Name, number and speciality agree with the profile.")  # fmt: skip
    _send(expert, "resume-okafor.pdf", RESUME, None, now=now - timedelta(days=2))
    degrees = Credential.objects.filter(kind=CredentialKind.DEGREE, expert__user__email__startswith="expert")
    degree = degrees.select_related("expert__user").order_by("pk")[0]
    lines = (degree.title, degree.expert.user.get_full_name(), "Invented University, 2008")
    _send(degree.expert, "degree.pdf", lines, degree, now=now - timedelta(hours=5))


def _send(expert: Expert, name: str, lines: Sequence[str], behind: Credential | None, *, now: datetime) -> Document:
    """Upload a paper, unless the expert has sent it."""
    there: Document | None = Document.objects.filter(expert=expert, original_name=name).first()
    return there or upload_document(
        expert_id=expert.public_id,
        kind=DocumentKind.EVIDENCE if behind else DocumentKind.RESUME,
        upload=ContentFile(pdf(lines), name=name),
        credential_id=behind.public_id if behind else None,
        by=expert.user,
        now=now,
    )


def _make_keys(lab: Lab, *, by: User, now: datetime) -> None:
    there = {key.name: key for key in ApiKey.objects.filter(lab=lab)}
    for name, scopes in KEYS:
        if name not in there:  # The text of the key is shown to nobody: whoever needs one makes one.
            there[name], _text = create_api_key(lab_id=lab.pk, name=name, scopes=scopes, days=180, by=by, now=now)
    old = there[KEYS[-1][0]]
    if old.revoked_at is None:
        revoke_api_key(key_id=old.pk, by=by, now=now + timedelta(days=9))


def _export(project: Project, *, by: User, now: datetime) -> None:
    export: Export | None = Export.objects.filter(project=project).first()
    if export is None:
        export = request_export(project=project, kind="ANSWER_REVIEW", by=by, now=now)
    if export.state == ExportState.QUEUED:
        write_export(export_id=export.pk, now=now + timedelta(minutes=1))
