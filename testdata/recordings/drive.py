#!/usr/bin/env python3
"""Act as one of three fictional people in real applications, and check that the applications got what was sent.

usage: drive.py ada|ben|cleo FILE     (on a display of its own; make.sh starts one)

FILE is what record.py writes meanwhile. Every word typed is invented here; no person's data is involved.
"""

import os
import signal
import subprocess
import sys
import tempfile

from desk import CALCULATOR, Desk
from hand import Habits, Hand

HERE = os.path.dirname(os.path.abspath(__file__))

# Ada types fast and evenly with overlapping keys; Ben lives in the terminal, hasty, many slips, a quick mouse; Cleo
# hunts for keys and does most things with the pointer.
HABITS = {
    "ada": Habits(11, 0.135, 0.035, 0.095, 0.02, 0.12, 0.025, 3, 110, 0.16, 0.05, 0.35, 0.5),
    "ben": Habits(23, 0.105, 0.045, 0.075, 0.02, 0.07, 0.055, 2, 125, 0.10, 0.08, 0.55, 0.9),
    "cleo": Habits(37, 0.310, 0.110, 0.120, 0.03, 0.30, 0.030, 1, 62, 0.23, 0.04, 0.25, 0.3),
}


def compute(hand, calculator, keys):
    for key in keys:
        hand.click(*calculator.at(*CALCULATOR[key]))


def ada(hand, desk, begin):
    """A note about a garden, written, measured with the calculator, rearranged and saved."""
    desk.write("garden.txt", "")
    desk.start("mousepad", desk.path("garden.txt"))
    note = desk.window("garden.txt").place(40, 60, 760, 620)
    desk.start("galculator")
    calculator = desk.window("galculator").place(840, 80)
    begin()

    first = (
        "Plan for the spring garden\n\n"
        "The beds by the wall get sun until noon, so beans go there.\n"
        "The long bed is for onions, carrots and a row of marigolds.\n"
        "Along the path we keep the lavender; it needs no care.\n\n"
    )
    hand.idle(2.5)
    hand.click(*note.text(30, 6))
    hand.type(first[:88])
    hand.idle(4)
    hand.type(first[88:])
    hand.press_keys("ctrl+s")
    hand.idle(5)
    hand.wander(note.inside(), 4)

    hand.type("Seeds for the long bed: ")
    hand.wander(calculator.inside(), 2)
    compute(hand, calculator, "12*14=")
    hand.idle(2)
    hand.press_keys("ctrl+c")
    hand.click(*note.text(40, 12))
    hand.press_keys("ctrl+End", "ctrl+v")
    hand.type(" in all, half of them in March.\n")
    hand.idle(6)

    # The third line moves to the end: selected with the pointer from margin to margin, cut, pasted.
    hand.drag(*note.text(0, 2), *note.text(0, 3))
    hand.idle(1.5)
    hand.press_keys("ctrl+x", "ctrl+End", "ctrl+v")
    hand.press_keys("ctrl+z", "ctrl+y")
    hand.wander(note.inside(), 3)
    hand.idle(7)
    second = (
        "\nThings to fetch before the first warm week:\n"
        "- two bags of compost and one of sand\n"
        "- string, short canes, a new rose for the watering can\n"
        "- labels that do not fade in the rain\n\n"
    )
    hand.click(*note.text(30, 20))
    hand.press_keys("ctrl+End")
    hand.type(second)
    hand.press_keys("ctrl+s")
    hand.idle(9)
    hand.wander(note.inside(), 5)

    hand.type("Cost of the compost: ")
    compute(hand, calculator, "C2*9+4=")
    hand.press_keys("ctrl+c")
    hand.click(*note.text(40, 24))
    hand.press_keys("ctrl+End", "ctrl+v")
    hand.type(" coins, if the price stays.\n")
    hand.idle(5)
    hand.click(*note.text(2, 0), times=2)
    hand.strokes("Notes")
    hand.press_keys("Home", "shift+End", "ctrl+c", "End")
    hand.wander(note.inside(), 6)
    hand.idle(12)
    hand.click(*note.text(44, 24))
    hand.press_keys("ctrl+End")
    third = (
        "\nQuestions that are still open: who waters in July, and does the\n"
        "fig stay in its pot? If it moves to the south corner it shades the\n"
        "bench in the evening, which would please everybody.\n"
    )
    hand.type(third)
    hand.wander(note.inside(), 5)
    hand.scroll(3)
    hand.scroll(-3)
    hand.idle(14)
    fourth = (
        "\nAn order for the work, from the cold end of the year to the warm one:\n"
        "first the hedge, while nothing nests in it; then the tools, cleaned\n"
        "and oiled; then the beds, dug over on a dry day; last of all the seeds,\n"
        "the early ones under glass and the rest when the nights are mild.\n"
    )
    hand.type(fourth)
    hand.press_keys("ctrl+s")
    hand.wander(note.inside(), 5)
    hand.idle(11)
    hand.type("\nRead again on a quiet day.\n")
    hand.press_keys("ctrl+s")
    hand.idle(4)

    lines = (first + "Seeds for the long bed: 168 in all, half of them in March.\n").splitlines(keepends=True)
    moved = lines.pop(2)
    lines[0] = lines[0].replace("Plan", "Notes")
    cost, end = "Cost of the compost: 22 coins, if the price stays.\n", "\nRead again on a quiet day.\n"
    desk.expect("garden.txt", "".join([*lines, moved, second, cost, third, fourth, end]))


