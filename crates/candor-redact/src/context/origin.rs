//! Web origins, read the way browsers read addresses (WHATWG URL), and refused where that is in doubt.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::punycode;

/// A host name, normalised: NFKC, lower case, Punycode decoded, no trailing dot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Host<'a>(Cow<'a, str>);

impl<'a> Host<'a> {
    /// The host of an origin or address. Nothing where the scheme is not the web's: the inner pages of a browser and
    /// files have no origin to judge by.
    pub(super) fn of_origin(origin: &'a str) -> Option<Self> {
        let origin = origin.trim_matches(|c: char| c.is_ascii_whitespace());
        let origin =
            ["view-source:", "blob:"].into_iter().find_map(|it| strip_prefix_any_case(origin, it)).unwrap_or(origin);
        let (scheme, rest) = origin.split_once("://")?;
        let web = ["https", "http", "wss", "ws"].into_iter().any(|it| scheme.eq_ignore_ascii_case(it));
        // Browsers skip any number of slashes here and take a backslash for one; no honest origin has them.
        if !web || rest.starts_with(['/', '\\']) {
            return None;
        }
        let authority = rest.split(['/', '\\', '?', '#']).next()?;
        let host = authority.rsplit('@').next()?;
        Self::new(without_port(host)?)
    }

    /// The host that Chromium writes into the window class of a web application: `chrome-mail.example.org__-Default`.
    pub(super) fn of_web_app(class: &'a str) -> Option<Self> {
        let (host, _) = class.split_once("__")?;
        let (browser, host) = host.split_once('-')?;
        let known = ["brave", "chrome", "chromium", "edge", "msedge", "vivaldi"].contains(&browser);
        if known { Self::new(host) } else { None }
    }

    /// A site that somebody named: a host or an origin.
    pub(super) fn named(site: &'a str) -> Option<Self> {
        let site = site.trim();
        if site.contains("://") { Self::of_origin(site) } else { Self::new(site.strip_prefix("*.").unwrap_or(site)) }
    }

    fn new(host: &'a str) -> Option<Self> {
        let host = host.strip_suffix('.').unwrap_or(host);
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.');
        let address = host.starts_with('[') && host.ends_with(']');
        let host = match host.bytes().all(plain) && !host.contains("xn--") {
            _ if address => Cow::Owned(host.to_ascii_lowercase()),
            true => Cow::Borrowed(host),
            false => Cow::Owned(unicode(host)?),
        };
        let labels = !host.is_empty() && host.len() <= 1_000 && host.split('.').all(|label| !label.is_empty());
        (address || labels).then_some(Self(host))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn into_owned(self) -> Host<'static> {
        Host(Cow::Owned(self.0.into_owned()))
    }

    /// The host, then without its first label, and so on.
    pub(super) fn suffixes(&self) -> impl Iterator<Item = &str> {
        let starts = self.0.match_indices('.').map(|(at, _)| at + 1);
        std::iter::once(0).chain(starts).filter_map(|at| self.0.get(at..))
    }

    pub(super) fn labels(&self) -> impl Iterator<Item = &str> {
        self.0.split('.')
    }
}

fn strip_prefix_any_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    if head.eq_ignore_ascii_case(prefix) { text.get(prefix.len()..) } else { None }
}

fn without_port(host: &str) -> Option<&str> {
    if host.starts_with('[') {
        let (address, port) = host.split_at(host.find(']')? + 1);
        return (port.is_empty() || port.starts_with(':')).then_some(address);
    }
    match host.split_once(':') {
        Some((host, port)) => port.bytes().all(|b| b.is_ascii_digit()).then_some(host),
        None => Some(host),
    }
}

/// A host that is not plain ASCII in one spelling, as UTS 46 has it in the main: compatibility forms folded, other full
/// stops are dots, Punycode labels decoded. What cannot stand in a host makes it none.
fn unicode(host: &str) -> Option<String> {
    let folded: String = host.nfkc().flat_map(char::to_lowercase).map(|c| if c == '。' { '.' } else { c }).collect();
    let folded = folded.trim_end_matches('.');
    let mut out = String::with_capacity(folded.len());
    for label in folded.split('.') {
        match label.strip_prefix("xn--") {
            Some(code) => out.extend(punycode::decode(code)?.nfkc().flat_map(char::to_lowercase)),
            None => out.push_str(label),
        }
        out.push('.');
    }
    out.pop();
    let valid = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '·') || is_mark(c);
    out.chars().all(valid).then_some(out)
}

fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}
