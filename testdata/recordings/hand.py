"""A synthetic person's hands: key strokes and pointer paths, sent to an X display through the XTEST extension.

Every habit is a number in `Habits`, every chance comes from one seeded generator; the clock alone is real.
"""

import math
import random
import time
from dataclasses import dataclass

from Xlib import X, XK, display
from Xlib.ext import xtest

# The keys that lie beside each letter on a US keyboard: a typo hits one of them.
BESIDE = {
    "a": "sqw", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "ko", "m": "n", "n": "bm", "o": "ip", "p": "ol", "q": "wa", "r": "et", "s": "ad", "t": "ry",
    "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "xa",
}
KEYSYMS = {
    "\n": "Return", "\t": "Tab", " ": "space", ".": "period", ",": "comma", "-": "minus", "/": "slash", ":": "colon",
    "'": "apostrophe", '"': "quotedbl", ">": "greater", "|": "bar", "*": "asterisk", "=": "equal", "+": "plus",
    ";": "semicolon", "?": "question", "!": "exclam", "(": "parenleft", ")": "parenright", "_": "underscore",
}
SHIFTED = set(':">|*+?!()_')


@dataclass(frozen=True)
class Habits:
    """How one person types and points. Seconds, pixels, chances from 0 to 1."""

    seed: int
    between: float  # mean time from one key press to the next
    between_sd: float
    hold: float  # mean time a key stays down
    hold_sd: float
    word_pause: float  # mean extra time at a word's start
    typo: float  # chance per letter
    notice: int  # letters typed at most before a typo is seen
    hz: float  # pointer reports a second
    reach: float  # slope of the pointer's time over the index of difficulty (Fitts), seconds a bit
    bend: float  # sideways bulge of a pointer path, as a part of its length
    overshoot: float  # chance that a movement needs a second, smaller one
    tremor: float  # pixels


