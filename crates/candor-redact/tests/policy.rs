//! The names of these tests are the privacy policy: what goes and what stays.
#![cfg(not(candor_no_wall))]
#![allow(
    clippy::indexing_slicing,
    reason = "clippy.toml allows it in test functions; these are the helpers of such functions"
)]

use candor_model::element::{ElementOf, ElementRole};
use candor_model::event::{Button, Event, Press, What};
use candor_model::key::{Key, NamedKey, PhysicalKey, Shape};
use candor_model::{Actor, ClockUnit, Ticks};
use candor_redact::{
    ElementId, GapCause, LogicalKey, Observation, Observed, Outgoing, Raw, Redactor, Role, Rule, Secrecy, SeenElement,
    SessionKey, Settings,
};
use proptest::prelude::*;

struct Wall {
    redactor: Redactor,
    now: Ticks,
    out: Outgoing,
}

fn settings(applications: &[&str]) -> Settings {
    let names = applications.iter().map(|name| (*name).to_owned());
    Settings::shapes(names, ClockUnit::MILLISECOND, SessionKey::new([7; 32]))
}

fn wall() -> Wall {
    Wall { redactor: Redactor::new(settings(&["editor", "writer"]), Some("editor")), now: 0, out: Outgoing::default() }
}

impl Wall {
    fn see(mut self, what: Observed) -> Self {
        self.now += 10;
        let raw = Raw::new(Observation { at: self.now, actor: Actor::Human, what });
        self.redactor.push(raw, &mut self.out);
        self
    }

    fn down(self, logical: LogicalKey) -> Self {
        self.see(Observed::Key { press: Press::Down, physical: PhysicalKey::UNKNOWN, logical })
    }

    fn up(self, logical: LogicalKey) -> Self {
        self.see(Observed::Key { press: Press::Up, physical: PhysicalKey::UNKNOWN, logical })
    }

    fn types(self, text: &str) -> Self {
        text.chars().fold(self, |wall, c| wall.down(LogicalKey::Char(c)).up(LogicalKey::Char(c)))
    }

    fn names(self, name: NamedKey) -> Self {
        self.down(LogicalKey::Named(name)).up(LogicalKey::Named(name))
    }

    fn moves(self, x: i32) -> Self {
        self.see(Observed::Move { x, y: 0, drag: false })
    }

    fn field(self, secret: Secrecy) -> Self {
        self.see(Observed::field(Role::Unknown, secret))
    }

    fn window(self, app: &str) -> Self {
        self.see(Observed::Window { app: app.into(), title: "CANARY title".into(), origin: Some("CANARY".into()) })
    }

    /// The events others see, a word each; and the remarks.
    fn end(mut self) -> (Vec<String>, Vec<(Rule, Option<u64>)>) {
        let tally = self.redactor.finish(&mut self.out);
        assert_eq!(tally.captured, tally.stored + tally.withheld + tally.dropped, "{tally:?}");
        assert_eq!(tally.stored + tally.added, self.out.events.len() as u64, "{tally:?}");
        let times: Vec<_> = self.out.events.iter().map(|event| event.event().at).collect();
        assert!(times.is_sorted(), "{times:?}");
        let words = self.out.events.iter().map(|event| word(event.event())).collect();
        (words, self.out.remarks.iter().map(|remark| (remark.rule, remark.events)).collect())
    }

    #[track_caller]
    fn shows(self, expected: &str) -> Vec<(Rule, Option<u64>)> {
        let (words, remarks) = self.end();
        assert_eq!(words.join(" "), expected);
        remarks
    }
}

