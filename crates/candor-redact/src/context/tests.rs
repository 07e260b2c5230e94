use super::*;

fn judge(app: &str, title: &str, origin: Option<&str>) -> Context {
    Contexts::default().judge(app, title, origin)
}

#[track_caller]
fn site(origin: &str) -> Context {
    judge("firefox", "", Some(origin))
}

const fn private(kind: PrivateKind) -> Context {
    Context::Private(kind)
}

#[test]
fn redacts_private_applications_under_each_systems_name() {
    use PrivateKind::{Conversation, Money, PrivateBrowsing, Secrets};
    for (app, kind) in [
        ("thunderbird", Conversation),
        ("Mail.thunderbird", Conversation),
        ("org.mozilla.Thunderbird.desktop", Conversation),
        ("thunderbird-esr", Conversation),
        ("/usr/lib/slack/slack", Conversation),
        ("C:\\Program Files\\Slack\\SLACK.EXE", Conversation),
        ("com.tinyspeck.slackmacgap.Slack", Conversation),
        ("us.zoom.xos", Conversation),
        ("ms-teams.exe", Conversation),
        ("Microsoft Teams", Conversation),
        ("OUTLOOK.EXE", Conversation),
        ("com.apple.MobileSMS", Conversation),
        ("org.gnome.Geary", Conversation),
        ("gnucash", Money),
        ("KeePassXC", Secrets),
        ("org.keepassxc.KeePassXC", Secrets),
        ("pinentry-gtk-2", Secrets),
        ("polkit-gnome-authentication-agent-1", Secrets),
        ("i3lock", Secrets),
        ("Tor Browser", PrivateBrowsing),
    ] {
        assert_eq!(judge(app, "", None), private(kind), "{app}");
    }
}

#[test]
fn keeps_applications_whose_names_only_look_alike() {
    for app in [
        "gedit",
        "org.gnome.TextEditor",
        "libreoffice-writer",
        "WINWORD.EXE",
        "code",
        "Slackware-tool",
        "blender",
        "zoomer-app",
        "gimp-2.10",
        "org.gnome.Nautilus",
        "signalyst",
    ] {
        assert_eq!(judge(app, "", None), Context::Open, "{app}");
    }
}

#[test]
fn redacts_private_sites_and_everything_below_them() {
    use PrivateKind::{Conversation, Health, HumanResources, Money, Secrets, SpecialCategory};
    for (origin, kind) in [
        ("https://mail.google.com", Conversation),
        ("https://gmail.com/", Conversation),
        ("https://acme.slack.com", Conversation),
        ("https://teams.microsoft.com:443", Conversation),
        ("https://webmail.example.org", Conversation),
        ("http://intranet.chat.example.org", Conversation),
        ("https://wd5.myworkday.com", HumanResources),
        ("https://mychart.example.org", Health),
        ("https://www.nhs.uk", Health),
        ("https://www.chase.com", Money),
        ("https://example.bank", Money),
        ("https://vault.bitwarden.com", Secrets),
        ("https://sso.example.com", Secrets),
        ("https://www.verdi.de", SpecialCategory),
    ] {
        assert_eq!(site(origin), private(kind), "{origin}");
    }
}

#[test]
fn keeps_sites_that_only_look_like_private_ones() {
    for origin in [
        "https://notgmail.com",
        "https://slack.com.evil.example",
        "https://gmail.com.evil.example",
        "https://example.org/mail.google.com",
        "https://example.org?https://gmail.com",
        "https://example.org#@gmail.com",
        "https://docs.google.com",
        "https://en.wikipedia.org",
        "https://github.com",
        "http://[::1]:8080",
        "http://192.168.1.5:3000",
        "https://embankment.example",
    ] {
        assert_eq!(site(origin), Context::Open, "{origin}");
    }
}

#[test]
fn redacts_a_private_site_however_its_address_is_spelled() {
    for origin in [
        "HTTPS://GMAIL.COM",
        "https://gmail.com.",
        "https://gmail.com:8443",
        "https://example.org@gmail.com",
        "https://example.org:x@gmail.com:443/path",
        "https://gmail.com\\@example.org",
        "https://ｇｍａｉｌ.com",
        "https://gmail。com",
        "view-source:https://gmail.com/",
        "blob:https://gmail.com/0",
        "wss://gmail.com",
        "  https://gmail.com\n",
    ] {
        assert_eq!(site(origin), private(PrivateKind::Conversation), "{origin}");
    }
}

#[test]
fn an_address_that_cannot_be_read_is_unknown() {
    for origin in [
        "",
        "null",
        "gmail.com",
        "about:blank",
        "chrome://settings",
        "file:///home/a",
        "https://",
        "https:///gmail.com",
        "https:\\\\gmail.com",
        "https://gm%61il.com",
        "https://a b.example",
        "https://example.org:port",
        "https://a..b",
        "https://xn--.example",
        "https://xn--99999999.example",
        "https://[::1",
        "javascript://gmail.com",
        "https://:443",
    ] {
        assert_eq!(site(origin), Context::Unknown, "{origin}");
    }
}

