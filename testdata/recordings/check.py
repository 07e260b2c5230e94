#!/usr/bin/env python3
"""Check recordings and say what is in them: check.py FILE…   (exit 1 when one is not as the README promises)"""

import collections
import json
import os
import sys


def faults(events):
    """Everything wrong with one recording, as sentences."""
    down, last = set(), 0.0
    for number, event in enumerate(events, 1):
        if event["time_stamp"] < last:
            yield f"line {number}: time runs backwards"
        last = event["time_stamp"]
        thing = event.get("name") or event.get("button")
        if event["action"] == "press" or event.get("pressed") is True:
            if thing in down:
                yield f"line {number}: {thing} goes down twice"
            down.add(thing)
        elif event["action"] == "release" or event.get("pressed") is False:
            if thing not in down:
                yield f"line {number}: {thing} goes up without having gone down"
            down.discard(thing)
    # Movements that were kept back, by RECORD's buffer or a stalled machine, come in one heap: the rhythm is lost.
    pairs = [(a, b) for a, b in zip(events, events[1:]) if a["action"] == b["action"] == "move"]
    moves = [b["time_stamp"] - a["time_stamp"] for a, b in pairs]
    heaped = sum(gap < 0.001 for gap in moves)
    if heaped > len(moves) / 20:
        yield f"{heaped} of {len(moves)} movements follow the one before within 1 ms"
    for thing in sorted(down):
        yield f"at the end {thing} is still down"


def main():
    bad = False
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            events = [json.loads(line) for line in file]
        span = events[-1]["time_stamp"] - events[0]["time_stamp"]
        counts = collections.Counter(event["action"] for event in events)
        found = list(faults(events))
        size = os.path.getsize(path)
        print(f"{os.path.basename(path)}: {len(events)} events, {span:.1f} s, {size} bytes,", dict(counts))
        for fault in found:
            print(f"  {fault}")
        bad |= bool(found) or not 3000 <= len(events) <= 9000 or size > 700 * 1024
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
