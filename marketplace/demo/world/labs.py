"""Twelve invented labs. None of them exists."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoLab:
    """A lab of the demonstration world; `owner` is its founder's invented name."""

    name: str
    owner: str
    country: str
    about: str
    is_anonymous: bool = False


LABS: tuple[DemoLab, ...] = (
    DemoLab("Larkfield Labs", "Tessa Rhodes", "US", "We test whether medical models give advice that a careful doctor would sign."),
    DemoLab("Fenwick Institute", "Oskar Brandvold", "GB", "A research institute for language, translation and interpreting."),
    DemoLab("Tidewater Research", "Marguerite Sloane", "US", "Legal and financial reasoning, measured against people who practise it."),
    DemoLab("Ombra Studio", "Livia Ferrante", "IT", "Story, voice and structure: models that help writers and do not replace them."),
    DemoLab("Quillon AI", "Anders Weil", "DE", "Reasoning in games and mathematics, explained so that a learner follows."),
    DemoLab("Northgate Compute", "Priscilla Amadi", "CA", "Code that compiles, tests that matter, reviews that teach."),
    DemoLab("Saltmarsh Foods", "Ines Carvalho", "PT", "Taste, cooking and nutrition for assistants that people cook with."),
    DemoLab("Hollis Bench", "Rupert Hollis", "GB", "Laboratory science: protocols, safety, and what went wrong."),
    DemoLab("Cinder Peak", "Yara Haidari", "US", "Red teaming for models that give advice.", is_anonymous=True),
    DemoLab("Meridian Classroom", "Tomasz Wierzba", "PL", "Teachers' judgement for tutoring models."),
    DemoLab("Verity Grid", "Salma Idrissi", "FR", "Engineering and the trades: drawings, wiring, and the reasons behind the code."),
    DemoLab("Bluebell Speech", "Hye-jin Paek", "KR", "Conversation in many languages, judged by those who grew up in them."),
)  # fmt: skip
