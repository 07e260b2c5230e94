//! Whether what stands behind a name is a secret, or stands for one.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::shape::Shape;
use super::words::CUES;

/// What stands where a secret would, in any case and without what surrounds it.
static PLACEHOLDERS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    "password passwd passwort pass pwd pw passphrase secret token key apikey api_key value option some warn deny allow files none null nil nothing \
     undefined unset true false yes no on off string str int bytes bool boolean text varchar char object any void \
     self this default required optional empty auth basic bearer digest hidden masked private public prompt ask env \
     file foo bar baz foobar abc xyz test dummy fake mock todo tbd n/a utf8 utf-8 changeme not_set example sample \
     username user id"
        .split(' ')
        .collect()
});

/// What a placeholder contains; the second list only where no digits are mixed in.
const HINTS: &str = "your changeme change_me change-me replace placeholder insert redacted xxxx **** .... \u{2022}\u{2022} ${ #{ {{ $( <% %( %s %v \
                     [[ ... _here -here todo abc123";
const EXAMPLES: &str = "example dummy fake sample my- my_";

/// Whether a value stands for a secret: a variable, a template, a word for "put it here".
pub(super) fn is_placeholder(value: &str) -> bool {
    let bare = value.trim_matches(|c: char| {
        matches!(c, '<' | '>' | '[' | ']' | '{' | '}' | '%' | '_' | '*' | '.' | ' ' | '"' | '\'')
    });
    if bare.is_empty() || bare.len() < 16 && PLACEHOLDERS.contains(bare.to_ascii_lowercase().as_str()) {
        return true;
    }
    let mut bytes = value.bytes();
    let first = bytes.next().unwrap_or_default();
    if bytes.all(|byte| byte == first) && !(first.is_ascii_digit() && value.len() >= 4 && first != b'0') {
        return true;
    }
    if is_reference(value) {
        return true;
    }
    let shape = Shape::of(value);
    let hinted = || {
        let lower = value.to_ascii_lowercase();
        let has = |hints: &str| hints.split(' ').any(|hint| lower.contains(hint));
        has(HINTS) || !shape.is_mixed() && has(EXAMPLES)
    };
    value.len() <= 64 && !(shape.is_random(16) && shape.digits > 3) && hinted()
}

/// `$NAME`, `${NAME}`, `{name}`, `<name>`, `%NAME%`, `:name`, `@name`, `&name`: taken from elsewhere.
fn is_reference(value: &str) -> bool {
    let name = |text: &str| {
        let ident =
            text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b' ' | b':'));
        ident && text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
    };
    let between =
        |open: char, close: char| value.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)).is_some_and(name);
    if value.starts_with("${") || value.starts_with("{{") || value.starts_with("$(") || value.starts_with("<%") {
        return true;
    }
    if between('<', '>') || between('{', '}') || between('%', '%') || between('[', ']') {
        return true;
    }
    let variable = |rest: &str| {
        rest.contains('_')
            && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    };
    if value.strip_prefix('$').is_some_and(variable) {
        return true;
    }
    value.strip_prefix(['$', ':', '&', '@']).is_some_and(|rest| name(rest) && !Shape::of(rest).is_random(8))
}

/// What a name says of the value behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Claim {
    /// May well be something else: `key`, `auth`, `id`, `session`.
    Weak,
    /// A machine's secret: `secret`, `token`, `api_key`.
    Strong,
    /// A human's: `password`, `pwd`.
    Password,
}

/// How a value stands behind its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// In quotes.
    Quoted,
    /// Bare, as in files of settings: `NAME=value`, `--name value`.
    Setting,
    /// Bare, as in code, where words are names.
    Code,
}

/// Whether it is a secret.
pub(super) fn is_secret(claim: Claim, form: Form, value: &str) -> bool {
    let shape = Shape::of(value);
    if value.len() < 3 || is_placeholder(value) || is_expression(value, form) || is_path(value) {
        return false;
    }
    match claim {
        Claim::Password => is_password(form, value, &shape),
        Claim::Strong => {
            let mixed = shape.is_mixed() && shape.len >= 8 && (shape.turns > 1 || shape.digits > 3);
            let odd = shape.odd >= 2 && shape.odd * 4 >= shape.pairs && shape.len >= 6;
            !value.contains(' ') && (mixed && !is_name(value) || odd || is_long_number(&shape)) || shape.is_random(8)
        }
        Claim::Weak => {
            let token = value.bytes().all(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'=' | b'.' | b'~' | b':')
            });
            let odd = form == Form::Setting && shape.len >= 8 && shape.odd >= 3 && shape.odd * 3 >= shape.pairs;
            let mixed = shape.is_random(16)
                || shape.is_random(10) && shape.is_mixed() && shape.digits > 1
                || shape.turns > 2 && shape.len >= 12;
            (token || shape.len >= 40 && shape.is_random(40))
                && (mixed || odd || is_long_number(&shape))
                && !is_name(value)
        }
    }
}

/// More digits than an account or a moment has.
fn is_long_number(shape: &Shape) -> bool {
    shape.digits >= 24 && shape.digits == shape.len && shape.distinct > 4
}

