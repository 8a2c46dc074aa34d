#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Puts what the benchmark's programs have measured into one table, one JSON file and one picture.

    report.py [--strict] [--json FILE] [--svg FILE] MEASURED.json...

The inputs are written by report.cc and programs.py. With --strict, or BENCH_STRICT=1 in the
environment, the exit status is 1 if a row is over its bar, or one that has a bar was not measured.
"""

import argparse
import json
import math
import os
import pathlib
import re
import sys
from xml.sax.saxutils import escape, quoteattr

VERDICTS = {
    "target": "at or under the target",
    "bar": "above the target, at or under the bar",
    "over": "over the bar",
    "n/a": "not measured",
    "info": "no bar",
    "peer": "another library",
}


# --- rows ------------------------------------------------------------------------------

def verdict(row):
    """One of VERDICTS."""
    if row["ratio"] is None:
        return "n/a"
    if row["peer"]:
        return "peer"
    if row["bar"] is None:
        return "info"
    if row["ratio"] > row["bar"]:
        return "over"
    return "bar" if row["ratio"] > row["target"] else "target"


def place(row):
    """What rows are sorted by: B2 before B10, other libraries after ours, whole programs last."""
    group = re.match(r"B(\d+)", row["id"])
    return (int(group[1]) if group else math.inf, row["peer"])


def merge(documents):
    """One document of several: what describes the run, from the first that says it, and all rows."""
    out = {}
    for document in documents:
        out = {**document, **out}
    rows = [{**row, "verdict": verdict(row)} for document in documents for row in document["rows"]]
    out["rows"] = sorted(rows, key=place)
    return out


def is_missed(row):
    return row["verdict"] == "over" or (row["verdict"] == "n/a" and row["bar"] is not None)


# --- table -----------------------------------------------------------------------------

def number(value):
    if value is None:
        return "-"
    return f"{value:.3f}" if value < 0.0995 else f"{value:.2f}"


def columns(row):
    spread = "-" if row["min"] is None else f"{number(row['min'])}-{number(row['max'])}"
    return [row["id"], row["name"], number(row["ratio"]), spread, number(row["target"]),
            number(row["bar"]), row["verdict"] + (f": {row['note']}" if row["note"] else "")]


def summary(rows):
    """One sentence."""
    count = {word: sum(row["verdict"] == word and not row["peer"] for row in rows) for word in VERDICTS}
    return (f"{count['target']} rows at or under their target, {count['bar']} between target and bar, "
            f"{count['over']} over the bar, {count['n/a']} not measured.")


def table(rows):
    lines = [["id", "scenario", "ratio", "range", "target", "bar", "verdict"]]
    lines += [columns(row) for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(6)]
    left = (0, 1)
    text = []
    for line in lines:
        cells = [cell.ljust(width) if i in left else cell.rjust(width)
                 for i, (cell, width) in enumerate(zip(line, widths))]
        text.append("  ".join([*cells, line[6]]))
    return "\n".join([*text, "", summary(rows)])


# --- picture ---------------------------------------------------------------------------
# The axis is logarithmic: half the time and twice the time are equally far from 1, where each bar
# begins. It reaches from the smallest ratio to the largest in powers of two.

LEFT, RIGHT, WIDTH = 430, 900, 1040  # the plot lies between LEFT and RIGHT
TOP, STEP, BAR_HEIGHT = 96, 20, 10

STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1f2328; }
.title { font-size: 17px; font-weight: 600; }
.quiet, .axis { fill: #59636e; }
.axis, .value { font-variant-numeric: tabular-nums; }
.back { fill: #ffffff; }
.grid { stroke: #d9dee3; }
.one { stroke: #59636e; }
.band { fill: #f4f6f8; }
.target { fill: #2a7f74; }
.bar { fill: #b87a00; }
.over { fill: #c23b3b; }
.peer, .info { fill: #9aa4ae; }
.mark { stroke: #1f2328; stroke-width: 2; }
.limit { stroke: #c23b3b; stroke-width: 2; }
.range { stroke: #1f2328; stroke-opacity: .55; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .quiet, .axis { fill: #9198a1; }
  .back { fill: #0d1117; }
  .grid { stroke: #2a313a; }
  .one { stroke: #9198a1; }
  .band { fill: #151b23; }
  .target { fill: #3fb5a6; }
  .bar { fill: #d9a01f; }
  .over { fill: #f26d6d; }
  .peer, .info { fill: #6e7782; }
  .mark { stroke: #e6edf3; }
  .limit { stroke: #f26d6d; }
  .range { stroke: #e6edf3; }
}
"""


class Axis:
    def __init__(self, rows):
        values = [1.0] + [value for row in rows for value in (row["ratio"], row["target"], row["bar"])
                          if value is not None and value > 0]
        self.low = math.floor(math.log2(min(values)))
        self.high = max(math.ceil(math.log2(max(values))), self.low + 1)

    def x(self, ratio):
        """Where a ratio lies; what is beyond the ends lies at them."""
        place = (math.log2(max(ratio, 2.0 ** self.low)) - self.low) / (self.high - self.low)
        return round(LEFT + min(place, 1.0) * (RIGHT - LEFT), 1)

    def ticks(self):
        """Pairs of a ratio and how it is written."""
        return [(2.0 ** power, f"1/{2 ** -power}" if power < 0 else str(2 ** power))
                for power in range(self.low, self.high + 1)]


