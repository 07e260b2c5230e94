"""bash's command line in xterm as oracle of the text model, compared after every script."""

import os
import subprocess
import sys
import tempfile
import time

import _desk

EDITS = {
    "Backspace": 20, "Delete": 5, "ArrowLeft": 12, "ArrowRight": 8, "Home": 2, "End": 2, "C-a": 5, "C-e": 4, "C-b": 6,
    "C-f": 5, "C-d": 3, "C-h": 3, "C-k": 2, "C-u": 2, "C-w": 5, "C-y": 4, "C-t": 3, "A-b": 5, "A-f": 4, "A-d": 3,
    "A-Backspace": 3, "C-l": 1, "ArrowUp": 0.3, "A-5": 0.2, "C-r": 0.1,
}
SCRIPTS, LENGTH = 150, 18


class Terminal:
    """An xterm with a bash that writes its line to a file when F12 is pressed."""

    def __init__(self, keyboard, folder):
        self.keyboard, self.answers = keyboard, os.path.join(folder, "line")
        rc = os.path.join(folder, "bashrc")
        with open(rc, "w") as out:
            out.write("set +o history\nHISTFILE=\nIGNOREEOF=1000000\nPS1='$ '\n"
                      "tell() { printf '%s %s' $READLINE_POINT \"$READLINE_LINE\""
                      f" > {self.answers}.new; mv {self.answers}.new {self.answers}; }}\n"
                      "bind -x '\"\\e[24~\": tell'\n")
        resources = ["XTerm*eightBitInput: false", "XTerm*metaSendsEscape: true", "XTerm*altSendsEscape: true",
                     "XTerm*modifyOtherKeys: 0"]
        command = ["xterm"] + [word for line in resources for word in ("-xrm", line)]
        environment = dict(os.environ, INPUTRC="/dev/null", LC_ALL="C.UTF-8")
        self.process = subprocess.Popen(command + ["-e", "bash", "--noprofile", "--rcfile", rc, "-i"], env=environment,
                                        stderr=subprocess.DEVNULL)
        self._wait_for_window()

    def _wait_for_window(self):
        limit = time.monotonic() + 20
        while time.monotonic() < limit:
            for window in self.keyboard.display.screen().root.query_tree().children:
                if window.get_attributes().map_state == 2 and window.get_wm_class():
                    self.keyboard.focus(window.id)
                    if self.line():
                        return
            time.sleep(0.1)
        sys.exit("xterm shows no prompt")

    def line(self):
        """The line and the caret in it; nothing where bash is not at its prompt."""
        if os.path.exists(self.answers):
            os.remove(self.answers)
        self.keyboard.press("", "F12")
        limit = time.monotonic() + 2
        while time.monotonic() < limit:
            try:
                with open(self.answers) as answer:
                    point, text = answer.read().split(" ", 1)
                # bash answers before it has the terminal back from the command; keys until then go to the tty's own editing.
                time.sleep(0.03)
                return text, int(point)
            except FileNotFoundError:
                pass
            time.sleep(0.003)
        return None

    def begin(self):
        """An empty line; a script may have left a search or a number behind."""
        for _ in range(5):
            for keys in (("C", "g"), ("C", "e"), ("C", "u")):
                self.keyboard.press(*keys)
            answer = self.line()
            if answer and not answer[0]:
                return
        sys.exit(f"bash does not give an empty line: {answer}")


def main():
    server = _desk.server()
    terminal = None
    try:
        with tempfile.TemporaryDirectory() as folder:
            rng, model = _desk.seed(), _desk.Model()
            keyboard = _desk.Keyboard()
            terminal = Terminal(keyboard, folder)
            tally = _desk.Tally("readline in xterm")
            for _ in range(SCRIPTS):
                terminal.begin()
                said = model.new("readline", "single")
                keys = _desk.script(rng, EDITS, LENGTH)
                for modifiers, key in keys:
                    keyboard.press(modifiers, key)
                    said = model.key(modifiers, key)
                text, point = terminal.line() or (None, 0)
                tally.check(said, text, (point, point), " ".join("-".join((*m, k)) for m, k in keys))
            return tally.report()
    finally:
        if terminal:
            terminal.process.terminate()
        server.terminate()


sys.exit(0 if main() else 1)
