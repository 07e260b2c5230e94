#!/usr/bin/env python3
"""Reads testdata/vectors/segment and chain with go-opener: a reader in Go, written from spec/segment.md alone.

Usage: segment_open.py [FOLDER]      with the folders segment and chain; needs: Go 1.26 or newer, named by CANDOR_GO; no network

go-opener uses Go's standard library. Two parts of it cannot be imported from outside, the plain ChaCha20-Poly1305 and
zstd; they are copied for the run from the Go that is there. Exit status 1 if a vector comes out differently.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CRYPTO = "vendor/golang.org/x/crypto/"
COPIED = ["internal/zstd", CRYPTO + "chacha20poly1305", CRYPTO + "chacha20",
          CRYPTO + "internal/alias", CRYPTO + "internal/poly1305"]
IMPORT = re.compile(r'^(\s*(?:import\s+)?)"golang\.org/x/crypto/(?:internal/)?([a-z0-9]+)"$', re.MULTILINE)


def prepare(goroot, module):
    """go-opener and what it needs, as one module."""
    (module / "go.mod").write_text("module opener\n\ngo 1.26\n")
    for source in (HERE / "go-opener").glob("*.go"):
        (module / source.name).write_bytes(source.read_bytes())
    for package in COPIED:
        target = module / package.rsplit("/", 1)[1]
        target.mkdir()
        for source in (goroot / "src" / package).glob("*.go"):
            if not source.name.endswith("_test.go"):
                (target / source.name).write_text(IMPORT.sub(r'\1"opener/\2"', source.read_text()))


def main():
    go = os.environ.get("CANDOR_GO")
    if not go:
        print("SKIPPED: segments are not opened with Go, CANDOR_GO names none")
        return 0
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "testdata/vectors"
    kinds = {kind: sorted((folder / kind).glob("*")) for kind in ("segment", "chain")}
    for kind, paths in kinds.items():
        if not paths:
            print(f"no vectors in {folder / kind}")
            return 1
    vectors = [path for paths in kinds.values() for path in paths]
    with tempfile.TemporaryDirectory(prefix="go-opener-") as temporary:
        temporary = pathlib.Path(temporary)
        environment = {**os.environ, "GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOTOOLCHAIN": "local", "GOWORK": "off",
                       "GOENV": "off", "CGO_ENABLED": "0", "GOPATH": str(temporary / "path"),
                       "GOCACHE": os.environ.get("GOCACHE", str(temporary / "cache"))}
        module = temporary / "opener"
        module.mkdir()

        def run(*command):
            return subprocess.run(command, cwd=module, env=environment, text=True, capture_output=True)

        goroot = run(go, "env", "GOROOT", "GOVERSION")
        if goroot.returncode != 0:
            print(f"{go} does not work: {goroot.stderr}")
            return 2
        root, version = goroot.stdout.split("\n")[:2]
        prepare(pathlib.Path(root), module)
        # purego: without assembly the copies need no further package.
        program = temporary / "go-opener"
        built = run(go, "build", "-tags=purego", "-o", str(program), ".")
        if built.returncode != 0:
            print(f"go-opener does not build:\n{built.stdout}{built.stderr}")
            return 2
        opened = run(str(program), *(str(path.resolve()) for path in vectors))
    lines = opened.stdout.splitlines()
    good = opened.returncode == 0 and len(lines) == len(vectors)
    if not good:
        print(opened.stdout + opened.stderr, end="")
    count = sum(line.split(" ")[1] == "opened" for line in lines)
    outcome = "all as expected" if good else "NOT all as expected"
    told = " and ".join(f"{len(paths)} {kind} vectors" for kind, paths in kinds.items())
    print(f"{version}: {told}, {count} opened, {len(lines) - count} refused, {outcome}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
