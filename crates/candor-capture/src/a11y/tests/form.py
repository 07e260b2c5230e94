"""A form over the whole screen, 1,280 by 800: four rows of 200 pixels."""

import gi

gi.require_version("Gtk", "3.0")
from gi.repository import Gtk

window = Gtk.Window(title="Form")
rows = Gtk.VBox(homogeneous=True)
window.add(rows)
for row in (Gtk.Entry(), Gtk.Entry(visibility=False), Gtk.TextView(), Gtk.Button(label="Send")):
    rows.pack_start(row, True, True, 0)
window.connect("destroy", Gtk.main_quit)
window.fullscreen()
window.show_all()
Gtk.main()
