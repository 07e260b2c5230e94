"""GTK 3's entry and text view as oracles of the text model, compared after every key."""

import os
import sys
import time

os.environ["GTK_IM_MODULE"] = "gtk-im-context-simple"
os.environ["NO_AT_BRIDGE"] = "1"
import _desk  # noqa: E402

EDITS = {
    "Backspace": 30, "Delete": 8, "ArrowLeft": 20, "ArrowRight": 12, "S-ArrowLeft": 10, "S-ArrowRight": 6, "Home": 4,
    "End": 6, "S-Home": 2, "S-End": 2, "C-Home": 2, "C-End": 3, "S-C-End": 1, "C-ArrowLeft": 6, "C-ArrowRight": 4,
    "S-C-ArrowLeft": 3, "S-C-ArrowRight": 2, "C-Backspace": 5, "C-Delete": 3, "C-a": 2, "C-x": 2, "C-c": 2, "C-v": 1,
    "Enter": 1, "ArrowUp": 1, "ArrowDown": 1, "S-Backspace": 1, "S-Delete": 1, "C-s": 1, "S-Insert": 0.3, "Insert": 0.2,
    "C-z": 0.3, "Escape": 0.2,
}
SCRIPTS, LENGTH = 60, 30


class Desk:
    """One window with one field."""

    def __init__(self, keyboard):
        import gi
        gi.require_version("Gtk", "3.0")
        gi.require_version("GdkX11", "3.0")
        from gi.repository import GdkX11, Gtk
        self.gtk, self.keyboard, self.released = Gtk, keyboard, 0
        self.window = Gtk.Window()
        self.window.set_default_size(600, 400)
        self.window.connect("key-release-event", self._released)
        self.window.show()
        self.field = None
        self.pump(lambda: self.window.get_window() and self.window.get_window().is_viewable())
        self.pump(lambda: True)
        keyboard.focus(GdkX11.X11Window.get_xid(self.window.get_window()))

    def _released(self, *_):
        self.released += 1
        return False

    def begin(self, multi):
        if self.field:
            self.window.remove(self.field)
        self.field = self.gtk.TextView() if multi else self.gtk.Entry()
        self.window.add(self.field)
        self.field.show()
        self.field.grab_focus()
        if not multi:
            # Its focus selects all there is: nothing.
            self.field.set_position(0)
        self.pump(lambda: self.field.is_focus() and self.window.is_active())

    def pump(self, until):
        limit = time.monotonic() + 10
        while not until() or self.gtk.events_pending():
            self.gtk.main_iteration_do(False)
            if time.monotonic() > limit:
                sys.exit("the window does not answer")

    def press(self, modifiers, key):
        self.keyboard.press(modifiers, key)
        self.pump(lambda: self.released >= self.keyboard.pressed)

    def state(self):
        if isinstance(self.field, self.gtk.Entry):
            ends = self.field.get_selection_bounds() or (self.field.get_position(),) * 2
            return self.field.get_text(), tuple(ends)
        buffer = self.field.get_buffer()
        offset = lambda mark: buffer.get_iter_at_mark(mark).get_offset()
        text = buffer.get_text(*buffer.get_bounds(), True)
        return text, (offset(buffer.get_insert()), offset(buffer.get_selection_bound()))


def main():
    server = _desk.server()
    try:
        rng, model = _desk.seed(), _desk.Model()
        desk = Desk(_desk.Keyboard())
        good = True
        for name, lines in (("GTK entry", "single"), ("GTK text view", "multi")):
            tally = _desk.Tally(name)
            for _ in range(SCRIPTS):
                desk.begin(lines == "multi")
                model.new("desktop", lines)
                done = []
                for modifiers, key in _desk.script(rng, EDITS, LENGTH):
                    desk.press(modifiers, key)
                    done.append("-".join((*modifiers, key)))
                    tally.check(model.key(modifiers, key), *desk.state(), " ".join(done))
            good &= tally.report()
        return good
    finally:
        server.terminate()


sys.exit(0 if main() else 1)