fn word(event: &Event) -> String {
    match &event.what {
        What::Key { press, key } => {
            let sign = if *press == Press::Down { '+' } else { '-' };
            match key {
                Key::Shape(shape) => format!("{sign}{shape:?}"),
                Key::Named { name, .. } => format!("{sign}{}", name.as_str()),
                Key::Shortcut { symbol, .. } => format!("{sign}[{symbol}]"),
                Key::Text(c) => format!("{sign}{c}"),
            }
        }
        What::Move { x, .. } => format!("move{x}"),
        What::Button { press, .. } => format!("{press:?}"),
        What::Scroll { .. } => "scroll".into(),
        What::Window { app } => format!("<{app}>"),
        What::Surrogate { of, number } => format!("{}_{number}", of.as_str()),
        What::Element(element) => format!("({})", element.of.as_str()),
        What::Gap => "gap".into(),
    }
}

const CTRL: LogicalKey = LogicalKey::Named(NamedKey::Control);
const ALT: LogicalKey = LogicalKey::Named(NamedKey::Alt);
const SHIFT: LogicalKey = LogicalKey::Named(NamedKey::Shift);

#[test]
fn typed_characters_become_shapes() {
    wall()
        .types("aß7 .")
        .shows("+Letter -Letter +Letter -Letter +Digit -Digit +Space -Space +Punctuation -Punctuation");
}

#[test]
fn enter_becomes_a_newline_shape() {
    wall().names(NamedKey::Enter).shows("+Newline -Newline");
}

#[test]
fn positions_of_text_keys_are_replaced_too() {
    let press = |press| Observed::Key { press, physical: PhysicalKey(0x04), logical: LogicalKey::Char('a') };
    let wall = wall().see(press(Press::Down)).see(press(Press::Up));
    assert!(
        wall.out.events.iter().all(|e| matches!(&e.event().what, What::Key { key: Key::Shape(Shape::Letter), .. }))
    );
}

#[test]
fn keypad_digits_become_shapes_even_with_alt() {
    let key = |press| Observed::Key { press, physical: PhysicalKey(0x59), logical: LogicalKey::Char('1') };
    wall().down(ALT).see(key(Press::Down)).see(key(Press::Up)).up(ALT).shows("+Alt +Digit -Digit -Alt");
}

#[test]
fn dead_keys_become_letters() {
    wall().down(LogicalKey::Dead('´')).up(LogicalKey::Dead('´')).shows("+Letter -Letter");
}

#[test]
fn altgr_text_becomes_shapes_and_altgr_itself_is_left_out() {
    let altgr = LogicalKey::Named(NamedKey::AltGraph);
    let remarks = wall().down(altgr).types("@").up(altgr).shows("+Punctuation -Punctuation");
    assert_eq!(remarks, [(Rule::TextModifier, Some(2))]);
    wall()
        .down(CTRL)
        .down(ALT)
        .types("@")
        .up(ALT)
        .up(CTRL)
        .shows("+Control +Alt +Punctuation -Punctuation -Alt -Control");
}

#[test]
fn shift_of_a_capital_is_left_out() {
    let remarks = wall().down(SHIFT).types("A").up(SHIFT).shows("+Letter -Letter");
    assert_eq!(remarks, [(Rule::TextModifier, Some(2))]);
}

#[test]
fn shift_of_a_selection_or_click_stays() {
    wall().down(SHIFT).names(NamedKey::ArrowLeft).up(SHIFT).shows("+Shift +ArrowLeft -ArrowLeft -Shift");
    let click = |press| Observed::Button { press, button: Button::LEFT, x: 1, y: 2 };
    wall().down(SHIFT).see(click(Press::Down)).see(click(Press::Up)).up(SHIFT).shows("+Shift Down Up -Shift");
}

#[test]
fn editing_keys_and_shortcuts_stay() {
    wall()
        .names(NamedKey::Backspace)
        .down(CTRL)
        .types("c")
        .up(CTRL)
        .shows("+Backspace -Backspace +Control +[c] -[c] -Control");
}

#[test]
fn text_typed_while_a_modifier_sticks_becomes_shapes() {
    let (words, _) = wall().down(CTRL).types("typewriter").up(CTRL).end();
    let shown: Vec<_> = words.iter().filter(|word| word.starts_with("+[")).collect();
    assert_eq!(shown, ["+[t]", "+[y]", "+[p]", "+[e]"]);
}

