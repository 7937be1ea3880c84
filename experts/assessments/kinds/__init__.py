"""The kinds of question: one small module each, pure functions over their content and an answer, registered here."""

from experts.assessments.enums import QuestionKind
from experts.assessments.kinds.base import Answer, Content, Kind, Option
from experts.assessments.kinds.choices import Multiple, Single
from experts.assessments.kinds.numeric import Numeric
from experts.assessments.kinds.ordered import Ordered
from experts.assessments.kinds.text import Text

registered: dict[str, Kind] = {
    QuestionKind.SINGLE: Single(),
    QuestionKind.MULTIPLE: Multiple(),
    QuestionKind.ORDERED: Ordered(),
    QuestionKind.NUMERIC: Numeric(),
    QuestionKind.TEXT: Text(),
}


def kind_of(code: str) -> Kind:
    return registered[code]


__all__ = ["Answer", "Content", "Kind", "Option", "kind_of", "registered"]
