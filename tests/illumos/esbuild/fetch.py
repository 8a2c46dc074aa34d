#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Fetches the packages that pins.txt names from the npm registry, and unpacks them.

  fetch.py FOLDER        FOLDER/NAME-VERSION/ gets each package's files

What is there already is left alone. A package whose contents are not what pins.txt says is not
unpacked. NPM_REGISTRY in the environment names another registry.
Exit status: 0; 1 a package is not what it should be; 3 the registry could not be reached.
"""

import base64
import hashlib
import os
import pathlib
import shutil
import sys
import tarfile
import urllib.request

PINS = pathlib.Path(__file__).with_name("pins.txt")
REGISTRY = os.environ.get("NPM_REGISTRY", "https://registry.npmjs.org").rstrip("/")
TIMEOUT_S = 120
UNREACHABLE = 3


def pins():
    for line in PINS.read_text().splitlines():
        if line and not line.startswith("#"):
            yield line.split()


def download(package, version, path):
    """To path, which appears when it is complete."""
    name = package.rpartition("/")[2]
    url = f"{REGISTRY}/{package}/-/{name}-{version}.tgz"
    print(f"fetching {url}", flush=True)
    part = path.with_suffix(".part")
    with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer, open(part, "wb") as file:
        shutil.copyfileobj(answer, file)
    part.rename(path)


def integrity(path):
    digest = hashlib.sha512(path.read_bytes()).digest()
    return "sha512-" + base64.b64encode(digest).decode()


def unpack(archive, folder):
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    with tarfile.open(archive) as tar:
        tar.extractall(part)
    (part / "package").rename(folder)
    shutil.rmtree(part)


def fetch(package, version, expected, top):
    name = f"{package.rpartition('/')[2]}-{version}"
    if (top / name).is_dir():
        return
    archive = top / f"{name}.tgz"
    if not archive.exists():
        download(package, version, archive)
    if integrity(archive) != expected:
        archive.unlink()
        raise ValueError(f"{package} {version} is not what pins.txt says")
    unpack(archive, top / name)


def main(arguments):
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    top = pathlib.Path(arguments[0])
    top.mkdir(parents=True, exist_ok=True)
    try:
        for package, version, expected in pins():
            fetch(package, version, expected, top)
    except ValueError as error:
        print(f"fetch.py: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"fetch.py: the npm registry could not be reached: {error}", file=sys.stderr)
        return UNREACHABLE
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
