"""The desk the synthetic persons sit at: real applications, started, placed and checked on one X display."""

import os
import shutil
import subprocess
import time

from Xlib import X, display

# mousepad shows a warning strip above the text when root runs it.
STRIP = 36 if os.geteuid() == 0 else 0
LINE = 18  # pixels, one line of mousepad's default font
CALCULATOR = {
    key: (34 + 65 * column, row)
    for row, keys in ((200, "789/"), (240, "456*"), (280, "123-"), (319, "0.~+"))
    for column, key in enumerate(keys)
} | {"=": (295, 300), "C": (185, 113)}


class Window:
    """A window with its place on the screen; positions inside are counted from its client area's corner."""

    def __init__(self, desk, window):
        self.desk, self.window = desk, window

    def place(self, x, y, width=None, height=None):
        size = {"width": width, "height": height} if width else {}
        self.window.configure(x=x, y=y, **size)
        self.desk.display.sync()
        time.sleep(0.4)
        return self

    def at(self, x, y):
        corner = self.desk.root.translate_coords(self.window, 0, 0)
        return corner.x + x, corner.y + y

    def size(self):
        box = self.window.get_geometry()
        return box.width, box.height

    def inside(self):
        """The part of the window in which a reader's pointer rests."""
        width, height = self.size()
        left, top = self.at(40, 110)
        right, bottom = self.at(width - 40, height - 60)
        return left, top, right, bottom

    def text(self, column, line):
        """The left edge of a character of mousepad's text, half way down its line."""
        return self.at(4 + 9 * column, 26 + STRIP + LINE * line)


class Desk:
    def __init__(self, home):
        self.home = home
        self.display = display.Display()
        self.root = self.display.screen().root
        self.started = []
        self.start("openbox", "--sm-disable")
        time.sleep(1.0)

    def start(self, *command):
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.started.append(subprocess.Popen(command, cwd=self.home, **silent))

    def window(self, title, seconds=20):
        """The window whose title contains `title`; waits for it, and stops the session when it never comes."""
        wanted = self.display.intern_atom("_NET_CLIENT_LIST")
        name = self.display.intern_atom("_NET_WM_NAME")
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self.root.get_full_property(wanted, X.AnyPropertyType)
            for number in found.value if found else []:
                window = self.display.create_resource_object("window", number)
                shown = window.get_full_property(name, X.AnyPropertyType)
                # xterm in a C locale has the old name only.
                shown = bytes(shown.value).decode("utf-8", "replace") if shown else window.get_wm_name()
                if title in (shown or ""):
                    return Window(self, window)
            time.sleep(0.1)
        raise SystemExit(f"no window with `{title}` in its title")

    def path(self, name):
        return os.path.join(self.home, name)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def expect(self, name, text):
        """The file an application saved holds exactly `text`: what was sent is what arrived."""
        with open(self.path(name), encoding="utf-8") as file:
            saved = file.read()
        if saved.rstrip("\n") != text.rstrip("\n"):
            raise SystemExit(f"{name} differs:\n  wanted {text!r}\n  saved  {saved!r}")
        print(f"  {name}: {len(saved)} characters, as intended", flush=True)

    def close(self):
        for process in reversed(self.started):
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()  # pcmanfm does not end while a dialog is open
                process.wait()
        shutil.rmtree(self.home, ignore_errors=True)