def ben(hand, desk, begin):
    """A list made and counted in a terminal, carried over to an editor with the middle button."""
    desk.write(".bashrc", "PS1='$ '\nHISTFILE=\n")
    desk.write("trip/report.txt", "")
    shell = ["bash", "--rcfile", desk.path(".bashrc"), "-i"]
    desk.start("xterm", "-T", "shell", "-fa", "Monospace", "-fs", "11", "-geometry", "80x24", "-e", *shell)
    shell = desk.window("shell").place(30, 50)
    desk.start("mousepad", desk.path("trip/report.txt"))
    report = desk.window("report.txt").place(500, 480, 700, 420)
    begin()

    row = shell.size()[1] / 24
    hand.idle(1.5)
    hand.click(*shell.at(300, 200))
    hand.type("cd trip\nls\n")
    hand.idle(2)
    for thing in ("tent and pegs", "stove", "map of the hills", "two warm blankets", "rope", "tin mugs"):
        hand.type(f"echo {thing} >> list\n")
        hand.idle(hand.gauss(1.2, 0.5, 0.4))
    hand.type("cat list | sort > sorted\n")
    hand.idle(3)
    hand.wander(shell.inside(), 4)
    hand.press_keys("ctrl+l")
    hand.type("cat sor\t\n")  # the shell completes the name
    hand.idle(2.5)
    hand.key("Up", times=3)
    hand.key("Down", times=2)
    hand.press_keys("ctrl+a", "ctrl+e", "ctrl+u")
    hand.type("wc -l list\n")
    hand.idle(4)

    # Three clicks take the second sorted line (row 2 under the command); the middle button puts it into the report.
    hand.click(*shell.at(60, round(row * 2.5)), times=3)
    hand.idle(1)
    hand.click(*report.text(3, 0), number=2)
    hand.press_keys("ctrl+End")
    hand.idle(2)
    hand.type("That weighs most, so it goes to the bottom of the bag.\n")
    hand.press_keys("ctrl+s")
    hand.wander(report.inside(), 5)
    hand.scroll(4)
    hand.scroll(-4)
    hand.press_keys("alt+Tab")
    hand.idle(3)
    hand.type("cat report.txt | tr a-z A-Z > loud\nls -l\n")
    hand.idle(5)
    hand.type("for day in one two three; do echo another day; done > days\n")
    hand.wander(shell.inside(), 4)
    hand.type("cat days\n")
    hand.idle(2)
    hand.press_keys("alt+Tab")
    hand.type("Day one is the long climb.\nDay two is for the lake, if the weather holds.\nDay three we go home.\n")
    hand.idle(6)
    hand.press_keys("shift+Up", "shift+Up", "ctrl+c", "ctrl+v")
    hand.press_keys("ctrl+z", "ctrl+s")
    hand.wander(report.inside(), 6)
    hand.drag(*report.at(200, -8), *report.at(120, -60))  # the window, by its title
    hand.wander(report.inside(), 3)
    hand.click(*shell.at(400, 60))
    hand.type("cp report.txt copy\nls\n")
    hand.idle(9)
    hand.wander(shell.inside(), 7)
    hand.type("head -n 2 copy\nwc -w copy\n")
    hand.idle(4)
    hand.wander(report.inside(), 5)
    hand.idle(6)

    things = ["map of the hills", "rope", "stove", "tent and pegs", "tin mugs", "two warm blankets"]
    desk.expect("trip/sorted", "\n".join(things))
    desk.expect("trip/days", "another day\n" * 3)
    text = (
        "rope\nThat weighs most, so it goes to the bottom of the bag.\nDay one is the long climb.\n"
        "Day two is for the lake, if the weather holds.\nDay three we go home.\n"
    )
    desk.expect("trip/report.txt", text)
    desk.expect("trip/copy", text)


