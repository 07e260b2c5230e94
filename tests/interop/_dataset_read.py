"""Reads a dataset with its keys, from spec/dataset.md alone. Usage: _dataset_read.py FOLDER CANARY

FOLDER holds the files of one version and keys.json (pseudonym -> file key in hexadecimal), which only tests write.
"""

import ast
import hashlib
import io
import itertools
import json
import re
import struct
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CHUNK = 65536


def derive(key, salt, label, place):
    return HKDF(hashes.SHA256(), 32, salt or None, label + b"\0" + place.encode()).derive(key)


def open_stream(key, place, sealed):
    head, body = sealed[:53], sealed[53:]
    assert head[:5] == b"CNDD\x01"
    salt = head[5:21]
    assert derive(key, salt, b"candor dataset commit v1", place) == head[21:], "another key"
    cipher = ChaCha20Poly1305(derive(key, salt, b"candor dataset stream v1", place))
    plain = b""
    for number in range((max(len(body), 1) + CHUNK + 15) // (CHUNK + 16)):
        chunk, rest = body[: CHUNK + 16], body[CHUNK + 16 :]
        nonce = bytes(7) + struct.pack(">I", number) + bytes([not rest])
        plain += cipher.decrypt(nonce, chunk, head)
        body = rest
    return plain


def read_parquet(data, key):
    properties = pe.create_decryption_properties(key) if key else None
    return pq.ParquetFile(io.BytesIO(data), decryption_properties=properties).read()


def digest(rows):
    total = bytes(32)
    for row in rows:
        canonical = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        total = hashlib.sha256(total + hashlib.sha256(canonical.encode()).digest()).digest()
    return total.hex()


LETTER = {"L": "x", "D": "0", "S": " ", "P": "."}
KINDS = "EMAIL|URL|IP|MAC|PHONE|CARD|ACCOUNT|NATIONAL_ID|BIRTH_DATE|ADDRESS|NAME"
PART = re.compile(rf"⟦⟦|⟦([LDSP])([1-9][0-9]*)⟧|⟦(({KINDS})_[1-9][0-9]*)⟧|[^⟦]")


def typed(text):
    """A `text` as (letter, characters or None, value or None), one for each thing typed."""
    parts, at = [], 0
    while at < len(text):
        part = PART.match(text, at)
        assert part, "a text with a mark that is none"
        at = part.end()
        if part[1]:
            parts += [(part[1], None, None)] * int(part[2])
        elif part[3]:
            parts.append(("V", None, part[3]))
        else:
            c = part[0][0]
            letter = "N" if c == "\n" else "S" if c.isspace() else "L" if c.isalpha() else "D" if c.isnumeric() else "P"
            parts.append((letter, c, None))
    return parts


def run_lengths(letters):
    return " ".join(f"{letter}{len(list(run))}" for letter, run in itertools.groupby(letters))


def message(row):
    """What the AgentNet line of a typing step writes, and whether it must say that it is redacted."""
    if row["text"] is None:
        runs = [(run[0], int(run[1:])) for run in row["shapes"].split(" ")]
        return "".join(LETTER.get(letter, "\n") * count for letter, count in runs), any(run[0] != "N" for run in runs)
    parts = typed(row["text"])
    if any(c is None for _, c, _ in parts):
        return row["text"], True
    return "".join(c for _, c, _ in parts), False


def types_text(code):
    return "pyautogui.write(" in code or code.startswith("pyautogui.press(keys=['enter'])")


def written(code):
    """What a step's code types."""
    calls = [line.value for line in ast.parse(code).body]
    return "".join(call.keywords[0].value.value if call.func.attr == "write" else "\n" for call in calls)


def element(row):
    """What the AgentNet line of a step says of its element, but for the rectangle, which a screen divides."""
    if row["element_role"] is None:
        assert all(row[f"element_{part}"] is None for part in ("name", "x", "y", "width", "height"))
        return None
    if row["action"] in ("click", "long-press", "drag"):
        assert 0 <= row["x"] - row["element_x"] < row["element_width"]
        assert 0 <= row["y"] - row["element_y"] < row["element_height"]
    return row["element_role"], row["element_name"]


def aim(value):
    told = value.get("metadata")
    if told is None:
        return None
    (box,) = told["bboxes"]
    assert all(0 <= share <= 1 for share in box["rel_bbox"])
    return told["role"], told.get("name")


def refused(read):
    try:
        read()
    except (OSError, InvalidTag, AssertionError):
        return True
    return False


def main(folder, canary):
    manifest = json.loads((folder / "manifest.json").read_text())
    keys = {name: bytes.fromhex(key) for name, key in json.loads((folder / "keys.json").read_text()).items()}
    rows_total, typing, lines, texts, elements, aims = 0, {}, {}, 0, {}, {}
    for entry in manifest["files"]:
        data = (folder / entry["name"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == entry["sha256"] and len(data) == entry["bytes"]
        assert canary.encode() not in data and b"start_us" not in data
        key = keys[entry["participant"]]
        other = next(other for other in keys.values() if other != key)
        place = f"{manifest['dataset']}/{manifest['version']}/{entry['name']}"
        if entry["format"] == "parquet":
            label = b"candor dataset parquet v1"
            table = read_parquet(data, derive(key, b"", label, place))
            assert {name: None for name in table.column_names}.keys() == manifest["schema"].keys()
            rows = table.to_pylist()
            assert len(rows) == entry["rows"] and digest(rows) == entry["rows_digest"]
            assert any(row["app"] == canary for row in rows)
            rows_total += len(rows)
            elements[entry["participant"]] = [element(row) for row in rows if row["action"] != "gap"]
            typing[entry["participant"]] = [message(row) for row in rows if row["action"] == "type"]
            for row in rows:
                assert (row["shapes"] is None) == (row["action"] != "type") and (row["text"] is None or row["shapes"])
                if row["text"] is not None:
                    assert run_lengths(letter for letter, _, _ in typed(row["text"])) == row["shapes"]
                    texts += 1
            assert refused(lambda: read_parquet(data, None)), "opened without a key"
            assert refused(lambda: read_parquet(data, derive(other, b"", label, place))), "opened with another's key"
        else:
            tasks = [json.loads(line) for line in open_stream(key, place, data).splitlines()]
            codes = [step["value"]["code"] for task in tasks for step in task["traj"]]
            for code in codes:
                compile(code, "step", "exec")
            values = [step["value"] for task in tasks for step in task["traj"]]
            types = [(value, written(value["code"])) for value in values if types_text(value["code"])]
            told = [(what, value.get("redacted", False)) for value, what in types]
            lines[entry["participant"]] = told
            aims[entry["participant"]] = [aim(value) for value in values]
            assert codes and all([step["index"] for step in task["traj"]] == list(range(len(task["traj"]))) for task in tasks)
            assert refused(lambda: open_stream(other, place, data)), "opened with another's key"
            assert refused(lambda: open_stream(key, place, data[:-1])), "opened though cut"
    assert texts and lines == typing, "the two formats say different things of what was typed"
    assert elements == aims, "the two formats say different things of elements"
    assert any(told for told in elements.values() for told in told), "no step carries an element"
    print(f"{len(manifest['files'])} files read with their keys and refused without, {rows_total} Parquet rows, {texts} with text")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