#[test]
fn the_digits_of_a_typed_code_point_become_shapes() {
    let (words, _) = wall().down(CTRL).down(SHIFT).types("u1f4").up(SHIFT).up(CTRL).end();
    assert!(
        !words.iter().any(|word| word.contains("[1]") || word.contains("[f]") || word.contains("[4]")),
        "{words:?}"
    );
}

#[test]
fn an_unknown_key_is_withheld_and_counted() {
    let remarks = wall().down(LogicalKey::Unidentified).up(LogicalKey::Unidentified).moves(1).shows("gap move1");
    assert_eq!(remarks, [(Rule::UnknownKey, Some(2))]);
}

#[test]
fn an_application_off_the_list_leaves_one_gap() {
    let remarks = wall()
        .moves(1)
        .window("bank")
        .types("hunter2")
        .moves(2)
        .window("writer")
        .moves(3)
        .shows("move1 gap <writer> move3");
    assert_eq!(remarks, [(Rule::ApplicationNotAllowed, Some(16))]);
}

#[test]
fn without_a_window_nothing_passes() {
    let mut wall = wall();
    wall.redactor = Redactor::new(settings(&[]), None);
    wall.types("a").moves(1).shows("gap");
}

#[test]
fn a_secret_field_leaves_nothing() {
    let typed = wall()
        .moves(1)
        .field(Secrecy::Yes)
        .types("hunter2")
        .moves(5)
        .names(NamedKey::Enter)
        .field(Secrecy::No)
        .moves(2);
    let silent = wall().moves(1).field(Secrecy::Yes).field(Secrecy::No).moves(2);
    let times = |wall: &Wall| wall.out.events.iter().map(|e| e.event().at).collect::<Vec<_>>();
    assert_eq!(times(&typed), times(&silent), "no duration");
    let remarks = typed.shows("move1 move2");
    assert_eq!(remarks, [(Rule::SecretField, None)], "no count");
}

#[test]
fn a_key_held_into_a_secret_field_is_released_and_its_real_release_leaves_nothing() {
    let key = LogicalKey::Named(NamedKey::Tab);
    let remarks =
        wall().down(key).field(Secrecy::Yes).up(key).types("x").field(Secrecy::No).moves(1).shows("+Tab -Tab move1");
    assert_eq!(remarks, [(Rule::SecretField, None)]);
}

#[test]
fn a_window_that_opens_over_a_secret_field_is_told_afterwards() {
    wall().field(Secrecy::Yes).window("writer").types("x").field(Secrecy::No).moves(1).shows("<writer> move1");
    wall().field(Secrecy::Yes).window("bank").field(Secrecy::No).moves(1).shows("gap");
}

#[test]
fn a_field_nobody_knows_gives_no_keys() {
    let remarks = wall().field(Secrecy::Unknown).types("x").names(NamedKey::Tab).moves(1).shows("gap move1");
    assert_eq!(remarks, [(Rule::UnknownField, Some(4))]);
}

#[test]
fn a_release_without_a_press_is_withheld_and_counted() {
    let up = Observed::Button { press: Press::Up, button: Button::LEFT, x: 0, y: 0 };
    let remarks = wall().up(LogicalKey::Char('a')).see(up).moves(1).shows("move1");
    assert_eq!(remarks, [(Rule::UnmatchedRelease, Some(2))]);
}

#[test]
fn a_pause_lets_go_of_what_was_held_and_leaves_a_gap() {
    wall().down(CTRL).see(Observed::Gap { cause: GapCause::Paused }).moves(1).shows("+Control -Control gap move1");
}