def cleo(hand, desk, begin):
    """A long text found in the file manager, read, searched and quoted; most of it with the pointer."""
    lines = []
    for number, season in enumerate(("winter", "spring", "summer", "autumn") * 6):
        lines += [f"In the {season} the ferry leaves at the turn of the tide.", "The keeper rings the bell, and", ""]
        lines += [f"the {('gulls', 'children', 'dogs')[number % 3]} come down to the landing.", ""]
    lines[2] = "A kettle stands on the stove."
    desk.write("papers/ferry.txt", "\n".join(lines))
    desk.write("quotes.txt", "")
    desk.write(".config/mimeapps.list", "[Default Applications]\ntext/plain=org.xfce.mousepad.desktop\n")
    desk.start("pcmanfm", "--no-desktop", desk.home)
    folder = desk.window(os.path.basename(desk.home)).place(30, 40, 560, 420)
    # A server of its own would take the ferry's text in as a tab.
    desk.start("mousepad", "--disable-server", desk.path("quotes.txt"))
    quotes = desk.window("quotes.txt").place(640, 40, 600, 420)
    desk.start("galculator")
    calculator = desk.window("galculator").place(900, 520)
    begin()

    hand.idle(3)
    hand.wander(folder.inside(), 3)
    hand.click(*folder.at(206, 98), times=2)
    hand.idle(3)
    hand.wander(folder.inside(), 2)
    hand.click(*folder.at(206, 98), times=2)
    ferry = desk.window("ferry.txt").place(40, 500, 700, 420)
    hand.idle(4)

    for _ in range(5):
        hand.wander(ferry.inside(), 5)
        hand.scroll(hand.chance.randint(3, 7))
    hand.idle(6)
    hand.scroll(-40)
    hand.wander(ferry.inside(), 3)
    hand.drag(*ferry.text(0, 0), *ferry.text(0, 1))
    hand.press_keys("ctrl+c")
    hand.click(*quotes.text(12, 4))
    hand.press_keys("ctrl+v")
    hand.idle(4)
    hand.wander(quotes.inside(), 4)
    hand.type("I like the bell best.\n")
    hand.press_keys("ctrl+s")
    hand.idle(7)

    hand.click(*ferry.text(30, 6))
    hand.wander(ferry.inside(), 6)
    hand.drag(*ferry.text(0, 2), *ferry.text(0, 3))
    hand.press_keys("ctrl+c")
    hand.idle(2)
    hand.click(*quotes.text(20, 6))
    hand.press_keys("ctrl+End", "ctrl+v")
    hand.wander(quotes.inside(), 6)
    hand.idle(8)
    hand.wander(calculator.inside(), 2)
    compute(hand, calculator, "24*5-96=")
    hand.idle(3)
    hand.press_keys("ctrl+c")
    hand.wander(ferry.inside(), 6)
    hand.scroll(12)
    hand.wander(ferry.inside(), 5)
    hand.click(*quotes.text(20, 8))
    hand.press_keys("ctrl+End", "ctrl+v")
    hand.type(" short verses.\n")
    hand.wander(quotes.inside(), 4)
    hand.press_keys("ctrl+s")
    hand.idle(6)
    hand.click(*ferry.text(10, 10))
    hand.wander(ferry.inside(), 6)
    hand.drag(*folder.at(250, -8), *folder.at(300, 10))  # the window, by its title
    hand.wander(folder.inside(), 4)
    hand.idle(4)

    desk.expect("quotes.txt", f"{lines[0]}\nI like the bell best.\n{lines[2]}\n24 short verses.\n")


def main():
    who, path = sys.argv[1:]
    home = tempfile.mkdtemp(prefix="desk-")
    os.environ.update(HOME=home, XDG_CONFIG_HOME=home + "/.config", XDG_DATA_HOME=home + "/.local")
    desk = Desk(home)
    hand = Hand(HABITS[who])
    recorder = []

    def begin():
        hand.glide(640, 470)
        command = [sys.executable, os.path.join(HERE, "record.py"), path]
        recorder.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        recorder[0].stdout.readline()

    try:
        {"ada": ada, "ben": ben, "cleo": cleo}[who](hand, desk, begin)
    finally:
        for process in recorder:
            process.send_signal(signal.SIGTERM)
            process.wait()
        desk.close()


if __name__ == "__main__":
    main()
