//! Application names, compared across systems: `/usr/lib/slack/Slack`, `slack.exe`, `com.slack.Slack`, `slack.Slack`.

/// No name that the window system gives is longer.
const NAME_BYTES_MAX: usize = 255;

/// What builds of one program add to its name.
const BUILDS: [&str; 11] =
    ["beta", "bin", "canary", "dev", "developeredition", "esr", "nightly", "stable", "unstable", "wrapped", "x8664"];

/// An application's name, normalised: the last part of a path, without an ending that says it is a program; lower case;
/// its dotted parts keep only letters and digits. On the stack, since one is made for every window.
#[derive(Clone, Copy)]
pub(super) struct Name {
    bytes: [u8; NAME_BYTES_MAX],
    len: u8,
}

impl Name {
    /// The name, where it is one.
    pub(super) fn new(app: &str) -> Option<Self> {
        let file = app.trim().trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next()?;
        let mut name = Self { bytes: [0; NAME_BYTES_MAX], len: 0 };
        for c in without_ending(file).chars() {
            if c.is_alphanumeric() {
                c.to_lowercase().try_for_each(|c| name.push(c))?;
            } else if c == '.' {
                name.push(c)?;
            }
        }
        name.as_str().contains(|c| c != '.').then_some(name)
    }

    fn push(&mut self, c: char) -> Option<()> {
        let place = self.bytes.get_mut(usize::from(self.len)..)?.get_mut(..c.len_utf8())?;
        c.encode_utf8(place);
        self.len += u8::try_from(c.len_utf8()).ok()?;
        Some(())
    }

    pub(super) fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..usize::from(self.len)).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// The whole name and each of its dotted parts, each also without what builds add.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        let whole = std::iter::once(self.as_str());
        let parts = self.as_str().split('.').filter(|part| !part.is_empty());
        whole.chain(parts).flat_map(|word| std::iter::once(word).chain(without_build(word)))
    }

    /// Whether this is `other`, or has it as a dotted part.
    pub(super) fn is_or_holds(&self, other: &Self) -> bool {
        self.words().any(|word| word == other.as_str())
    }
}

fn without_ending(file: &str) -> &str {
    let ending = [".exe", ".desktop", ".app", ".appimage"].into_iter().find(|ending| {
        file.len()
            .checked_sub(ending.len())
            .and_then(|at| file.get(at..))
            .is_some_and(|it| it.eq_ignore_ascii_case(ending))
    });
    ending.and_then(|ending| file.get(..file.len() - ending.len())).unwrap_or(file)
}

fn without_build(word: &str) -> Option<&str> {
    BUILDS.iter().find_map(|build| word.strip_suffix(build)).filter(|rest| !rest.is_empty())
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Name {}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl std::fmt::Debug for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.as_str().fmt(f)
    }
}
