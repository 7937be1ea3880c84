"""From a lab's file to tasks: what each row becomes, errors with their rows, nothing known is touched."""

from __future__ import annotations

import json

import pytest

from marketplace.kernel.errors import Invalid, Refused
from marketplace.kernel.uploads import MEGABYTE
from marketplace.notices.models import Notification
from projects.work.actions import batches, staging
from projects.work.actions.batches import BatchTerms
from projects.work.enums import BatchState, TaskState
from projects.work.models import Batch, BatchRowError, Task
from tests.factories.projects_labs import owner_of
from tests.factories.projects_work import (
    KIND,
    NOW,
    SMALL_FILE,
    make_contract,
    mapping_of,
    read_file,
    send_small_file,
)


def counts(batch: Batch) -> dict[str, int]:
    return {
        "read": batch.rows_read,
        "staged": batch.rows_staged,
        "refused": batch.rows_refused,
        "known": batch.rows_known,
        "changed": batch.rows_changed,
        "duplicate": batch.rows_duplicate,
    }


def test_a_file_becomes_a_batch_whose_columns_are_still_to_be_confirmed(project):
    batch = send_small_file(project)

    assert (batch.state, batch.name, batch.code) == (BatchState.DRAFT, "answers small", "B-1")
    assert (batch.file_format, batch.bytes_total) == ("csv", SMALL_FILE.stat().st_size)
    assert Task.objects.count() == 0
    assert not Batch.objects.with_file_work().exists()


def test_the_small_file_is_read_whole_and_what_is_for_the_lab_stays_out_of_the_prompt(project):
    batch = read_file(send_small_file(project))

    assert batch.state == BatchState.READY
    assert counts(batch) == {"read": 12, "staged": 12, "refused": 0, "known": 0, "changed": 0, "duplicate": 0}
    assert batch.bytes_read == batch.bytes_total
    task = Task.objects.get(external_id="R-007")
    assert task.prompt["question"] == "May the patch Zetaderm be cut in half to lower the dose?"
    assert task.metadata == {"verdict": "unsafe", "model": "writer-c", "year": "2026"}
    assert "writer-c" not in json.dumps(task.prompt)
    assert (task.row, task.state) == (7, TaskState.OPEN)
    assert "🌿" in Task.objects.get(external_id="R-011").prompt["answer"]


def test_nothing_is_handed_out_before_the_batch_is_started(project):
    from projects.work.actions import claims

    batch = read_file(send_small_file(project))
    contract = make_contract(project)
    assert claims.claim_next(contract=contract, by=contract.expert.user, now=NOW) is None

    batches.finalize_batch(batch_id=batch.pk, by=owner_of(project.lab), now=NOW)

    batch.refresh_from_db()
    assert (batch.state, batch.tasks_total, batch.tasks_left) == (BatchState.LIVE, 12, 12)
    assert claims.claim_next(contract=contract, by=contract.expert.user, now=NOW).task.external_id == "R-001"
    assert Notification.objects.filter(user=contract.expert.user, title__startswith="New tasks").count() == 1


def test_the_sender_is_told_what_was_found(project):
    read_file(send_small_file(project, text=SMALL_FILE.read_bytes() + b"R-013,,,an answer without a question,,,\n"))

    notice = Notification.objects.get(user=owner_of(project.lab), title="B-1 answers small has been read")
    assert notice.body.startswith("12 tasks are ready, 1 rows were refused.")


def test_each_refused_row_says_why_with_its_number(project):
    text = (
        b"external_id,question,answer\n"
        b"A-1,Q1,An answer\n"
        b"A-2,,An answer\n"
        b"A-3,Q3,\n"
        b"A-4,Q4,too,many\n"
        b"A-1,Q5,The id again\n"
        b"A-6,Q6,\xff\xfe not utf-8\n"
        b'A-7,"Q7\nin two lines",Fine\n'
    )
    batch = read_file(send_small_file(project, text=text))

    assert list(BatchRowError.objects.order_by("row").values_list("row", "message")) == [
        (2, "The question is empty."),
        (3, "The answer is empty."),
        (4, "It has 4 cells, the header has 3."),
        (5, "Its external_id is already used by an earlier row of this file."),
        (6, "The answer holds characters that are not UTF-8. Save the file as UTF-8."),
    ]
    assert counts(batch) == {"read": 7, "staged": 2, "refused": 5, "known": 0, "changed": 0, "duplicate": 0}
    assert Task.objects.get(external_id="A-7").prompt["question"] == "Q7\nin two lines"


def test_sending_the_same_file_again_changes_nothing(project):
    read_file(send_small_file(project))
    before = list(Task.objects.in_order().values())

    second = read_file(send_small_file(project))

    assert counts(second) == {"read": 12, "staged": 0, "refused": 0, "known": 12, "changed": 0, "duplicate": 0}
    assert list(Task.objects.in_order().values()) == before
    with pytest.raises(Refused, match="nothing to start"):
        batches.finalize_batch(batch_id=second.pk, by=owner_of(project.lab), now=NOW)


def test_known_rows_with_another_content_are_counted_and_left_as_they_are(project):
    read_file(send_small_file(project))
    edited = SMALL_FILE.read_text().replace("Twelve weeks", "Four weeks").encode()

    second = read_file(send_small_file(project, text=edited))

    assert (second.rows_known, second.rows_changed) == (12, 1)
    assert Task.objects.get(external_id="R-003").prompt["answer"].startswith("Twelve weeks")