/// A name and a password, as HTTP's basic authentication joins them.
pub(super) fn is_pair(value: &str) -> bool {
    value.split_once(':').is_some_and(|(name, password)| {
        let plain = |text: &str| {
            text.len() >= 3 && !text.contains([' ', '/', '(', ')', '{', '}', '[', ']', '<', '>', '=', ':'])
        };
        plain(name) && plain(password) && !is_placeholder(password)
    })
}

fn is_password(form: Form, value: &str, shape: &Shape) -> bool {
    let labels = || CUES.iter().any(|(_, words)| words.split(' ').any(|word| value.to_lowercase() == word));
    if form == Form::Quoted && shape.digits == 0 && labels() {
        return false;
    }
    if value.starts_with(['`', '"', '\'', '+']) || value.ends_with('+') {
        return false;
    }
    let words = value.split(' ').count();
    if words > 1 {
        return form == Form::Quoted && words <= 6 && !is_message(value);
    }
    let strong = shape.is_mixed() || shape.symbols > 0 && shape.letters() > 0 && !is_name(value) || shape.odd >= 2;
    match form {
        Form::Quoted
            if value.starts_with(['`', '"', '\'', '\\', '+']) || value.split('.').count() > 2 && shape.digits == 0 =>
        {
            false
        }
        Form::Quoted => strong || shape.len >= 4 && !is_name(value) || shape.digits >= 4,
        Form::Setting if value.contains(['.', '_']) && is_name(value) => false,
        Form::Setting => strong || shape.len >= 5 || shape.digits >= 4,
        Form::Code => shape.odd >= 2 && shape.odd * 4 >= shape.pairs || shape.is_mixed() && !is_name(value),
    }
}

/// Words with `_`, `-`, `.` or humps between, and few digits: a name of something.
fn is_name(value: &str) -> bool {
    let joined = value.contains(['_', '-', '.', ':', '/']) || Shape::of(value).humps > 0;
    let words = value.split(['_', '-', '.', ':', '/']).all(|word| {
        let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
        word.is_empty() || Shape::of(word).is_wordlike()
    });
    joined && words && Shape::of(value).digits <= 4
}

/// A message to people rather than what they type: it speaks of passwords, or ends as a question does.
pub(super) fn is_message(value: &str) -> bool {
    const SPEAKS: &[&str] = &[
        "password",
        "passwort",
        "enter",
        "must",
        "invalid",
        "required",
        "incorrect",
        "wrong",
        "please",
        "the ",
        "your",
        "confirm",
        "new ",
        "for ",
        " is ",
        "not ",
        "secret",
        "key",
        "token",
        "with ",
        "login",
        "user",
    ];
    let lower = value.to_lowercase();
    let cue = |words: &str| words.split(' ').any(|word| word.len() > 4 && lower.contains(word));
    CUES.iter().any(|(_, words)| cue(words))
        || value.ends_with([':', '?', ' ', '='])
        || SPEAKS.iter().any(|word| lower.contains(word))
}

/// Code that makes the value.
fn is_expression(value: &str, form: Form) -> bool {
    let calls = value.contains('(') && value.contains(')') || value.contains("->") || value.contains("::");
    match form {
        Form::Quoted => {
            value.contains("<?") || value.contains("\" +") || value.contains("' +") || value.starts_with("env:")
        }
        Form::Setting => {
            calls
                || value.contains('(') && value.starts_with(|c: char| c.is_ascii_alphabetic())
                || value.starts_with(['$', '`', '(']) && !Shape::of(value).is_random(8)
        }
        Form::Code => calls || value.contains(['(', '[', '{', '<']) || is_name(value),
    }
}

/// A path to a file, or an address.
fn is_path(value: &str) -> bool {
    const ENDS: &[&str] = &[
        ".key", ".pem", ".txt", ".json", ".yml", ".yaml", ".crt", ".py", ".js", ".html", ".conf", ".pub", ".env",
        ".xml", ".php", ".file",
    ];
    value.starts_with("./")
        || value.starts_with("../")
        || value.starts_with("~/")
        || value.contains("://")
        || value.starts_with('/')
            && value.get(1..).is_some_and(|rest| rest.contains('/') && !Shape::of(value).is_random(16))
        || value.starts_with("/") && Shape::of(value.trim_matches('/')).is_wordlike()
        || ENDS.iter().any(|end| value.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_stands_for_a_secret() {
        for value in [
            "${DB_PASSWORD}",
            "<your token>",
            "{{ secret }}",
            "changeme",
            "your_password_here",
            "xxxxxxxx",
            "$PASS",
            "None",
            "%PW%",
        ] {
            assert!(is_placeholder(value), "{value}");
        }
    }

    #[test]
    fn redacts_weak_passwords_too() {
        for value in ["sunshine", "hunter2", "1234", "letmein!"] {
            assert!(is_secret(Claim::Password, Form::Quoted, value), "{value}");
            assert!(is_secret(Claim::Password, Form::Setting, value), "{value}");
        }
    }

    #[test]
    fn keeps_names_and_calls_in_code() {
        for value in ["password", "user.password", "get_password()", "self.token", "cleaned_data", "configJwtSecret"] {
            assert!(!is_secret(Claim::Password, Form::Code, value), "{value}");
            assert!(!is_secret(Claim::Strong, Form::Code, value), "{value}");
        }
    }
}
