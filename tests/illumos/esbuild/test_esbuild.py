# SPDX-License-Identifier: MIT
"""The published esbuild for illumos does under portc-run what the one for Linux does.

PORTC_RUN is the launcher, ESBUILD_FOLDER where fetch.py has unpacked the packages.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import threading
import urllib.error
import urllib.request

import pytest

HERE = pathlib.Path(__file__).parent
LAUNCHER = pathlib.Path(os.environ["PORTC_RUN"]).absolute()
PACKAGES = pathlib.Path(os.environ["ESBUILD_FOLDER"]).absolute()
RELEASES = ("0.21.5", "0.28.2")  # of Go 1.20 and Go 1.26
COMPARED = "0.28.2"
MODULES = 300
LIMIT_S = 60


def illumos(release):
    return [str(LAUNCHER), str(PACKAGES / f"sunos-x64-{release}" / "bin" / "esbuild")]


def linux():
    return [str(PACKAGES / f"linux-x64-{COMPARED}" / "bin" / "esbuild")]


def run(command, folder, text=None):
    return subprocess.run(command, cwd=folder, input=text, text=True, capture_output=True,
                          timeout=LIMIT_S, check=False)


@pytest.fixture(name="project")
def make_project(tmp_path):
    """A chain of modules, some of them in TypeScript, and what imports all of them."""
    source = tmp_path / "src"
    source.mkdir()
    for number in range(MODULES):
        before = f'import {{ f{number - 1} }} from "./m{number - 1}";\n' if number else ""
        call = f"f{number - 1}(n) + {number}" if number else "n"
        (source / f"m{number}.ts").write_text(
            f"{before}export function f{number}(n: number): number {{ return {call}; }}\n")
    (source / "main.ts").write_text(
        f'import {{ f{MODULES - 1} }} from "./m{MODULES - 1}";\n'
        f"console.log(f{MODULES - 1}(1));\n")
    return tmp_path


@pytest.mark.parametrize("release", RELEASES)
def test_version(release, tmp_path):
    result = run([*illumos(release), "--version"], tmp_path)
    assert (result.returncode, result.stdout.strip()) == (0, release)


@pytest.mark.parametrize("release", RELEASES)
def test_nothing_is_missing(release, tmp_path):
    launcher, program = illumos(release)
    result = run([launcher, "--check", program], tmp_path)
    assert result.returncode == 0
    assert " 0 missing, 0 libraries missing" in result.stdout


@pytest.mark.parametrize("release", RELEASES)
def test_bundle_runs(release, project):
    result = run([*illumos(release), "src/main.ts", "--bundle", "--outfile=out.js"], project)
    assert result.returncode == 0, result.stderr
    assert run(["node", "out.js"], project).stdout == f"{1 + sum(range(MODULES))}\n"


@pytest.mark.parametrize("options", [[], ["--minify"], ["--format=esm", "--splitting"],
                                     ["--sourcemap"], ["--minify", "--sourcemap=inline"],
                                     ["--metafile=meta.json"], ["--target=es2015"]])
def test_output_is_that_of_linux(options, project):
    outputs = []
    for name, command in (("illumos", illumos(COMPARED)), ("linux", linux())):
        folder = project / "out"
        shutil.rmtree(folder, ignore_errors=True)
        result = run([*command, "src/main.ts", "--bundle", "--outdir=out", *options], project)
        assert result.returncode == 0, (name, result.stderr)
        files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
        if (project / "meta.json").exists():
            files["meta"] = json.loads((project / "meta.json").read_text())
        outputs.append(files)
    assert outputs[0] == outputs[1]
    assert outputs[0]


def test_errors_are_those_of_linux(tmp_path):
    results = [run(command, tmp_path, "let x = = 1") for command in (illumos(COMPARED), linux())]
    assert results[0].returncode == results[1].returncode == 1
    assert results[0].stderr == results[1].stderr


def test_from_standard_input(tmp_path):
    result = run([*illumos(COMPARED), "--loader=ts", "--minify"], tmp_path,
                 "let x: number = 1 + 2; console.log(x)")
    assert (result.returncode, result.stdout) == (0, "let x=3;console.log(x);\n")


class Running:
    """An esbuild that stays: its lines, and its end when its standard input ends."""

    def __init__(self, arguments, folder):
        self.process = subprocess.Popen(
            [*illumos(COMPARED), *arguments], cwd=folder, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.watchdog = threading.Timer(LIMIT_S, self.process.kill)
        self.watchdog.start()

    def wait_for(self, pattern):
        for line in self.process.stderr:
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"it ended without {pattern}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.watchdog.cancel()
        self.process.stdin.close()
        self.process.stderr.close()
        self.process.wait()


def test_watch(tmp_path):
    (tmp_path / "data.json").write_text('"one"')
    (tmp_path / "main.js").write_text('import d from "./data.json"; console.log(d)')
    with Running(["main.js", "--bundle", "--outfile=out.js", "--watch"], tmp_path) as esbuild:
        esbuild.wait_for("build finished")
        assert "one" in (tmp_path / "out.js").read_text()
        for word in ("two", "three"):
            (tmp_path / "data.json").write_text(f'"{word}"')
            esbuild.wait_for("build finished")
            assert word in (tmp_path / "out.js").read_text()


def get(url):
    with urllib.request.urlopen(url, timeout=LIMIT_S) as answer:
        return answer.read()


def test_serve(project):
    arguments = ["src/main.ts", "--bundle", "--outdir=www/js", "--servedir=www",
                 "--serve=127.0.0.1:0"]
    with Running(arguments, project) as esbuild:
        url = esbuild.wait_for(r"http://127\.0\.0\.1:\d+/")[0] + "js/main.js"
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            answers = set(pool.map(get, [url] * 200))
        assert len(answers) == 1
        with pytest.raises(urllib.error.HTTPError, match="404"):
            get(url + "x")


def test_javascript_interface(project):
    """npm's esbuild package starts the program as a service, and talks to it through pipes."""
    program = project / "esbuild"
    launcher, binary = illumos(COMPARED)
    program.write_text(f'#!/bin/sh\nexec "{launcher}" "{binary}" "$@"\n')
    program.chmod(0o755)
    environment = {**os.environ, "ESBUILD_BINARY_PATH": str(program),
                   "ESBUILD_PACKAGE": str(PACKAGES / f"esbuild-{COMPARED}")}
    result = subprocess.run(["node", str(HERE / "service.js")], cwd=project, env=environment,
                            text=True, capture_output=True, timeout=LIMIT_S, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["version", "build", "plugin", "context", "200", "done"]