@pytest.mark.parametrize(("include", "state", "total"), [(False, "CANCELLED", 2), (True, "OPEN", 4)])
def test_the_same_content_under_another_id_is_set_aside_until_the_lab_decides(project, include, state, total):
    text = b"id,question,answer\nA,Q,X\nB,Q2,X\nC,Q,X\nD, Q ,X\n"
    batch = read_file(send_small_file(project, text=text))

    assert (batch.rows_staged, batch.rows_duplicate) == (2, 2)
    first = Task.objects.get(external_id="A")
    assert set(Task.objects.filter(state="STAGED").values_list("external_id", "duplicate_of")) == {
        ("C", first.pk),
        ("D", first.pk),
    }
    batches.finalize_batch(batch_id=batch.pk, by=owner_of(project.lab), now=NOW, include_duplicates=include)
    batch.refresh_from_db()
    assert batch.tasks_total == total
    assert set(Task.objects.filter(external_id__in=["C", "D"]).values_list("state", flat=True)) == {state}


def test_a_file_without_ids_gets_them_from_its_rows(project):
    read_file(send_small_file(project, text=b"question,answer\nQ1,X\nQ2,Y\n"))
    assert list(Task.objects.in_order().values_list("external_id", flat=True)) == ["B-1-1", "B-1-2"]


def test_shown_facts_reach_the_prompt_and_left_out_columns_reach_nothing(project):
    batch = send_small_file(project)
    mapping = mapping_of(batch) | {"year": "fact", "model": "leave_out"}
    batches.start_reading(
        batch_id=batch.pk, name="x", mapping=mapping, terms=BatchTerms(), by=owner_of(project.lab), now=NOW
    )
    staging.read_batch(batch_id=batch.pk, now=NOW)

    task = Task.objects.get(external_id="R-001")
    assert task.prompt["facts"] == [{"label": "Year", "value": "2026"}]
    assert task.metadata == {"verdict": "unsafe"}


def test_json_lines_are_read_like_csv(project):
    rows = [
        {"id": "J1", "prompt": "Q", "response": "A", "meta": {"model": "m1", "scores": [1, 2.5]}},
        {"id": 2, "prompt": "Q2", "response": "A\r\nB"},
    ]
    text = "\n".join(json.dumps(row) for row in rows).encode() + b"\n{broken\n"
    from django.core.files.uploadedfile import SimpleUploadedFile

    upload = SimpleUploadedFile("rows.jsonl", text)
    batch = batches.send_file(project=project, upload=upload, kind=KIND, name="J", by=owner_of(project.lab), now=NOW)
    batch = read_file(batch)

    assert counts(batch)["staged"] == 2
    assert BatchRowError.objects.get().message.startswith("It is not JSON")
    assert Task.objects.get(external_id="J1").metadata == {"meta": {"model": "m1", "scores": [1, 2.5]}}
    assert Task.objects.get(external_id="2").prompt["answer"] == "A\nB"


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [
        ({"question": "question"}, "No column becomes “Answer to review”"),
        ({"a": "question", "b": "question", "c": "answer"}, "Two columns become “Question”"),
        ({"a": "question", "b": "answer", "c": "rubric"}, "something that this kind of task does not have"),
    ],
)
def test_a_mapping_that_makes_no_task_is_refused(project, mapping, sentence):
    batch = send_small_file(project)
    with pytest.raises(Invalid, match=sentence):
        batches.start_reading(
            batch_id=batch.pk, name="x", mapping=mapping, terms=BatchTerms(), by=owner_of(project.lab), now=NOW
        )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"question,answer\n", "There is no row"),
        (b"a,a\n1,2\n", "Two columns are called “a”"),
        (b"a,\n1,2\n", "Column 2 has no name"),
        ("question,answer\nä,b".encode("utf-16"), "not text|UTF-16"),
        (b"", "0 bytes"),
        (b"a,b\n1,2\n" + b"x" * 2, "no row|cells"),
    ],
)
def test_a_file_that_is_no_table_is_refused_at_the_door(project, text, sentence):
    if text.startswith(b"a,b"):
        assert send_small_file(project, text=text).state == BatchState.DRAFT  # a broken last row is a row error
        return
    with pytest.raises(Invalid, match=sentence):
        send_small_file(project, text=text)
    assert Batch.objects.count() == 0


def test_semicolons_and_byte_order_marks_of_spreadsheets_are_understood(project):
    text = b"\xef\xbb\xbfid;question;answer\nA;Q, with comma;X\n"
    read_file(send_small_file(project, text=text))
    assert Task.objects.get(external_id="A").prompt["question"] == "Q, with comma"


def test_a_row_larger_than_a_megabyte_is_refused_and_the_next_one_is_read(project):
    from django.core.files.uploadedfile import SimpleUploadedFile

    lines = [
        b'{"id":"A","prompt":"Q","response":"' + b"x" * MEGABYTE + b'"}',
        b'{"id":"B","prompt":"Q","response":"A"}',
        b"[" * 200_000,
        b'{"id":"C","prompt":"Q3","response":"A","n":NaN}',
        b'{"id":"D","prompt":"Q4","response":"A\\u0000"}',
        b'{"id":"E","prompt":"Q5","response":"\\ud800"}',
        b'{"id":"F","prompt":"Q6","response":"A","m":{"n":1e999}}',
    ]
    upload = SimpleUploadedFile("x.jsonl", b"\n".join(lines))
    batch = batches.send_file(project=project, upload=upload, kind=KIND, name="", by=owner_of(project.lab), now=NOW)
    batch = read_file(batch)

    assert list(Task.objects.values_list("external_id", flat=True)) == ["B"]
    assert dict(BatchRowError.objects.values_list("row", "message")) == {
        1: "It is larger than 1 MB.",
        3: "It is nested too deeply.",
        4: "It is not JSON: NaN is not a JSON number.",
        5: "The answer holds a NUL character.",
        6: "The answer holds characters that are not UTF-8. Save the file as UTF-8.",
        7: "What is kept for you only cannot be stored: a number is not finite.",
    }
