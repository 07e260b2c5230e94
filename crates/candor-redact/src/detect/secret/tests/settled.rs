//! What was found stays found, however the text goes on.

use proptest::prelude::*;

use super::super::Secrets;
use super::SECRETS;
use crate::detect::Finding;

fn found_before(secrets: &Secrets, text: &str, settled: usize) -> Vec<Finding> {
    let mut out = Vec::new();
    secrets.find(text, &mut out);
    out.retain(|finding| finding.span.start < settled);
    out
}

/// Pieces that open and close decisions, and ordinary ones.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z]{1,8}",
        2 => "[A-Za-z0-9]{1,24}",
        4 => Just(" ".to_owned()),
        1 => Just("\n".to_owned()),
        1 => "[ -~]{1,6}",
        1 => "\\PC{1,3}",
        4 => prop::sample::select(vec![
            "the password is ", "password", "passphrase: ", "PIN ", "mot de passe : ", "hasło to ", "contraseña", "code is ", "login: bob / ", "api_key=", "\"token\": \"", "secret", "= '", "'", "\"", "://bob:", "@host", "Bearer ",
            "Basic ", "-u bob:", "ghp_", "sk-ant-", "eyJ", ".eyJ", "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----", "seed phrase: ", "abandon ability able about above absent absorb abstract absurd abuse ", "=", ":",
            "<password>", "</password>", "\\\"", "&quot;", "${", "}", "(", ")", ",", "12345", " or ", " for the wifi is ", "\u{201e}", "\u{201c}", "arn:aws:", ".atlasv1.", "$6$", "$2b$10$",
        ]).prop_map(str::to_owned),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn what_is_settled_stays_however_the_text_goes_on(text in text(), cut in 0.0..1.0f64) {
        let secrets = &*SECRETS;
        let cut = text.floor_char_boundary((text.len() as f64 * cut) as usize);
        let prefix = &text[..cut];
        let settled = secrets.settled(prefix);
        prop_assert!(prefix.is_char_boundary(settled));
        prop_assert_eq!(found_before(secrets, prefix, settled), found_before(secrets, &text, settled), "{} of {:?}", settled, text);
    }

    #[test]
    fn findings_lie_between_characters_in_order_and_apart(text in text()) {
        let secrets = &*SECRETS;
        for near in [false, true] {
            let mut out = Vec::new();
            if near { secrets.find_near(&text, &mut out) } else { secrets.find(&text, &mut out) }
            let mut last = 0..0;
            for finding in out {
                prop_assert!(text.is_char_boundary(finding.span.start) && text.is_char_boundary(finding.span.end));
                prop_assert!(finding.span.start < finding.span.end && finding.span.end > last.end && finding.span.start >= last.start);
                last = finding.span;
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}") {
        let secrets = &*SECRETS;
        let mut out = Vec::new();
        secrets.find(&text, &mut out);
        secrets.find_near(&text, &mut out);
        prop_assert!(secrets.settled(&text) <= text.len());
    }
}

#[test]
fn plain_prose_lags_by_one_token() {
    let secrets = &*SECRETS;
    let text = "It was on a dreary night of November that I beheld the accomplishment of my toils";
    for end in 1..=text.len() {
        let last = text[..end].rfind(' ').map_or(0, |space| space + 1);
        assert_eq!(secrets.settled(&text[..end]), last, "{}", &text[..end]);
    }
}

#[test]
fn a_cue_holds_until_its_window_is_over() {
    let secrets = &*SECRETS;
    assert_eq!(secrets.settled("so the password "), 7);
    assert_eq!(secrets.settled("so the password is "), 7);
    assert_eq!(secrets.settled("-----BEGIN RSA PRIVATE KEY-----\nabc\n"), 0);
    let over = "the password was wrong. And now for something else ";
    assert!(secrets.settled(over) > "the password".len());
}
