//! What is done at the desk, one application after another.

use candor_capture::a11y::testing::Program;

use super::canaries::{Canaries, Kind};
use super::desk::{CONTROL, Desk, ENTER, PAGE_DOWN, SECOND, TAB, wait};
use super::pages::Pages;
use super::pdf;

/// What is nobody's business, and so may be kept.
pub const PLAIN: [&str; 4] = [
    "open the second window and move it to the left",
    "the green box is larger than the other two boxes",
    "copy the whole table and sort it by the third column",
    "then close the window again without any changes",
];

type Place = (i16, i16);

/// The editor's rows, in the middle of each.
const NAME: Place = (320, 160);
const SECRET: Place = (320, 280);
const PAGE: Place = (320, 400);
pub const SAVE: Place = (320, 520);
const OTHER: Place = (320, 640);
/// Where the terminal is, beside it.
const TERMINAL: Place = (900, 300);
/// The rows of a page: five over the whole screen.
const ROWS: [Place; 5] = [(640, 80), (640, 240), (640, 400), (640, 560), (640, 720)];

fn click(desk: &mut Desk, (x, y): Place) {
    desk.click(x, y);
    wait(350);
}

/// Clicks and goes on at once.
fn at(place: Place) -> impl FnOnce(&mut Desk) {
    move |desk| desk.click(place.0, place.1)
}

/// Clicks, and goes on as soon as the application has the focus.
fn into(place: Place, app: &str) -> impl FnOnce(&mut Desk) {
    move |desk| {
        desk.click(place.0, place.1);
        desk.until_active(app);
    }
}

/// Among plain words, what people type and paste into notes.
fn notes(desk: &mut Desk, canaries: &mut Canaries, rounds: usize, place: &'static str) {
    let line = |desk: &mut Desk, text: &str| {
        desk.slowly(text);
        desk.key(ENTER);
        wait(150);
    };
    for _ in 0..rounds {
        line(desk, &format!("card {} is it", canaries.plant(Kind::Card, place)));
        line(desk, &format!("token: {}", canaries.plant(Kind::Token, place)));
    }
}

/// An editor, which stays: text, and passwords in a field for them.
pub fn editor(desk: &mut Desk, canaries: &mut Canaries, rounds: usize) -> Option<Program> {
    let title = canaries.plant(Kind::Sentence, "editor's title");
    let label = canaries.plant(Kind::Token, "button's label");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/afternoon/editor.py");
    let editor = desk.start("/usr/bin/python3", &[script, &title, &label], "editor")?;
    wait(1_500);
    click(desk, PAGE);
    for sentence in PLAIN {
        desk.slowly(sentence);
        desk.key(ENTER);
        wait(300);
    }
    notes(desk, canaries, rounds, "editor's text");
    click(desk, SAVE);
    click(desk, OTHER);
    for n in 0..10 {
        let password = canaries.plant(Kind::Password, "editor's password");
        if n % 2 == 0 {
            click(desk, NAME);
            desk.race(|desk| desk.key(TAB), &password);
        } else {
            click(desk, PAGE);
            desk.race(at(SECRET), &password);
        }
    }
    click(desk, PAGE);
    Some(editor)
}

/// A terminal beside the editor: commands, and passwords that it does not show. Nothing where there is none here.
pub fn terminal(desk: &mut Desk, canaries: &mut Canaries) -> Option<()> {
    let title = canaries.plant(Kind::Sentence, "terminal's title");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/afternoon/prompt.sh");
    let arguments = ["-geometry", "80x20+660+120", "-T", &title, "-e", "/bin/sh", script];
    let _terminal = desk.start("xterm", &arguments, "xterm")?;
    wait(1_000);
    for _ in 0..8 {
        desk.slowly("sudo true");
        desk.key(ENTER);
        wait(100);
        desk.text(&canaries.plant(Kind::Password, "terminal's password"));
        desk.key(ENTER);
        wait(200);
    }
    for _ in 0..4 {
        click(desk, PAGE);
        desk.slowly("now ");
        // From the editor's text into a command, and from the terminal into the editor's password.
        let token = canaries.plant(Kind::Token, "terminal's command");
        desk.race(into(TERMINAL, "xterm"), &token);
        desk.key(ENTER);
        desk.key(ENTER);
        let password = canaries.plant(Kind::Password, "editor's password");
        desk.race(into(SECRET, "editor"), &password);
    }
    Some(())
}

