"""A recorder as many are: pynput's listeners, a line of JSON an event. `capture.py FILE`, until standard input ends.

It writes what it saw in clear, as it comes; nothing is redacted, sealed or synced.
"""

import json
import os
import sys
import time

os.environ["PYNPUT_BACKEND"] = "xorg"

from pynput import keyboard, mouse  # noqa: E402

out = open(sys.argv[1], "w", buffering=1 << 16)


def put(kind, **what):
    out.write(json.dumps({"time": time.time(), "kind": kind, **what}) + "\n")


mice = mouse.Listener(
    on_move=lambda x, y, *_: put("move", x=x, y=y),
    on_click=lambda x, y, button, pressed, *_: put("click", x=x, y=y, button=button.name, pressed=pressed),
    on_scroll=lambda x, y, dx, dy, *_: put("scroll", x=x, y=y, dx=dx, dy=dy),
)
keys = keyboard.Listener(
    on_press=lambda key, *_: put("press", key=str(key)),
    on_release=lambda key, *_: put("release", key=str(key)),
)
mice.start()
keys.start()
mice.wait()
keys.wait()
print("ready", flush=True)
sys.stdin.read()
mice.stop()
keys.stop()
out.close()
