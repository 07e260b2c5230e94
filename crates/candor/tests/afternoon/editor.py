"""An editor: a name, a password, lines of text, and two buttons of which the second is called what the arguments say.

Arguments: the window's title, the second button's label.
"""

import sys

import gi

gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, GLib, Gtk

GLib.set_prgname("editor")
Gdk.set_program_class("Editor")
window = Gtk.Window(title=sys.argv[1])
window.set_decorated(False)
window.set_default_size(640, 600)
rows = Gtk.VBox(homogeneous=True)
window.add(rows)
text = Gtk.TextView(wrap_mode=Gtk.WrapMode.WORD_CHAR)
page = Gtk.ScrolledWindow()
page.add(text)
for row in [Gtk.Entry(), Gtk.Entry(visibility=False), page, Gtk.Button(label="Save"), Gtk.Button(label=sys.argv[2])]:
    rows.pack_start(row, True, True, 0)
window.connect("destroy", Gtk.main_quit)
window.move(0, 100)
window.show_all()
Gtk.main()
