"""What an inspection answers."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

MAX_TEXT = 200_000


class FileRefused(Exception):
    """The file is not taken; the message tells its owner what it is and what to send instead."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the file is taken, the sentence when it is not, the text found in it when it is."""

    is_clean: bool
    sentence: str = ""
    text: str = ""

    def as_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str) -> Verdict:
        """
        Read what the child wrote.

        :raises ValueError: if it is anything else than a verdict.
        """
        facts = json.loads(line)
        verdict = cls(**facts) if isinstance(facts, dict) and set(facts) == {"is_clean", "sentence", "text"} else None
        if verdict is None or not isinstance(verdict.is_clean, bool):
            raise ValueError("That is not a verdict.")
        if not (isinstance(verdict.sentence, str) and isinstance(verdict.text, str)):
            raise ValueError("That is not a verdict.")
        if not verdict.is_clean and not verdict.sentence:
            raise ValueError("A refusal says why.")
        return verdict


def clean_text(text: str) -> str:
    """Return text as a database can keep it: no NUL, no lone surrogates, no endless blank, at most MAX_TEXT characters."""
    storable = text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    lines = (" ".join(line.split()) for line in storable.splitlines())
    return "\n".join(line for line in lines if line)[:MAX_TEXT]
