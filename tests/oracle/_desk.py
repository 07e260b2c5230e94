"""What both oracles share: the X server, its keyboard, the model behind a pipe, and the scripts."""

import os
import random
import subprocess

from Xlib import XK, X, display
from Xlib.ext import xtest

# W3C name -> X keysym name.
NAMED = {
    "Backspace": "BackSpace", "Delete": "Delete", "Insert": "Insert", "Tab": "Tab", "Enter": "Return",
    "Escape": "Escape", "ArrowLeft": "Left", "ArrowRight": "Right", "ArrowUp": "Up", "ArrowDown": "Down",
    "Home": "Home", "End": "End", "PageUp": "Prior", "PageDown": "Next", "F12": "F12",
}
MODIFIERS = {"S": "Shift_L", "C": "Control_L", "A": "Alt_L"}
WORDS = ["the", "quick", "fox", "a", "it's", "e-mail", "x2", "foo_bar", "Mr.", "42", "jumps", "end,"]


def server():
    """Starts an X server of our own and makes it the display; the caller ends it."""
    read, write = os.pipe()
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "800x600x24", "-nolisten", "tcp"],
        pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as number:
        os.environ["DISPLAY"] = ":" + number.readline().strip()
    return process


class Keyboard:
    """Keys, pressed through XTEST."""

    def __init__(self):
        self.display = display.Display()
        self.pressed = 0

    def _fake(self, keysym, down):
        code = self.display.keysym_to_keycode(keysym)
        assert code, f"no key types keysym {keysym:#x}"
        xtest.fake_input(self.display, X.KeyPress if down else X.KeyRelease, code)

    def press(self, modifiers, key):
        """Presses and releases one key under its modifiers."""
        held = [XK.string_to_keysym(MODIFIERS[m]) for m in modifiers]
        if key in NAMED:
            keysym = XK.string_to_keysym(NAMED[key])
        else:
            keysym = ord(key)
            code = self.display.keysym_to_keycode(keysym)
            if self.display.keycode_to_keysym(code, 0) != keysym and "S" not in modifiers:
                held.append(XK.string_to_keysym("Shift_L"))
        for modifier in held:
            self._fake(modifier, True)
        self._fake(keysym, True)
        self._fake(keysym, False)
        for modifier in reversed(held):
            self._fake(modifier, False)
        self.display.sync()
        self.pressed += len(held) + 1

    def focus(self, window):
        """Gives a window the keyboard: there is no window manager."""
        self.display.create_resource_object("window", window).set_input_focus(X.RevertToParent, X.CurrentTime)
        self.display.sync()


class Model:
    """The model, in its own process."""

    def __init__(self):
        self.process = subprocess.Popen([os.environ["CANDOR_TEXT_MODEL"]], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def _ask(self, request):
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        confidence, caret, anchor, text = self.process.stdout.readline().split()
        number = lambda word: None if word == "-" else int(word)
        return confidence, number(caret), number(anchor), "" if text == "-" else bytes.fromhex(text).decode()

    def new(self, bindings, lines):
        return self._ask(f"new {bindings} {lines}")

    def key(self, modifiers, key):
        word = key if key in NAMED else f"U+{ord(key):04X}"
        return self._ask(f"key {modifiers or '-'} {word}")


class Tally:
    """How often the model was asked, knew, and was wrong."""

    def __init__(self, name):
        self.name, self.asked, self.unknown, self.wrong = name, 0, 0, 0

    def check(self, said, text, selection, script):
        """Compares what the model said with the widget's text and selection, its ends in either order."""
        confidence, caret, anchor, held = said
        self.asked += 1
        if confidence != "Synced":
            self.unknown += 1
            return
        ends = sorted((caret, anchor)) if selection[0] != selection[1] else [caret, anchor]
        if (held, ends) != (text, sorted(selection)):
            self.wrong += 1
            if self.wrong <= 3:
                print(f"{self.name}: after {script}\n  field {text!r} {sorted(selection)}\n  model {held!r} {ends}")

    def report(self):
        percent = lambda count: 100 * count / max(1, self.asked)
        print(f"{self.name}: {self.asked} states, disagreement while synced {percent(self.wrong):.3f} %, "
              f"not synced {percent(self.unknown):.1f} %")
        return self.wrong == 0 and self.unknown < 0.6 * self.asked


def script(rng, edits, length):
    """A list of (modifiers, key): words, and edits among them drawn from a weighted table."""
    keys = []
    table, weights = zip(*edits.items())
    while len(keys) < length:
        if rng.random() < 0.45:
            keys += [("", c) for c in rng.choice(WORDS) + rng.choice([" ", "", "  "])]
        else:
            modifiers, _, key = rng.choices(table, weights)[0].rpartition("-")
            keys += [(modifiers.replace("-", ""), key)] * rng.choice([1, 1, 2, 3])
    return keys


def seed():
    """The run's own seed, printed so that a run can be repeated."""
    chosen = int(os.environ.get("CANDOR_ORACLE_SEED", "1"))
    print(f"seed {chosen}")
    return random.Random(chosen)