class Hand:
    def __init__(self, habits, name=None):
        self.habits = habits
        self.chance = random.Random(habits.seed)
        self.display = display.Display(name)
        self.root = self.display.screen().root
        at = self.root.query_pointer()
        self.x, self.y = at.root_x, at.root_y

    # Time

    def gauss(self, mean, sd, least):
        return max(least, self.chance.gauss(mean, sd))

    def idle(self, seconds):
        """Rest; the pointer drifts by a pixel now and then, as under a hand that lies on the mouse."""
        end = time.monotonic() + self.gauss(seconds, seconds * 0.15, 0.2)
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, self.gauss(1.6, 0.7, 0.3)))
            if end - time.monotonic() > 0.3 and self.chance.random() < 0.35:
                self.put(self.x + self.chance.choice((-1, 0, 1)), self.y + self.chance.choice((-1, 0, 1)))

    def until(self, moment):
        time.sleep(max(0.0, moment - time.monotonic()))

    # Keys

    def send(self, kind, detail, x=0, y=0):
        xtest.fake_input(self.display, kind, detail, x=x, y=y)
        # The round trip makes the server flush: over a window that ignores motion, such as xterm's, RECORD else keeps
        # 32 events back and hands them over in one heap, and the recorder stamps them all with that moment.
        self.display.sync()

    def code(self, keysym):
        number = XK.string_to_keysym(keysym)
        code = self.display.keysym_to_keycode(number)
        if code == 0:
            raise SystemExit(f"no key for `{keysym}` on this display's keyboard")
        return code

    def strokes(self, text):
        """Type exactly `text`, characters only. Keys overlap as fast typing does, but never across a Shift."""
        habits, due, order = self.habits, [], 0
        now = time.monotonic() + 0.02
        shift = self.code("Shift_L")
        free = now  # when the last key goes up
        shifted = False
        for before, letter in zip(" " + text, text):
            wants = letter.isupper() or letter in SHIFTED
            if wants != shifted:
                now = max(now, free + 0.015)
                due.append((now, order, X.KeyPress if wants else X.KeyRelease, shift))
                now += self.gauss(0.06, 0.02, 0.02)
                order, shifted = order + 1, wants
            code = self.code(KEYSYMS.get(letter, letter))
            if letter == before:
                now = max(now, free + 0.02)
            up = now + self.gauss(habits.hold, habits.hold_sd, 0.03)
            due += [(now, order, X.KeyPress, code), (up, order + 1, X.KeyRelease, code)]
            order, free = order + 2, max(free, up)
            now += self.gauss(habits.between, habits.between_sd, 0.05)
            if letter in " \n":
                now += self.chance.expovariate(1 / habits.word_pause)
        if shifted:
            due.append((max(now, free + 0.015), order, X.KeyRelease, shift))
        # A letter typed again while its first press is still down would be lost: lift it early.
        for moment, _, kind, code in lifted(due):
            self.until(moment)
            self.send(kind, code)
        time.sleep(self.gauss(0.08, 0.02, 0.03))

    def type(self, text):
        """Type `text` with this person's slips, each one noticed and taken back with Backspace."""
        start = 0
        for at, letter in enumerate(text):
            if letter not in BESIDE or at < start or self.chance.random() >= self.habits.typo:
                continue
            self.strokes(text[start:at])
            run = text[at + 1 : at + 1 + self.chance.randint(0, self.habits.notice)]
            run = run.replace("\t", "\n").split("\n")[0]  # a Tab or Enter cannot be taken back
            self.strokes(self.chance.choice(BESIDE[letter]) + run)
            time.sleep(self.gauss(0.35, 0.12, 0.12))
            for _ in range(1 + len(run)):
                self.key("BackSpace")
            start = at
        self.strokes(text[start:])

    def key(self, keysym, *held, times=1):
        """One key, `times` over, while the keys `held` are down: `key("s", "Control_L")`."""
        habits = self.habits
        for code in map(self.code, held):
            self.send(X.KeyPress, code)
            time.sleep(self.gauss(0.09, 0.03, 0.03))
        for _ in range(times):
            self.send(X.KeyPress, self.code(keysym))
            time.sleep(self.gauss(habits.hold, habits.hold_sd, 0.03))
            self.send(X.KeyRelease, self.code(keysym))
            time.sleep(self.gauss(habits.between * 0.6, habits.between_sd * 0.4, 0.03))
        for code in reversed([self.code(name) for name in held]):
            self.send(X.KeyRelease, code)
            time.sleep(self.gauss(0.05, 0.02, 0.02))

    def press_keys(self, *strokes):
        """Shortcuts written as `ctrl+s`, one after another with a thought between."""
        names = {"ctrl": "Control_L", "shift": "Shift_L", "alt": "Alt_L"}
        for stroke in strokes:
            *held, last = stroke.split("+")
            self.key(last, *[names[name] for name in held])
            time.sleep(self.gauss(0.4, 0.12, 0.2))

    # Pointer

    def put(self, x, y):
        x, y = round(x), round(y)
        if (x, y) != (self.x, self.y):
            self.x, self.y = x, y
            self.send(X.MotionNotify, 0, x, y)

    def glide(self, x, y, width=24.0):
        """One minimum-jerk movement, bent to a side, at about `hz` reports a second."""
        habits = self.habits
        from_x, from_y = self.x, self.y
        length = math.hypot(x - from_x, y - from_y)
        if length < 1.0:
            return
        lasts = self.gauss(0.12 + habits.reach * math.log2(length / width + 1), 0.05, 0.08)
        side = self.chance.gauss(0, habits.bend) * length
        across = (-(y - from_y) / length, (x - from_x) / length)
        began, shake = time.monotonic(), 0.0
        next_at = began
        while True:
            next_at = max(next_at + self.gauss(1 / habits.hz, 0.15 / habits.hz, 0.002), time.monotonic())
            self.until(next_at)
            part = min(1.0, (time.monotonic() - began) / lasts)
            eased = part**3 * (10 - 15 * part + 6 * part**2)
            shake = 0.8 * shake + 0.2 * self.chance.gauss(0, habits.tremor * 3)
            off = side * 4 * eased * (1 - eased) + (shake if part < 1 else 0)
            self.put(from_x + (x - from_x) * eased + across[0] * off, from_y + (y - from_y) * eased + across[1] * off)
            if part >= 1.0:
                return

    def move(self, x, y):
        """Go to a target; sometimes too far or short at first, then back."""
        length = math.hypot(x - self.x, y - self.y)
        if length > 60 and self.chance.random() < self.habits.overshoot:
            miss = self.chance.gauss(1.03, 0.05)
            self.glide(self.x + (x - self.x) * miss, self.y + (y - self.y) * miss)
            time.sleep(self.gauss(0.09, 0.03, 0.03))
        self.glide(x, y, 10.0)

    def button(self, number=1, times=1):
        for turn in range(times):
            if turn:
                time.sleep(self.gauss(0.09, 0.015, 0.05))
            self.send(X.ButtonPress, number)
            time.sleep(self.gauss(0.085, 0.02, 0.04))
            self.send(X.ButtonRelease, number)

    def click(self, x, y, number=1, times=1):
        self.move(x, y)
        time.sleep(self.gauss(0.14, 0.05, 0.04))
        self.button(number, times)
        time.sleep(self.gauss(0.3, 0.08, 0.15))

    def drag(self, x, y, to_x, to_y):
        self.move(x, y)
        time.sleep(self.gauss(0.2, 0.05, 0.08))
        self.send(X.ButtonPress, 1)
        time.sleep(self.gauss(0.12, 0.03, 0.05))
        self.glide(to_x, to_y, 6.0)
        time.sleep(self.gauss(0.15, 0.04, 0.06))
        self.send(X.ButtonRelease, 1)
        time.sleep(self.gauss(0.3, 0.08, 0.15))

    def scroll(self, notches):
        """Wheel notches, down when positive, in bursts as a finger makes them."""
        number = 5 if notches > 0 else 4
        left = abs(notches)
        while left:
            burst = min(left, self.chance.randint(2, 5))
            for _ in range(burst):
                self.send(X.ButtonPress, number)
                self.send(X.ButtonRelease, number)
                time.sleep(self.gauss(0.07, 0.025, 0.02))
            left -= burst
            time.sleep(self.gauss(0.4, 0.15, 0.15))

    def wander(self, box, times):
        """Follow what is read: small movements inside `box` = (left, top, right, bottom)."""
        left, top, right, bottom = box
        for _ in range(times):
            self.glide(self.chance.uniform(left, right), self.chance.uniform(top, bottom))
            self.idle(self.gauss(0.7, 0.3, 0.25))


def lifted(due):
    """`due` in time order; a key that would go down twice is lifted just before its second press."""
    down, out = {}, []
    for moment, order, kind, code in sorted(due):
        if kind == X.KeyPress:
            if code in down:
                out.append((moment, order, X.KeyRelease, code))
                down[code] = down[code] + 1
            else:
                down[code] = 0
            out.append((moment, order, kind, code))
        elif down.get(code, 0) > 0:
            down[code] -= 1  # its early lift has stood in for this one
        else:
            down.pop(code, None)
            out.append((moment, order, kind, code))
    return out
