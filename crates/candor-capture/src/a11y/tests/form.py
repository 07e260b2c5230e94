"""A form over the whole screen, 1,280 by 800: four rows of 200 pixels.

Writes into the file that is named, for each key that prints, the row that is about to take it.
"""

import sys

import gi

gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk

window = Gtk.Window(title="Form")
rows = Gtk.VBox(homogeneous=True)
window.add(rows)
fields = [Gtk.Entry(), Gtk.Entry(visibility=False), Gtk.TextView(), Gtk.Button(label="Send")]
for row in fields:
    rows.pack_start(row, True, True, 0)
truth = open(sys.argv[1], "a", buffering=1)


def pressed(_, event):
    if Gdk.keyval_to_unicode(event.keyval) >= 32 and not event.state & Gdk.ModifierType.CONTROL_MASK:
        truth.write(str(fields.index(window.get_focus())))
        truth.flush()


window.connect("key-press-event", pressed)
window.connect("destroy", Gtk.main_quit)
window.fullscreen()
window.show_all()
Gtk.main()