/// A recorder that says so and contradicts itself in the same breath is not to be believed.
#[test]
fn a_field_that_masks_what_is_typed_is_secret_whatever_the_source_says_besides() {
    for secret in [Secrecy::No, Secrecy::Unknown] {
        let field = Observed::field(Role::Password, secret);
        wall().see(field).types("hunter2").field(Secrecy::No).moves(1).shows("move1");
    }
}

#[test]
fn what_was_known_of_a_field_ends_with_its_window() {
    wall().field(Secrecy::No).window("writer").types("hunter2").moves(1).shows("<writer> gap move1");
    wall().field(Secrecy::No).window("writer").field(Secrecy::No).types("a").shows("<writer> +Letter -Letter");
}

#[test]
fn what_was_known_of_a_field_ends_when_the_source_was_blind() {
    for cause in [GapCause::Paused, GapCause::Lost] {
        wall().field(Secrecy::No).see(Observed::Gap { cause }).types("hunter2").moves(1).shows("gap move1");
    }
    wall().field(Secrecy::No).see(Observed::Gap { cause: GapCause::Malformed }).types("a").shows("gap +Letter -Letter");
}

/// With a gap for each key between pointer events, others could count what may be a password, and time it.
#[test]
fn in_a_field_nobody_knows_gaps_between_pointer_events_do_not_count_the_keys() {
    let shaky = |word: &str| {
        word.chars().enumerate().fold(wall().field(Secrecy::Unknown), |wall, (x, c)| {
            let logical = if c == '?' { LogicalKey::Unidentified } else { LogicalKey::Char(c) };
            wall.down(logical).moves(x as i32).up(logical).moves(x as i32)
        })
    };
    shaky("abc").shows("gap move0 move0 move1 move1 move2 move2");
    shaky("???").shows("gap move0 move0 move1 move1 move2 move2");
    // The next field is another.
    shaky("a").field(Secrecy::Unknown).types("b").moves(7).shows("gap move0 move0 gap move7");
}

#[test]
fn a_key_pressed_in_a_field_nobody_knows_is_not_told_when_it_comes_up_elsewhere() {
    let key = LogicalKey::Char('q');
    wall().field(Secrecy::Unknown).down(key).field(Secrecy::No).moves(1).up(key).moves(2).shows("gap move1 move2");
}

/// Others would see a click that never ends wherever a password field was clicked.
#[test]
fn a_button_held_into_a_secret_field_is_released_where_the_pointer_was() {
    let click = |press| Observed::Button { press, button: Button::LEFT, x: 1, y: 2 };
    let wall = wall().see(click(Press::Down)).field(Secrecy::Yes).see(click(Press::Up)).field(Secrecy::No);
    let up = What::Button { press: Press::Up, button: Button::LEFT, x: 1, y: 2 };
    assert_eq!(wall.out.events.last().unwrap().event().what, up);
    wall.moves(1).shows("Down Up move1");
}

#[test]
fn a_shortcut_that_repeats_after_its_modifier_is_text() {
    let v = LogicalKey::Char('v');
    wall().down(CTRL).down(v).down(v).up(CTRL).down(v).up(v).shows("+Control +[v] +[v] -Control +Letter -[v]");
}

/// Alt is AltGr on a Mac: there German layouts have the at sign on Alt+L, and brackets on Alt+5 to Alt+9.
#[test]
fn characters_that_alt_alone_types_become_shapes() {
    wall().down(ALT).types("@[").up(ALT).shows("+Alt +Punctuation -Punctuation +Punctuation -Punctuation -Alt");
    wall().down(ALT).types("f").up(ALT).shows("+Alt +[f] -[f] -Alt");
    wall().down(ALT).names(NamedKey::Tab).up(ALT).shows("+Alt +Tab -Tab -Alt");
}

