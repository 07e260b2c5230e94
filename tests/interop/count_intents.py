"""Counts the intents in a vault's log and compares them with custody's counter.

    count_intents.py VAULT          prints both; exit code 1 where they differ
    count_intents.py --count LOG    prints the number of intents in a log's folder
    count_intents.py                checks itself on bundles it writes, the right and the wrong

Reads the C2SP tlog-tiles entry bundles and nothing of ours: `tile/entries/NNN`, each entry two bytes of length
(big-endian) and the leaf, whose second byte is its kind (spec/release.md). The standard library is enough.
"""

import json
import pathlib
import sys
import tempfile

INTENT = 6
BUNDLE = 256


def tree_size(log):
    lines = (log / "checkpoint").read_text().splitlines()
    return int(lines[1])


def bundle_path(log, index, width):
    parts = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        parts.insert(0, f"x{index % 1000:03d}")
    path = log.joinpath("tile", "entries", *parts)
    return path if width == BUNDLE else path.with_name(path.name + ".p") / str(width)


def leaves(log):
    size = tree_size(log)
    for index in range((size + BUNDLE - 1) // BUNDLE):
        width = min(BUNDLE, size - index * BUNDLE)
        data = bundle_path(log, index, width).read_bytes()
        for _ in range(width):
            length = int.from_bytes(data[:2], "big")
            leaf, data = data[2 : 2 + length], data[2 + length :]
            if len(leaf) != length or length < 2:
                raise SystemExit(f"bundle {index}: cut off")
            yield leaf
        if data:
            raise SystemExit(f"bundle {index}: bytes follow its entries")


def count(log):
    return sum(leaf[1] == INTENT for leaf in leaves(log))


def compare(vault):
    intents = count(vault / "log")
    counter = json.loads((vault / "counter.json").read_text())["counter"]
    print(f"{intents} intents logged, custody counted {counter}")
    # An intent that released nothing is legal; a release without an intent is not.
    return 0 if intents >= counter else 1


def check_self():
    with tempfile.TemporaryDirectory() as folder:
        vault = pathlib.Path(folder)
        kinds = [4] * 256 + [6, 7, 6, 7]
        for index in range(2):
            part = kinds[index * BUNDLE : (index + 1) * BUNDLE]
            path = bundle_path(vault / "log", index, len(part))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"".join(b"\0\x22" + bytes([1, kind]) + bytes(32) for kind in part))
        (vault / "log" / "checkpoint").write_text(f"log\n{len(kinds)}\nroot\n")
        for counter, expected in ((2, 0), (3, 1)):
            (vault / "counter.json").write_text(json.dumps({"counter": counter}))
            if compare(vault) != expected:
                raise SystemExit(f"a counter of {counter} was not judged right")
    return 0


def main(arguments):
    if not arguments:
        return check_self()
    if arguments[0] == "--count":
        print(count(pathlib.Path(arguments[1])))
        return 0
    return compare(pathlib.Path(arguments[0]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
