//! A browser that shares the screen: what its windows look like here is what is looked for.

use std::process::Child;

use super::*;

/// The first click shows a video in a window of its own, which stays above others too. The second shares the screen.
const PAGE: &str =
    "<title>page</title><body style='height:700px'><canvas id=c></canvas><video id=v muted autoplay></video>
<script>
const draw = () => c.getContext('2d').fillRect(0, 0, Math.random() * 90, 90);
draw();
setInterval(draw, 100);
v.srcObject = c.captureStream(5);
const say = word => () => { document.title = word };
let clicks = 0;
onclick = () => clicks++ ? navigator.mediaDevices.getDisplayMedia({ video: true }).then(say('shares'), say('refused'))
    : v.requestPictureInPicture().then(say('alone'), say('refused'));
</script>";

/// Ended when this is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn run(command: &mut Command) -> Option<Running> {
    let started = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    if started.is_err() {
        eprintln!("SKIPPED: no `{}` here; `cargo xtask test` installs it", command.get_program().display());
    }
    started.ok().map(Running)
}

/// Waits until a window that the window manager has is called so.
fn wait_for(display: &Display, title: &str) {
    let until = Instant::now() + Duration::from_secs(60);
    let list = "for w in $(xprop -root _NET_CLIENT_LIST | grep -o '0x[0-9a-f]*'); do xprop -id $w _NET_WM_NAME; done";
    loop {
        let names = display.command("sh").args(["-c", list]).output().unwrap();
        if String::from_utf8_lossy(&names.stdout).contains(title) {
            return;
        }
        assert!(Instant::now() < until, "no window called {title:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn chromium_counts_while_it_shares_the_screen_and_not_while_it_shows_a_video() {
    let Some(display) = Display::start() else { return };
    let Some(_manager) = run(&mut display.command("openbox")) else { return };
    let home = tempfile::tempdir().unwrap();
    let page = home.path().join("page.html");
    std::fs::write(&page, PAGE).unwrap();
    let mut chromium = display.command("chromium");
    chromium.args(["--no-sandbox", "--no-first-run", "--disable-gpu", "--disable-dev-shm-usage"]);
    chromium.arg(format!("--user-data-dir={}", home.path().join("profile").display()));
    chromium.args(["--auto-select-desktop-capture-source=Entire screen", "--window-size=1000,700"]);
    let Some(chromium) = run(chromium.arg(format!("file://{}", page.display()))) else { return };
    let (mut surroundings, hand) = (look_at(&display), Hand::new(display.connect()));
    wait_for(&display, "page - Chromium");
    // It takes a moment more until it listens.
    std::thread::sleep(Duration::from_secs(2));
    hand.point(500, 500);
    hand.button(1);
    wait_for(&display, "alone - Chromium");
    assert!(!look(&mut surroundings).shared);
    hand.button(1);
    wait_for(&display, "shares - Chromium");
    assert!(becomes(&mut surroundings, |seen| seen.shared));
    drop(chromium);
    assert!(becomes(&mut surroundings, |seen| !seen.shared));
}
