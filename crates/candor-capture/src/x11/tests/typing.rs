//! Layouts, groups, levels and compose sequences of a real server.

use x11rb::protocol::xkb::{ConnectionExt as _, Group, ID};
use x11rb::protocol::xproto::ModMask;

use super::*;

/// Sets the server's layout. Nothing where this machine cannot, which is said aloud.
fn layout(display: &Display, layout: &str, option: &str) -> Option<()> {
    let mut command = display.command("setxkbmap");
    let Ok(status) = command.args(["-layout", layout, "-option", option]).status() else {
        eprintln!("SKIPPED: no setxkbmap here; Debian has it in x11-xkb-utils");
        return None;
    };
    assert!(status.success());
    Some(())
}

fn locks_group(display: &Display, group: Group) {
    let device = display.connect();
    device.xkb_use_extension(1, 0).unwrap().reply().unwrap();
    let none = ModMask::default();
    let asked = device.xkb_latch_lock_state(ID::USE_CORE_KBD.into(), none, none, true, group, none, false, 0);
    asked.unwrap().check().unwrap();
}

/// What was typed, without the releases and the window.
fn presses(source: &mut X11) -> Vec<String> {
    let lines = lines(&observed(source)).into_iter();
    lines.filter_map(|line| Some(line.strip_prefix("key down ").or(line.strip_prefix("made "))?.to_owned())).collect()
}

#[test]
fn dead_keys_and_compose_sequences_put_in_what_applications_show() {
    let Some(server) = Display::start() else { return };
    if !std::path::Path::new("/usr/share/X11/locale/en_US.UTF-8/Compose").exists() {
        return eprintln!("SKIPPED: no Compose file here; Debian has it in libx11-data");
    }
    let mut source = watch(&server);
    let hand = Hand::new(server.connect());
    let Some(()) = layout(&server, "de", "compose:menu") else { return };
    // On a German keyboard the acute is beside Backspace; Menu composes. Then the acute and space, and o alone.
    for code in [21, 26, 135, 38, 26, 21, 65, 32] {
        hand.key(code);
    }
    let expected =
        ["dead ´", "?", "\"é\"", "Compose", "?", "?", "\"æ\"", "dead ´", "?", "\"'\"", "'o'"].map(str::to_owned);
    assert_eq!(presses(&mut source), expected);
}

#[test]
fn levels_groups_and_num_lock_choose_the_character() {
    let Some(server) = Display::start() else { return };
    let mut source = watch(&server);
    let hand = Hand::new(server.connect());
    let Some(()) = layout(&server, "de,ru", "") else { return };
    // AltGr with q, Caps Lock with ö and 1, 7 of the keypad without Num Lock and with it.
    hand.press(108);
    hand.key(24);
    hand.release(108);
    for code in [66, 47, 10, 66, 79, 77, 79] {
        hand.key(code);
    }
    locks_group(&server, Group::M2);
    hand.key(38);
    let expected =
        ["AltGraph", "'@'", "CapsLock", "'Ö'", "'1'", "CapsLock", "Home", "NumLock", "'7'", "'ф'"].map(str::to_owned);
    assert_eq!(presses(&mut source), expected);
}

#[test]
fn a_key_that_was_lent_twice_before_it_was_read_is_not_told_wrong() {
    let Some(server) = Display::start() else { return };
    let mut source = watch(&server);
    let (device, hand) = (server.connect(), Hand::new(server.connect()));
    let lend = |symbol: u32| {
        device.change_keyboard_mapping(1, 8, 1, &[symbol]).unwrap();
        device.sync().unwrap();
        hand.key(8);
        std::thread::sleep(Duration::from_millis(4));
    };
    lend(0x20ac);
    assert_eq!(presses(&mut source), ["'€'"]);
    // Nobody reads meanwhile.
    for symbol in [0xe9, 0xf1, 0xdf] {
        lend(symbol);
    }
    assert_eq!(presses(&mut source), ["?", "?", "'ß'"]);
}

/// xdotool takes a key back after 16 ms: a busy machine may read it later than that.
#[test]
fn a_program_that_lends_itself_a_key_for_each_character_is_read_right_or_not_at_all() {
    let Some(server) = Display::start() else { return };
    let mut source = watch(&server);
    let text = "é€ß ñ→Ж";
    let mut command = server.command("xdotool");
    let Ok(mut typist) = command.args(["type", "--delay", "60", text]).spawn() else {
        return eprintln!("SKIPPED: no xdotool here");
    };
    let typed = presses(&mut source);
    assert!(typist.wait().unwrap().success());
    let typed = typed.iter().filter(|key| key.starts_with('\'')).map(|key| key.trim_matches('\'')).collect::<String>();
    let mut rest = text.chars();
    assert!(!typed.is_empty() && typed.chars().all(|c| rest.any(|right| right == c)), "{typed}");
}
