# SPDX-License-Identifier: MIT
"""The benchmark's report, and that the list of rows is whole. $BENCH is the benchmark."""

import copy
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree

import pytest

sys.path.insert(0, os.path.dirname(__file__))
import report  # noqa: E402

SVG = "{http://www.w3.org/2000/svg}"
SAMPLE = {"id": "B1.k1", "name": "a loop", "reference": "by hand", "ratio": .5, "min": .4, "max": .6,
          "target": .8, "bar": .9, "peer": False, "subject_ns": 100, "reference_ns": 200, "note": ""}


def sample(**changes):
    return {**SAMPLE, **changes}


ROWS = [
    sample(id="B10", ratio=.85),
    sample(id="B2", ratio=.95, name='one with <brackets> & "quotes"', reference="<&>"),
    sample(id="B1.libev", target=None, bar=None, peer=True),
    sample(),
    sample(id="B3", ratio=None, min=None, max=None, note="could not <be> measured"),
    sample(id="redis", ratio=1, min=1, max=1.25, target=1.05, bar=1.15),
    sample(id="B4", target=None, bar=None),
]


@pytest.fixture(name="document")
def _document():
    return report.merge([{"version": "1", "rows": copy.deepcopy(ROWS)}])


def drawn(document):
    """The groups of the picture's rows, by the row's id."""
    root = xml.etree.ElementTree.fromstring(report.picture(document))
    return {group.get("id").removeprefix("row-"): group for group in root.iter(SVG + "g")}


def missing(document, picture_of):
    """The rows of one document that the picture of another lacks."""
    there = drawn(picture_of)
    return [row["id"] for row in document["rows"] if row["id"] not in there]


def kinds(group, tag):
    return [each.get("class") for each in group.iter(SVG + tag)]


def test_each_verdict(document):
    assert {row["id"]: row["verdict"] for row in document["rows"]} == {
        "B1.k1": "target", "B1.libev": "peer", "B2": "over", "B3": "n/a", "B4": "info", "B10": "bar",
        "redis": "target"}


def test_order_is_by_number_then_peers_then_programs(document):
    assert [row["id"] for row in document["rows"]] == [
        "B1.k1", "B1.libev", "B2", "B3", "B4", "B10", "redis"]


def test_a_ratio_that_equals_its_limit_is_within_it():
    assert report.verdict(sample(ratio=.8)) == "target"
    assert report.verdict(sample(ratio=.9)) == "bar"


def test_merge_keeps_the_first_description_and_all_rows():
    merged = report.merge([{"kernel": "first", "rows": [sample()]},
                           {"kernel": "second", "rounds": 7, "rows": [sample(id="B2")]}])
    assert (merged["kernel"], merged["rounds"]) == ("first", 7)
    assert [row["id"] for row in merged["rows"]] == ["B1.k1", "B2"]


def test_table_has_every_row_and_counts_them(document):
    text = report.table(document["rows"])
    assert [line.split()[0] for line in text.splitlines()[1:-2]] == [row["id"] for row in document["rows"]]
    assert "n/a: could not <be> measured" in text
    assert text.endswith("2 rows at or under their target, 1 between target and bar, 1 over the bar, "
                         "1 not measured.")


def test_picture_has_every_row(document):
    assert missing(document, document) == []


def test_a_row_that_is_not_drawn_is_found(document):
    fewer = {**document, "rows": document["rows"][1:]}
    assert missing(document, fewer) == ["B1.k1"]


def test_picture_has_bars_and_limits(document):
    groups = drawn(document)
    assert kinds(groups["B2"], "rect") == ["over"]
    assert kinds(groups["B2"], "line") == ["range", "mark", "limit"]
    assert kinds(groups["B3"], "rect") == []
    assert kinds(groups["B3"], "line") == ["mark", "limit"]
    assert kinds(groups["B1.libev"], "line") == ["range"]


def test_a_bar_reaches_from_one_to_the_ratio(document):
    axis = report.Axis(document["rows"])
    bar = drawn(document)["B1.k1"].find(SVG + "rect")
    assert float(bar.get("x")) == axis.x(.5)
    assert float(bar.get("x")) + float(bar.get("width")) == pytest.approx(axis.x(1), abs=.11)


def test_nothing_lies_outside(document):
    root = xml.etree.ElementTree.fromstring(report.picture(document))
    for line in root.iter(SVG + "line"):
        assert report.LEFT <= float(line.get("x1")) <= report.RIGHT or float(line.get("y1")) < report.TOP


def coloured(css):
    """The selectors that a style sheet gives a colour."""
    return {name for names, rule in re.findall(r"([^{}]+)\{([^{}]*)\}", css)
            if re.search("(fill|stroke): #", rule) for name in re.findall(r"\.[a-z]+|\btext\b", names)}


def test_what_has_a_colour_has_one_for_dark_screens(document):
    style = re.search("<style>(.*)</style>", report.picture(document), re.DOTALL)[1]
    light, dark = style.split("@media (prefers-color-scheme: dark) {")
    assert coloured(dark) == coloured(light) >= {"text", ".target", ".over", ".limit"}


def run(tmp_path, rows, *options):
    measured = tmp_path / "measured.json"
    measured.write_text(json.dumps({"rows": rows}))
    return subprocess.run([report.__file__, "--json", tmp_path / "out.json", "--svg",
                           tmp_path / "out.svg", *options, measured], check=False,
                          capture_output=True, env={**os.environ, "BENCH_STRICT": ""})


@pytest.mark.parametrize("row, status", [
    (sample(), 0), (sample(ratio=.85), 0), (sample(ratio=.95), 1), (sample(ratio=None), 1),
    (sample(ratio=None, target=None, bar=None, peer=True), 0)])
def test_strict(tmp_path, row, status):
    assert run(tmp_path, [row]).returncode == 0
    assert run(tmp_path, [row], "--strict").returncode == status


def test_files_are_written(tmp_path):
    run(tmp_path, ROWS)
    written = json.loads((tmp_path / "out.json").read_text())
    assert len(written["rows"]) == len(ROWS)
    assert missing(written, written) == []
    assert (tmp_path / "out.svg").read_text() == report.picture(written)


# --- the list of rows

def listed():
    """Lines of --list: id, target, bar."""
    text = subprocess.run([os.environ["BENCH"], "--list"], check=True, capture_output=True, text=True)
    return [line.split()[:3] for line in text.stdout.splitlines()]


def test_all_scenarios_are_there():
    assert {int(re.match(r"B(\d+)", row[0])[1]) for row in listed()} == set(range(1, 23))


def test_every_row_but_a_peer_has_target_and_bar():
    peers = re.compile(r"B1\.lib(ev|event|uv)(-again)?\.")
    for name, target, bar in listed():
        assert (target == bar == "-") if peers.match(name) else float(target) <= float(bar), name
    assert sum(peers.match(row[0]) is not None for row in listed()) == 18
