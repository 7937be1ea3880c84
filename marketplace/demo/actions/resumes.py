"""The résumé of an expert who has just joined: looked into, read, and waiting to be gone through on the way to a profile."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.files.base import ContentFile

from experts.credentials.actions import check_document, upload_document
from experts.credentials.enums import DocumentKind, DocumentState
from experts.credentials.models import Document
from experts.profiles.models import Expert
from experts.resumes.actions import begin_reading, read_resume
from marketplace.demo.actions.people import personas
from marketplace.demo.world.papers import pdf

NAME = "resume-haddad.pdf"
RESUME = (
    "Noor Haddad, M.D.", "Neurologist, stroke unit", "9 years of experience", "", "Experience",
    "Consultant neurologist, Invented Stroke Centre, March 2020 - present",
    "Resident in neurology, Invented General Hospital, August 2015 - February 2020", "", "Education",
    "M.D., Medicine, Invented University, September 2008 - July 2015", "Ph.D. in Neuroscience, Invented Institute, 2016 - 2019",
    "", "Languages", "Arabic (native), English (C1), French: fluent", "", "Skills", "Neurology, stroke care, clinical trials", "",
    "Links", "ORCID 0000-0002-1825-0097, an example of ORCID's own",
)  # fmt: skip


def make_resumes(*, now: datetime) -> None:
    """Send the newcomer's résumé, look into it and read it, unless that was done."""
    expert = Expert.objects.select_related("user").get(user=personas()["newcomer"])
    sent = now - timedelta(minutes=40)
    document: Document | None = Document.objects.filter(expert=expert, kind=DocumentKind.RESUME).first()
    if document is None:
        document = upload_document(
            expert_id=expert.public_id, kind=DocumentKind.RESUME, upload=ContentFile(pdf(RESUME), name=NAME),
            by=expert.user, now=sent,
        )  # fmt: skip
    if document.state == DocumentState.QUARANTINED:
        check_document(document_id=document.pk, now=sent + timedelta(minutes=1))
    reading = begin_reading(document_id=document.public_id, now=sent + timedelta(minutes=2))
    if reading is not None:
        read_resume(reading_id=reading.pk, now=sent + timedelta(minutes=2))