def words(x, y, kind, content, anchor="start"):
    return f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(content)}</text>'


def upright(kind, x, top, bottom):
    return f'<line class="{kind}" x1="{x}" x2="{x}" y1="{top}" y2="{bottom}"/>'


def box(kind, x, y, width, height):
    return f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}"/>'


def measured_marks(row, axis, middle):
    """The bar, from 1 to the ratio, and the range of the rounds."""
    ends = sorted((axis.x(1), axis.x(row["ratio"])))
    return [box(row["verdict"], ends[0], middle - BAR_HEIGHT / 2, round(max(ends[1] - ends[0], 1), 1),
                BAR_HEIGHT),
            f'<line class="range" x1="{axis.x(row["min"])}" x2="{axis.x(row["max"])}" y1="{middle}" '
            f'y2="{middle}"/>']


def row_marks(row, axis, y):
    """One row, as a group that says everything when it is pointed at."""
    middle = y + STEP / 2
    reach = BAR_HEIGHT / 2 + 3
    out = [f"<g id={quoteattr('row-' + row['id'])}>",
           f"<title>{escape(row['id'] + ': ' + row['name'] + ' / ' + row['reference'])}</title>",
           words(16, middle + 4, "id", row["id"]),
           words(LEFT - 12, middle + 4, "quiet", shortened(row["name"], row["id"]), "end")]
    if row["ratio"] is not None:
        out += measured_marks(row, axis, middle)
    for kind, key in (("mark", "target"), ("limit", "bar")):
        if row[key] is not None:
            out.append(upright(kind, axis.x(row[key]), middle - reach, middle + reach))
    out.append(words(RIGHT + 12, middle + 4, "value", f"{number(row['ratio'])}  {row['verdict']}"))
    return out + ["</g>"]


def shortened(name, beside):
    """What there is room for next to another text."""
    room = 58 - int(1.15 * len(beside))
    return name if len(name) <= room else name[:room - 1].rstrip() + "\u2026"


def legend(rows):
    """One line for the bars' colours, with the words of the table, and the two uprights."""
    used = [word for word in VERDICTS if word != "n/a" and any(row["verdict"] == word for row in rows)]
    out, x = [], 16
    for word in used:
        out += [box(word, x, 56, 14, BAR_HEIGHT), words(x + 20, 65, "quiet", VERDICTS[word])]
        x += 44 + 6.3 * len(VERDICTS[word])
    for kind, word in (("mark", "target"), ("limit", "bar")):
        out += [upright(kind, round(x, 1), 53, 69), words(round(x + 8, 1), 65, "quiet", word)]
        x += 60
    return out


def picture(document):
    rows = document["rows"]
    axis = Axis(rows)
    bottom = TOP + STEP * len(rows)
    about = [f"libportc {document['version']}" if "version" in document else "",
             f"Linux {document['kernel']}" if "kernel" in document else "",
             f"{document['rounds']} rounds" if "rounds" in document else ""]
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 40}" '
           f'width="{WIDTH}" height="{bottom + 40}" role="img">',
           "<title>Time compared with the reference in the same run</title>",
           f"<style>{STYLE}</style>", box("back", 0, 0, WIDTH, bottom + 40),
           words(16, 32, "title", "Time compared with the reference in the same run; less is better"),
           words(WIDTH - 16, 32, "quiet", ", ".join(filter(None, about)), "end"), *legend(rows)]
    for i in range(0, len(rows), 2):
        out.append(box("band", 0, TOP + i * STEP, WIDTH, STEP))
    for ratio, label in axis.ticks():
        out.append(upright("one" if ratio == 1 else "grid", axis.x(ratio), TOP, bottom))
        out += [words(axis.x(ratio), y, "axis", label, "middle") for y in (TOP - 8, bottom + 18)]
    for i, row in enumerate(rows):
        out += row_marks(row, axis, TOP + i * STEP)
    return "\n".join([*out, "</svg>"]) + "\n"


# --- the program -----------------------------------------------------------------------

def parse():
    parser = argparse.ArgumentParser(description="One table of what the benchmark has measured.")
    parser.add_argument("--strict", action="store_true", default=os.environ.get("BENCH_STRICT") == "1")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--svg", type=pathlib.Path)
    parser.add_argument("measured", type=pathlib.Path, nargs="+", metavar="MEASURED.json")
    return parser.parse_args()


def main():
    options = parse()
    document = merge([json.loads(path.read_text()) for path in options.measured])
    print(table(document["rows"]))
    if options.json:
        options.json.write_text(json.dumps(document, indent=2) + "\n")
    if options.svg:
        options.svg.write_text(picture(document))
    return 1 if options.strict and any(is_missed(row) for row in document["rows"]) else 0


if __name__ == "__main__":
    sys.exit(main())
