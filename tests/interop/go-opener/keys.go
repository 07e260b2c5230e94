package main

// namedKeys are the named keys in the order of their byte in a block, from 0.
var namedKeys = [...]string{
	"Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "NumLock", "ScrollLock", "Fn", "Compose",
	"Backspace", "Delete", "Insert", "Tab", "Enter", "Escape", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown",
	"Home", "End", "PageUp", "PageDown", "Undo", "Redo", "Cut", "Copy", "Paste", "Find", "Help", "ContextMenu",
	"Pause", "PrintScreen", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F11", "F12", "F13",
	"F14", "F15", "F16", "F17", "F18", "F19", "F20", "F21", "F22", "F23", "F24", "AudioVolumeUp",
	"AudioVolumeDown", "AudioVolumeMute", "MediaPlayPause", "MediaTrackNext", "MediaTrackPrevious", "MediaStop",
	"BrightnessUp", "BrightnessDown", "Power", "Sleep", "WakeUp", "BrowserBack", "BrowserForward",
	"BrowserRefresh", "BrowserHome", "BrowserSearch", "BrowserFavorites", "LaunchMail", "LaunchApplication1",
	"LaunchApplication2", "Convert", "NonConvert", "KanaMode",
}
