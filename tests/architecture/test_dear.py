"""The list of dear tests names tests that are there, and is used where it should be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import dear

ROOT = Path(__file__).resolve().parents[2]
REPORT = """<testsuites><testsuite>
<testcase classname="tests.a.test_b" name="test_slow[1]@world" time="9"/>
<testcase classname="tests.a.test_b" name="test_slow[2]" time="1"/>
<testcase classname="tests.a.test_b.TestMachine" name="runTest" time="7"/>
<testcase classname="tests.faults.test_c" name="test_needed" time="60"/>
<testcase classname="tests.a.test_b" name="test_one" time="1"/>
<testcase classname="tests.a.test_b" name="test_two" time="1"/>
<testcase classname="tests.a.test_b" name="test_three" time="1"/>
<testcase classname="tests.a.test_b" name="test_four" time="1"/>
</testsuite></testsuites>"""


def test_no_line_of_the_list_names_a_test_that_is_gone():
    gone = []
    for line in sorted(dear.listed()):
        file, _, name = line.partition("::")
        path = ROOT / file
        last = name.rpartition("::")[2]
        if not path.is_file() or (last != "runTest" and f"def {last}(" not in path.read_text()):
            gone.append(line)
    assert gone == []


def test_what_costs_many_times_the_median_is_dear_except_what_the_quick_run_needs(tmp_path):
    report = tmp_path / "times.xml"
    report.write_text(REPORT)
    assert dear.dear_tests(report) == ["tests/a/test_b.py::TestMachine::runTest", "tests/a/test_b.py::test_slow"]


@pytest.mark.parametrize(
    ("nodeid", "name"),
    [
        ("tests/a/test_b.py::test_c[x-1]@world", "tests/a/test_b.py::test_c"),
        ("tests/a/test_b.py::TestD::runTest", "tests/a/test_b.py::TestD::runTest"),
    ],
)
def test_a_test_is_known_by_its_file_and_function(nodeid, name):
    assert dear.name_of(nodeid) == name
