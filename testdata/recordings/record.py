#!/usr/bin/env python3
"""Write what happens on this X display as one JSON object a line, in the shape of DuckTrack's events.jsonl.

usage: record.py FILE     (stops on SIGTERM, after writing everything it has seen)

Times are seconds on the monotonic clock, to the microsecond. Keys have pynput's names.
"""

import json
import signal
import sys
import threading
import time

from pynput import keyboard, mouse


class Writer:
    """Stamps and writes under one lock: pynput calls from two threads, and times must not run backwards."""

    def __init__(self, path):
        self.lock = threading.Lock()
        self.file = open(path, "w", encoding="utf-8")

    def put(self, action, **fields):
        with self.lock:
            stamp = round(time.monotonic(), 6)
            self.file.write(json.dumps({"time_stamp": stamp, "action": action, **fields}) + "\n")


def name_of(key):
    """`a`, `A`, `;` for a key with a character, `enter`, `shift`, `ctrl` for one without."""
    if isinstance(key, keyboard.Key):
        return key.name
    return key.char if key.char is not None else f"<{key.vk}>"


def main():
    out = Writer(sys.argv[1])
    done = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: done.set())
    pointer = mouse.Listener(
        on_move=lambda x, y, *_: out.put("move", x=x, y=y),
        on_click=lambda x, y, button, pressed, *_: out.put("click", x=x, y=y, button=button.name, pressed=pressed),
        on_scroll=lambda x, y, dx, dy, *_: out.put("scroll", x=x, y=y, dx=dx, dy=dy),
    )
    keys = keyboard.Listener(
        on_press=lambda key, *_: out.put("press", name=name_of(key)),
        on_release=lambda key, *_: out.put("release", name=name_of(key)),
    )
    pointer.start()
    keys.start()
    pointer.wait()
    keys.wait()
    print("listening", flush=True)
    done.wait()
    pointer.stop()
    keys.stop()
    with out.lock:
        out.file.close()


if __name__ == "__main__":
    main()
