#!/bin/bash
# Make the recordings anew: make.sh [DIRECTORY]   (the directory it lies in by default; about six minutes)
# PEOPLE="ada ben" makes only those.
#
# Needs, on Debian: xvfb openbox mousepad galculator pcmanfm xterm dbus-daemon fonts-dejavu-core, and
# a Python with pynput 1.8 (set PYTHON to it). Each person has a display, a session bus and a home folder of their own.
set -eu
export PYTHONDONTWRITEBYTECODE=1
here=$(cd "$(dirname "$0")" && pwd)
out=$(cd "${1:-$here}" && pwd)
python=${PYTHON:-python3}

person() { # NAME
    local runtime status=0
    runtime=$(mktemp -d)
    exec 3>"$runtime/display"
    # The X server picks a free display and writes its number. Auto-repeat waits ten minutes, so that each press has one
    # release on a slow machine too; `xset r off` does not reach the keys that XTEST presses.
    Xvfb -displayfd 3 -ardelay 600000 -screen 0 1280x960x24 -nolisten tcp >/dev/null 2>&1 &
    local server=$!
    while [ ! -s "$runtime/display" ]; do sleep 0.2; done
    export DISPLAY=":$(cat "$runtime/display")" XDG_RUNTIME_DIR=$runtime GSETTINGS_BACKEND=memory NO_AT_BRIDGE=1
    dbus-run-session -- "$python" "$here/drive.py" "$1" "$out/$1.events.jsonl" || status=1
    kill "$server"
    wait "$server" || true
    rm -rf "$runtime"
    [ $status = 0 ] || echo "$1: failed"
    return $status
}

people=() files=()
for name in ${PEOPLE:-ada ben cleo}; do
    person "$name" &
    people+=($!)
    files+=("$out/$name.events.jsonl")
done
failed=0
for pid in "${people[@]}"; do wait "$pid" || failed=1; done
[ $failed = 0 ]
"$python" "$here/check.py" "${files[@]}"
