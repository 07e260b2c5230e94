#!/bin/sh
# Runs the Windows source's tests in a Wine of their own, at a display of their own (started by xvfb-run, with a cookie):
#   run.sh TEST.exe FOLDER
# then, with keys, clicks and a wheel from outside, the test of what devices do. FOLDER holds Wine's files.
set -eu
exe=$1
export WINEPREFIX=$2/prefix WINEARCH=win64 WINEDEBUG=-all
wine=/usr/lib/wine/wine64
rm -rf "$WINEPREFIX"
mkdir -p "$WINEPREFIX"
openbox &
manager=$!
trap 'WINEPREFIX=$WINEPREFIX /usr/lib/wine/wineserver64 -k || true; kill $manager || true' EXIT
"$wine" wineboot -i
"$wine" "$exe" windows:: --test-threads=1

mkfifo "$2/said.$$"
CANDOR_HAND=1 "$wine" "$exe" windows::tests::what_devices --nocapture >"$2/said.$$" &
device=$!
exec 3<"$2/said.$$"
rm "$2/said.$$"
while read -r line <&3; do
    echo "$line"
    case $line in *ready*) break ;; esac
done
xdotool type --delay 20 "Hello wine"
for x in 160 170 180 190 200; do xdotool mousemove "$x" 250 click 2; done
for button in 4 4 4 5 5 5; do xdotool click "$button"; done
xdotool key F12
cat <&3
wait "$device"