/// A form with a password, notes, and a chat that the program calls private; each in a tab. Nothing where there is no
/// browser here.
pub fn browser(desk: &mut Desk, canaries: &mut Canaries) -> Option<()> {
    let (pages, addresses) = serve(canaries);
    let profile = tempfile::tempdir().unwrap();
    let folder = format!("--user-data-dir={}", profile.path().display());
    let mut arguments = vec!["--no-sandbox", "--no-first-run", "--kiosk", "--disable-gpu", "--disable-dev-shm-usage"];
    arguments.extend(["--force-renderer-accessibility", &folder]);
    arguments.extend(addresses.iter().map(String::as_str));
    let _browser = desk.start("chromium", &arguments, "chromium")?;
    for page in ["127.0.0.1/form", "127.0.0.1/notes", "localhost/chat"] {
        assert!((0..30).any(|_| pages.have(&format!("{page} page"), "shown")), "`{page}` is not shown");
    }
    wait(2_000);
    form(desk, canaries, &pages);
    next_tab(desk);
    wait(800);
    click(desk, ROWS[1]);
    desk.slowly(PLAIN[0]);
    desk.key(ENTER);
    wait(300);
    notes(desk, canaries, 8, "page's notes");
    click(desk, ROWS[2]);
    chat(desk, canaries, &pages);
    Some(())
}

fn next_tab(desk: &mut Desk) {
    desk.with(CONTROL, PAGE_DOWN);
}

/// The pages and their addresses; each has something in its title, its address or its text.
fn serve(canaries: &mut Canaries) -> (Pages, [String; 3]) {
    let mut title = || canaries.plant(Kind::Sentence, "page's title");
    let titles = [title(), title(), title()];
    let label = canaries.plant(Kind::Card, "page's button");
    let (said, key) = (canaries.plant(Kind::Sentence, "page's text"), canaries.plant(Kind::Token, "page's text"));
    let bodies = [
        "<input id=name autofocus><input id=secret type=password><button>Log in</button>".to_owned(),
        format!(
            "<input id=line autofocus><textarea id=text></textarea><button aria-label='{label}'>Send</button><div>{key}</div>"
        ),
        format!("<div>{said}</div><textarea id=say autofocus></textarea>"),
    ];
    let paths = ["/form", "/notes", "/chat"];
    let pages = paths.into_iter().zip(titles).zip(bodies).map(|((path, title), body)| (path, title, body)).collect();
    let pages = Pages::serve(pages);
    let address = canaries.plant(Kind::Token, "page's address");
    // The program calls the host of that name private, and not the one of this number.
    let hosts = ["127.0.0.1", "127.0.0.1", "localhost"].into_iter().zip(paths);
    let mut hosts = hosts.map(|(host, path)| format!("http://{host}:{}{path}?key={address}", pages.port));
    let addresses = std::array::from_fn(|_| hosts.next().unwrap());
    (pages, addresses)
}

/// A name, and a password at once after Tab or a click. Keys overtake a click on a page: the first letters of the password
/// may land in the open field then, and only the rest is a secret.
fn form(desk: &mut Desk, canaries: &mut Canaries, pages: &Pages) {
    let mut landed = 0;
    for n in 0.. {
        click(desk, ROWS[0]);
        let password = canaries.plant(Kind::Password, "form's password");
        if n % 2 == 0 {
            desk.race(|desk| desk.key(TAB), &password);
        } else {
            desk.race(at(ROWS[1]), &password);
        }
        if pages.have("127.0.0.1/form secret", &password[4..]) {
            landed += 1;
        } else {
            canaries.went_astray();
        }
        if landed == 8 {
            break;
        }
    }
    click(desk, ROWS[0]);
    click(desk, ROWS[2]);
}

/// From the notes to the chat and back. What is said in the chat is private, from its first key.
fn chat(desk: &mut Desk, canaries: &mut Canaries, pages: &Pages) {
    let mut landed = 0;
    while landed < 20 {
        click(desk, ROWS[1]);
        let sentence = canaries.plant(Kind::Sentence, "chat");
        desk.race(next_tab, &sentence);
        if pages.have("localhost/chat say", &sentence) {
            landed += 1;
        } else {
            canaries.went_astray();
        }
        desk.with(CONTROL, SECOND);
        wait(500);
    }
}

/// A document to look at. Nothing where there is no viewer here.
pub fn document(desk: &mut Desk, canaries: &mut Canaries) -> Option<()> {
    let (title, line) = (canaries.plant(Kind::Sentence, "document's title"), canaries.plant(Kind::Card, "document"));
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("document.pdf");
    std::fs::write(&file, pdf::page(&title, &line)).unwrap();
    let _viewer = desk.start("evince", &[file.to_str().unwrap()], "evince")?;
    wait(1_500);
    for n in 0..5 {
        click(desk, (960, 300 + 40 * n));
        desk.scroll(3);
    }
    wait(500);
    Some(())
}