#[test]
fn the_digits_of_a_code_typed_with_alt_become_shapes() {
    // Where the source does not know positions, a digit may be the keypad's.
    wall().down(ALT).types("64").up(ALT).shows("+Alt +Digit -Digit +Digit -Digit -Alt");
    // The top row switches tabs, and types codes in hexadecimal on a Mac: one digit is a command, more are not.
    let key = |press, usage, c| Observed::Key { press, physical: PhysicalKey(usage), logical: LogicalKey::Char(c) };
    let press = |wall: Wall, usage, c| wall.see(key(Press::Down, usage, c)).see(key(Press::Up, usage, c));
    let wall = press(wall().down(ALT), 0x27, '0');
    press(press(wall, 0x21, '4'), 0x04, 'a').up(ALT).shows("+Alt +[0] -[0] +Digit -Digit +Letter -Letter -Alt");
}

/// A hostile file without a single release must not make the wall slow: it looks through what is held at each key.
#[test]
fn keys_that_never_come_up_are_forgotten() {
    let started = std::time::Instant::now();
    let many = (0..200_000u32).filter_map(|n| char::from_u32(0x1_0000 + n));
    let wall = many.fold(wall(), |wall, c| wall.down(LogicalKey::Char(c)));
    assert!(started.elapsed().as_secs() < 20, "quadratic: {:?}", started.elapsed());
    wall.end();
    // Shifts that wait are counted, however many there are.
    let shifts = (1..100).map(|n| Observed::Key { press: Press::Down, physical: PhysicalKey(n), logical: SHIFT });
    let remarks = shifts.fold(self::wall(), Wall::see).shows("");
    assert_eq!(remarks, [(Rule::TextModifier, Some(99))]);
}

#[test]
fn a_source_clock_that_runs_backwards_stops_time_until_it_has_caught_up() {
    let mut wall = wall().moves(1).moves(2);
    wall.now = 0;
    let wall = wall.moves(3).moves(4).moves(5);
    assert_eq!(wall.out.events.iter().map(|e| e.event().at).collect::<Vec<_>>(), [10, 20, 20, 20, 30]);
}

#[test]
fn the_time_of_every_secret_field_is_cut_out() {
    let secret = |wall: Wall| wall.field(Secrecy::Yes).types("hunter2").field(Secrecy::No);
    let wall = secret(secret(wall()).moves(1)).moves(2);
    assert_eq!(wall.out.events.iter().map(|e| e.event().at).collect::<Vec<_>>(), [20, 40]);
}

#[test]
fn what_is_held_when_an_allowed_application_is_left_is_released() {
    wall().down(CTRL).window("bank").up(CTRL).window("writer").shows("+Control -Control gap <writer>");
}

#[test]
fn a_malformed_line_lets_go_of_nothing() {
    let cause = GapCause::Malformed;
    wall().down(CTRL).see(Observed::Gap { cause }).types("c").up(CTRL).shows("+Control gap +[c] -[c] -Control");
}

#[test]
fn a_dragging_button_is_released_where_the_drag_had_come_to() {
    let down = Observed::Button { press: Press::Down, button: Button::LEFT, x: 1, y: 2 };
    let scroll = Observed::Scroll { dx: 0, dy: 120, x: 8, y: 9 };
    let end = |wall: Wall| wall.field(Secrecy::Yes).out.events.last().unwrap().event().what.clone();
    let up = |x, y| What::Button { press: Press::Up, button: Button::LEFT, x, y };
    let wall = wall().see(down).moves(7);
    assert_eq!(end(wall), up(7, 0));
    let down = Observed::Button { press: Press::Down, button: Button::LEFT, x: 1, y: 2 };
    assert_eq!(end(self::wall().see(down).see(scroll)), up(8, 9));
}

#[test]
fn which_characters_a_shortcut_shows() {
    let meta = LogicalKey::Named(NamedKey::Meta);
    wall().down(meta).down(ALT).types("[").up(ALT).up(meta).shows("+Meta +Alt +[[] -[[] -Alt -Meta");
    wall().down(CTRL).types("ö").up(CTRL).shows("+Control +Letter -Letter -Control");
    wall().down(CTRL).types("\u{3}").up(CTRL).shows("+Control +[c] -[c] -Control");
    wall().down(CTRL).names(NamedKey::Enter).up(CTRL).shows("+Control +Enter -Enter -Control");
    // Each hold of the modifiers has its own four.
    let four = "+Control +[a] -[a] +[b] -[b] +[c] -[c] +[d] -[d] -Control";
    wall().down(CTRL).types("abcd").up(CTRL).down(CTRL).types("abcd").up(CTRL).shows(&format!("{four} {four}"));
}

