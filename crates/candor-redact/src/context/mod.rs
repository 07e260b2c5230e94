//! Where a person is: contexts that are nobody's business, by application, by window title and by web origin.
//!
//! The lists are defaults that everybody gets. A program and a participant may add to them; nobody takes away. A match
//! too many costs some recording, a match too few shows a private moment, so the rules lean to the first: a label such as
//! `webmail` makes any site private, whoever runs it.
//!
//! Architecture invariant: what is not known is not open. A browser that does not say where it is, an address that cannot
//! be read and a name that is no name are [`Context::Unknown`], and the caller withholds text there.

mod apps;
mod name;
mod origin;
mod punycode;
mod sites;
mod titles;

use name::Name;
use origin::Host;

/// What the place in focus is, as far as it can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    /// Nothing speaks against it.
    Open,
    /// It cannot be judged: a browser that shows no origin, or a name or origin that cannot be read.
    Unknown,
    /// Private, for this reason. The reason is for the participant's own record only.
    Private(PrivateKind),
}

/// Why a context is private.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrivateKind {
    /// Mail, chat, messengers, meetings, social networks, dating.
    Conversation,
    /// Pay, reviews, applications, absence.
    HumanResources,
    /// Patients' portals, trackers, insurers, pharmacies.
    Health,
    /// Banks, payments, brokers, taxes.
    Money,
    /// Password managers, key rings, prompts for passwords, locked screens.
    Secrets,
    /// A private window, or a browser that has no other.
    PrivateBrowsing,
    /// A place that itself tells religion, union membership, politics or sexual life (GDPR, article 9).
    SpecialCategory,
    /// The participant or the program named it.
    Named,
}

/// A context that a program or a participant adds to the defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContextRule {
    /// An application by name: window class, executable, desktop file or bundle. Case, blanks and hyphens do not count.
    Application(String),
    /// A site by host or origin (`example.org`, `https://example.org`), with everything below it. A port or path is not
    /// looked at: who names a site means the site.
    Origin(String),
}

/// Why a [`ContextRule`] cannot be kept. Whoever wrote it knows it already, so it is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContextError {
    /// No application can have this name.
    #[error("no application can have this name; give one of 1 to 255 bytes with a letter or digit in it")]
    Application,
    /// This names no site.
    #[error("this names no site; give a host or an origin, such as `example.org` or `https://example.org`")]
    Origin,
}

/// The private contexts of a session: the defaults and what was added.
#[derive(Debug, Clone, Default)]
pub struct Contexts {
    /// Normalised names, sorted.
    applications: Vec<Name>,
    /// Normalised hosts, sorted.
    hosts: Vec<Host<'static>>,
}

impl Contexts {
    /// The defaults and `more`, in any order and any number.
    ///
    /// # Errors
    /// At the first rule that could never match.
    pub fn new<'a>(more: impl IntoIterator<Item = &'a ContextRule>) -> Result<Self, ContextError> {
        let mut contexts = Self::default();
        for rule in more {
            match rule {
                ContextRule::Application(app) => {
                    contexts.applications.push(Name::new(app).ok_or(ContextError::Application)?);
                }
                ContextRule::Origin(site) => {
                    contexts.hosts.push(Host::named(site).ok_or(ContextError::Origin)?.into_owned());
                }
            }
        }
        contexts.applications.sort_unstable();
        contexts.hosts.sort_unstable();
        Ok(contexts)
    }

    /// Judges the window in focus: `app` and `title` as the window system gives them, `origin` as the browser does.
    /// Allocates only where a host is not plain lower-case ASCII.
    pub fn judge(&self, app: &str, title: &str, origin: Option<&str>) -> Context {
        let Some(name) = Name::new(app) else { return Context::Unknown };
        if let Some(kind) = self.application(&name) {
            return Context::Private(kind);
        }
        let browser = apps::is_browser(&name);
        if (browser || origin.is_some()) && titles::is_private_window(title) {
            return Context::Private(PrivateKind::PrivateBrowsing);
        }
        let host = match origin {
            Some(origin) => Host::of_origin(origin),
            // A web application in a window of its own may carry its host in its window class.
            None => match Host::of_web_app(app) {
                Some(host) => Some(host),
                None if browser => None,
                None => return Context::Open,
            },
        };
        match host.map(|host| self.site(&host)) {
            Some(Some(kind)) => Context::Private(kind),
            Some(None) => Context::Open,
            None => Context::Unknown,
        }
    }

    fn application(&self, name: &Name) -> Option<PrivateKind> {
        let named = self.applications.iter().any(|added| name.is_or_holds(added));
        apps::kind(name).or_else(|| named.then_some(PrivateKind::Named))
    }

    fn site(&self, host: &Host<'_>) -> Option<PrivateKind> {
        let named = || host.suffixes().any(|suffix| self.hosts.binary_search_by(|it| it.as_str().cmp(suffix)).is_ok());
        sites::kind(host).or_else(|| named().then_some(PrivateKind::Named))
    }
}

/// Looks a word up in lists of which each is sorted.
fn look_up(lists: &[(PrivateKind, &[&str])], word: &str) -> Option<PrivateKind> {
    lists.iter().find_map(|(kind, list)| list.binary_search(&word).is_ok().then_some(*kind))
}

#[cfg(test)]
mod tests;
