# SPDX-License-Identifier: MIT
"""compare.py, which is what makes the transparency suites fail."""

import pathlib
import subprocess
import sys

import pytest

COMPARE = pathlib.Path(__file__).with_name("compare.py")


@pytest.fixture(name="compare")
def fixture_compare(tmp_path):
    """Returns a function that compares two runs, lists of lines, and returns status and output."""
    def compare(plain, preloaded, known=()):
        (tmp_path / "known.txt").write_text("\n".join(known), encoding="utf-8")
        for kind, lines in (("plain", plain), ("preloaded", preloaded)):
            if lines is not None:
                text = "".join("\t".join(line.split("|")) + "\n" for line in lines)
                (tmp_path / f"suite.{kind}").write_text(text, encoding="utf-8")
        ended = subprocess.run([sys.executable, "-B", COMPARE, tmp_path / "known.txt", tmp_path, "suite"],
                               stdout=subprocess.PIPE, text=True, check=False)
        return ended.returncode, ended.stdout.splitlines()
    return compare


@pytest.mark.parametrize("plain, preloaded", [
    (["ok|a", "ok|b"], ["ok|a", "failed|b"]),
    (["ok|a", "failed|b"], ["ok|a", "ok|b"]),
    (["ok|a", "skipped|b"], ["ok|a", "ok|b"]),
    (["ok|a", "ok|b"], ["ok|a"]),
    (["ok|a"], ["ok|a", "ok|b"]),
    (["ok|a", "ok|b|exit status 0"], ["ok|a", "ok|b|exit status 1"]),
    (["ok|a", "ok|b", "ok|b"], ["ok|a", "ok|b"]),
])
def test_difference_fails(compare, plain, preloaded):
    status, lines = compare(plain, preloaded)
    assert status == 1
    assert lines[-1] == "1 passed, 1 failed"
    assert any("DIFFERS: b: " in line for line in lines)


def test_same_passes_in_any_order(compare):
    assert compare(["ok|a", "ok|b|x"], ["ok|b|x", "ok|a"]) == (0, compare(["ok|a", "ok|b|x"],
                                                                         ["ok|a", "ok|b|x"])[1])


def test_failure_both_ways_is_listed_and_not_counted(compare):
    status, lines = compare(["ok|a", "failed|b"], ["ok|a", "failed|b"])
    assert (status, lines[-1]) == (0, "1 passed, 0 failed")
    assert "  suite: fails both ways, not counted: b: failed" in lines


def test_known_difference_is_listed_and_not_counted(compare):
    status, lines = compare(["ok|a", "ok|b"], ["ok|a", "failed|b"], ["= why", "  How.", "suite: b"])
    assert (status, lines[-1]) == (0, "1 passed, 0 failed")
    assert "  suite: differs, known (why), not counted: b" in lines


def test_incomplete_suite_fails(compare):
    status, lines = compare(["ok|a"], None)
    assert (status, lines[-1]) == (1, "0 passed, 1 failed")


def test_suite_without_success_fails(compare):
    assert compare(["skipped|a"], ["skipped|a"])[0] == 1
    assert compare([], [])[0] == 1


def test_unknown_outcome_is_an_error(compare):
    assert compare(["fine|a"], ["fine|a"])[0] == 1