#[test]
fn locks_are_left_out_and_shift_may_come_up_before_its_letter() {
    wall().names(NamedKey::CapsLock).types("A").shows("+Letter -Letter");
    let (upper, lower) = (LogicalKey::Char('A'), LogicalKey::Char('a'));
    wall().down(SHIFT).down(upper).up(SHIFT).up(lower).shows("+Letter -Letter");
}

#[test]
fn a_raw_event_prints_nothing() {
    let raw = Raw::new(Observation {
        at: 1,
        actor: Actor::Human,
        what: Observed::Key { press: Press::Down, physical: PhysicalKey(4), logical: LogicalKey::Char('Q') },
    });
    assert_eq!(format!("{raw:?}"), "Raw(..)");
}

/// Observations are blind to proptest as to everybody, so that it draws numbers and this makes observations of them.
fn observed((kind, a, x): (u8, u8, i32)) -> Observed {
    let press = if x & 1 == 0 { Press::Down } else { Press::Up };
    let logical = match a {
        0..120 => LogicalKey::Char(char::from(b' ' + a % 95)),
        120..150 => LogicalKey::Named(NamedKey::Control),
        150..160 => LogicalKey::Unidentified,
        160..170 => LogicalKey::Dead('^'),
        _ => NamedKey::from_code(a - 170).map_or(LogicalKey::Unidentified, LogicalKey::Named),
    };
    match kind {
        0..10 => Observed::Key { press, physical: PhysicalKey(u16::from(a % 7)), logical },
        10..12 => Observed::Move { x, y: 0, drag: false },
        12 => Observed::Button { press, button: Button::LEFT, x, y: 0 },
        13 => {
            let secret = [Secrecy::Yes, Secrecy::No, Secrecy::Unknown][usize::from(a % 3)];
            Observed::field(Role::Text, secret)
        }
        14 => {
            let app = if a % 2 == 0 { "editor" } else { "bank" };
            Observed::Window { app: app.into(), title: "secret title".into(), origin: None }
        }
        15 => Observed::Element(SeenElement {
            of: ElementOf::ALL[usize::from(a % 2)],
            id: (a & 2 == 0).then_some(ElementId(u64::from(a))),
            secret: [Secrecy::Yes, Secrecy::No, Secrecy::No, Secrecy::Unknown][usize::from(a >> 2) % 4],
            role: ElementRole::ALL[usize::from(a) % ElementRole::ALL.len()],
            name: Some("secret title".into()),
            x,
            y: 0,
            width: 1,
            height: 1,
        }),
        _ => Observed::Gap { cause: GapCause::Lost },
    }
}

proptest! {
    /// Whatever the source says: the sum holds, time never runs backwards, and no more than four symbols of a hold of
    /// the modifiers are shown; no title ever is.
    #[test]
    fn no_stream_of_observations_breaks_the_wall(stream in prop::collection::vec((0..17u8, any::<u8>(), any::<i32>()), 0..300)) {
        let wall = stream.into_iter().map(observed).fold(wall(), Wall::see);
        let (words, _) = wall.end();
        let mut run: Vec<&str> = vec![];
        for word in &words {
            prop_assert!(!word.contains("title"));
            if word.starts_with("+[") {
                if run.last() != Some(&word.as_str()) { run.push(word) }
            } else if word == "-Control" || word == "-Alt" || word == "-Meta" {
                run.clear();
            }
            prop_assert!(run.len() <= 12, "{words:?}");
        }
    }
}