#[test]
fn a_browser_that_shows_no_origin_is_unknown_and_an_editor_is_not() {
    for app in [
        "firefox",
        "Navigator.firefox",
        "Google-chrome",
        "google-chrome-stable",
        "com.apple.Safari",
        "msedge.exe",
        "crx_abcdef",
    ] {
        assert_eq!(judge(app, "Example Domain", None), Context::Unknown, "{app}");
    }
    assert_eq!(judge("gedit", "notes on private browsing", None), Context::Open);
    assert_eq!(judge("", "", None), Context::Unknown);
    assert_eq!(judge(&"a".repeat(300), "", None), Context::Unknown);
}

#[test]
fn an_origin_counts_whatever_shows_it() {
    assert_eq!(judge("some-new-browser", "", Some("https://gmail.com")), private(PrivateKind::Conversation));
    assert_eq!(judge("some-new-browser", "", Some("nonsense")), Context::Unknown);
    assert_eq!(judge("chrome-mail.example.org__-Default", "", None), private(PrivateKind::Conversation));
    assert_eq!(judge("chrome-draw.example.org__-Default", "", None), Context::Open);
}

#[test]
fn redacts_private_windows_in_many_languages() {
    let open = Some("https://example.org");
    for title in [
        "Example Domain — Mozilla Firefox Private Browsing",
        "Beispiel — Mozilla Firefox Privater Modus",
        "Exemple — Navigation privée de Mozilla Firefox",
        "EXEMPLE — NAVIGATION PRIVÉE",
        "Example - Google Chrome (Incognito)",
        "Beispiel – Google Chrome (Inkognito)",
        "Example and 1 more page - [InPrivate] - Microsoft Edge",
        "例 - Google Chrome（シークレット モード）",
        "例 — 隐私浏览",
        "Пример — Приватный просмотр Mozilla Firefox",
    ] {
        assert_eq!(judge("firefox", title, open), private(PrivateKind::PrivateBrowsing), "{title}");
        assert_eq!(judge("firefox", title, None), private(PrivateKind::PrivateBrowsing), "{title}");
    }
    assert_eq!(judge("firefox", "Private companies — Mozilla Firefox", open), Context::Open);
}

#[test]
fn additions_make_more_private_and_nothing_less() {
    let app = |name: &str| ContextRule::Application(name.to_owned());
    let origin = |site: &str| ContextRule::Origin(site.to_owned());
    let contexts = Contexts::new(&[
        app("Tagebuch"),
        origin("https://Müller.example:8443/x"),
        origin("wiki.example"),
        app("firefox"),
    ]);
    let contexts = contexts.unwrap();
    let named = private(PrivateKind::Named);
    assert_eq!(contexts.judge("/opt/Tagebuch/tagebuch", "", None), named);
    assert_eq!(contexts.judge("org.example.Tagebuch", "", None), named);
    assert_eq!(contexts.judge("tagebuchverlag", "", None), Context::Open);
    assert_eq!(contexts.judge("chromium", "", Some("https://xn--mller-kva.example")), named);
    assert_eq!(contexts.judge("chromium", "", Some("https://a.MÜLLER.example")), named);
    assert_eq!(contexts.judge("chromium", "", Some("https://a.wiki.example")), named);
    assert_eq!(contexts.judge("chromium", "", Some("https://notwiki.example")), Context::Open);
    assert_eq!(contexts.judge("firefox", "", Some("https://example.org")), named, "a whole browser can be named");
    assert_eq!(contexts.judge("slack", "", None), private(PrivateKind::Conversation), "the defaults stay");
}

#[test]
fn an_addition_that_could_never_match_is_refused() {
    let refused = |rule| Contexts::new(&[rule]).unwrap_err();
    for name in ["", " ", "...", "/"] {
        assert_eq!(refused(ContextRule::Application(name.to_owned())), ContextError::Application, "{name}");
    }
    for site in ["", "https://", "ftp://example.org", "a b", "a..b", "*.", "https://example.org:x"] {
        assert_eq!(refused(ContextRule::Origin(site.to_owned())), ContextError::Origin, "{site}");
    }
}

/// Binary search misses what is out of order, and nothing matches what is not spelled as it will be looked up.
#[test]
fn the_lists_are_sorted_and_normalised() {
    for (kind, list) in apps::APPS.iter().chain(&[(PrivateKind::Named, apps::BROWSERS)]) {
        assert!(list.is_sorted_by(|a, b| a < b), "{kind:?}");
        for app in *list {
            assert_eq!(Name::new(app).unwrap().as_str(), *app);
        }
    }
    for (kind, list) in sites::SITES.iter().chain(sites::LABELS) {
        assert!(list.is_sorted_by(|a, b| a < b), "{kind:?}");
        for site in *list {
            assert_eq!(Host::named(site).unwrap().as_str(), *site);
        }
    }
    for part in titles::PRIVATE {
        assert_eq!(part.to_lowercase(), *part);
    }
    let clash: Vec<_> = apps::BROWSERS.iter().filter(|app| look_up(apps::APPS, app).is_some()).collect();
    assert!(clash.is_empty(), "a browser is judged by its sites: {clash:?}");
}
