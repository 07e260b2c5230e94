//! Applications that are private, and browsers. From the names of their windows, executables, desktop files and bundles.

use super::{PrivateKind, look_up, name::Name};

/// Why an application is private, where it is.
pub(super) fn kind(name: &Name) -> Option<PrivateKind> {
    name.words().find_map(|word| look_up(APPS, word))
}

/// Whether an application is a browser, whose sites decide.
pub(super) fn is_browser(name: &Name) -> bool {
    // Chromium calls the window of an installed web application `crx_` and an id.
    let web_app = ["crx", "chrome", "msedge", "brave"].into_iter().any(|it| name.as_str().starts_with(it));
    web_app || name.words().any(|word| BROWSERS.binary_search(&word).is_ok())
}

/// Whole names, or dotted parts of names, as [`Name`] normalises them; each list is sorted.
#[rustfmt::skip]
pub(super) const APPS: &[(PrivateKind, &[&str])] = &[
    (PrivateKind::Conversation, &[
        "adium", "adiumx", "airmail", "airmail2", "airmail3", "amazonchime", "amazonchimemeetings", "atmgr",
        "ayttm", "balsa", "betterbird", "bitmessage", "bluebubbles", "bluejeans", "bluemail", "briar", "brosix",
        "bumble", "calls", "canarymail", "caprine", "chatty", "chime", "ciscocollabhost", "ciscojabber",
        "ciscospark", "ciscowebexmeeting", "ciscowebexmeetings", "clawsmail", "clickmeeting", "conversations",
        "deltachat", "deltachatdesktop", "dingtalk", "dino", "dinoim", "discord", "discordcanary", "discordptb",
        "doverymail", "edisonmail", "ekiga", "element", "elementdesktop", "emclient", "empathy", "eudora",
        "evolution", "facebook", "facebookmessenger", "facetime", "feishu", "ferdi", "ferdium", "flock",
        "fluffychat", "foxmail", "fractal", "franz", "gajim", "geary", "gmail", "googlechat", "googlemeet",
        "googlemessages", "gotomeeting", "grindr", "groupme", "gsconnect", "guilded", "hangouts", "hexchat",
        "hexchatgtk", "hinge", "hipchat", "hxmail", "hxoutlook", "hxtsr", "ichat", "imessage",
        "instagram", "irccloud", "irssi", "jabber", "jami", "jitsi", "jitsimeet", "kaidan", "kakaotalk",
        "kdeconnect", "kdeconnectsms", "keybase", "keybasegui", "kik", "kmail", "kontact",
        "konversation", "kopete", "kvirc", "lark", "line", "linkedin", "linphone", "loom", "lotusnotes", "lync",
        "mail", "mailbird", "mailmate", "mailspring", "mattermost", "mattermostapp", "mattermostdesktop",
        "messages", "messenger", "messengerfordesktop", "microsoftoutlook", "microsoftteams", "microsoftteams2",
        "microsoftwindowscommunicationsapps", "mimestream", "mirc", "mobilemail", "mobilephone", "mobilesms",
        "monal", "msgcompose", "msteams", "mumble", "mutt", "neochat", "neomutt", "nheko", "notesnlnotes",
        "olk", "outlook", "outlookforwindows", "phoneexperiencehost", "phonelink", "pidgin", "polari",
        "polymail", "postbox", "profanity", "protonmail", "protonmailbridge", "psi", "psiplus", "qq", "qtox",
        "quassel", "quasselclient", "qutim", "rambox", "revolt", "ricochet", "ricochetrefresh", "ringcentral",
        "riot", "rocketchat", "roundcube", "scudcloud", "session", "sessiondesktop", "signal", "signaldesktop",
        "simplex", "simplexchat", "skype", "skypeforbusiness", "skypeforlinux", "slack",
        "slackdesktop", "snapchat", "spark", "sparkdesktop", "spike", "superhuman", "sylpheed", "symphony",
        "tangram", "tdesktop", "teams", "teamsforlinux", "teamspeak", "teamspeak3", "telegram",
        "telegramdesktop", "thebat", "thebat64", "threema", "threemadesktop", "threemaweb", "thunderbird",
        "thunderbirdbeta", "tinder", "tox", "toxic", "trillian", "trojita", "ts3client", "ts3clientwin64",
        "tuta", "tutanota", "tutanotadesktop", "twinkle", "twitter", "unigram", "utox", "venom", "ventrilo",
        "vesktop", "viber", "viberpc", "voxer", "webcord", "webex", "webexmeetings", "webexteams", "wechat",
        "wecom", "weechat", "weixin", "whatsapp", "whatsappbeta", "whatsappdesktop", "whatsdesk", "whatsie",
        "wickr", "wickrme", "wickrpro", "windowslivemail", "wire", "wlmail", "workplace", "workplacechat",
        "wxwork", "xchat", "xinwechat", "yahoomail", "yakyak", "yammer", "yandexmail", "yourphone", "zalo",
        "zello", "zimbra", "zoom", "zoomus", "zoomworkplace", "zulip",
    ]),
    (PrivateKind::HumanResources, &[
        "adpworkforcenow", "bamboohr", "datevlohn", "gusto", "hibob", "kronos", "lexwarelohn", "paychex",
        "paycom", "peoplesoft", "personio", "rippling", "sagehr", "sagepayroll", "sapsuccessfactors",
        "successfactors", "ukg", "workday",
    ]),
    (PrivateKind::Health, &[
        "adahealth", "calm", "clue", "dexcom", "doctolib", "epichyperspace", "fitbit", "flo", "garminconnect",
        "gnuhealth", "headspace", "health", "healthkit", "hyperspace", "kry", "libreview", "medisafe",
        "mychart", "mysugr", "openemr", "orthanc", "teladoc", "withings", "zocdoc",
    ]),
    (PrivateKind::Money, &[
        "alipay", "banktivity", "binance", "bitcoincore", "bitcoinqt", "coinbase", "electrum",
        "electrumltc", "elster", "elsterformular", "exodus", "gnucash", "grisbi", "hibiscus", "homebank",
        "jameica", "kmymoney", "kraken", "ledgerlive", "ledgerlivedesktop", "metamask", "monero",
        "monerowallet", "monerowalletgui", "moneydance", "moneymoney", "mymoney", "outbank", "paypal",
        "quickbooks", "quicken", "revolut", "sfirm", "skrooge", "skroogemain", "sparrow", "sparrowwallet",
        "starmoney", "taxact", "trezorsuite", "turbotax", "venmo", "vrnetworld", "wasabi", "wasabiwallet",
        "wiso", "wisosteuer", "ynab",
    ]),
    (PrivateKind::Secrets, &[
        "1password", "1password7", "1password8", "agilebits", "authenticator", "authy", "authydesktop",
        "authyelectron", "bitwarden", "bitwardendesktop", "buttercup", "cinnamonscreensaver", "consent",
        "consentux", "coreauthd", "coreauthui", "credentialuibroker", "dashlane", "dashlanedesktop", "elpass",
        "enpass", "enpassdesktop", "enpasshelper", "enpasswin", "gcrprompter", "gcrprompter3", "gcrviewer",
        "gdm", "gdmgreeter", "gksu", "gksudo", "gnomeauthenticator", "gnomekeyring", "gnomekeyringask",
        "gnomekeyringprompt", "gnomescreensaver", "gnomesshaskpass", "gpa", "gpgkeychain", "gtkgreet",
        "gtklock", "gtkpass", "hyprlock", "i3lock", "kdesu", "kdesudo", "keepass", "keepass2", "keepassx",
        "keepassx2", "keepassxc", "keepassxcproxy", "keeper", "keeperdesktop", "keeperpasswordmanager",
        "keychainaccess", "keychaincircle", "kgpg", "kleopatra", "kscreenlocker", "kscreenlockergreet",
        "ksshaskpass", "kwallet", "kwalletd", "kwalletd5", "kwalletd6", "kwalletmanager", "kwalletmanager5",
        "lastpass", "lesspass", "lightdm", "lightdmgtkgreeter", "lightlocker", "lockapp", "loginwindow",
        "logonui", "lxqtopensshaskpass", "lxqtpolicykitagent", "lxqtsudo", "matepolkit", "matescreensaver",
        "nordpass", "otpclient", "padloc", "passbolt", "passwords", "passwordsafe", "physlock", "pinentry",
        "pinentrycurses", "pinentryefl", "pinentryfltk", "pinentrygnome3", "pinentrygtk", "pinentrygtk2",
        "pinentrymac", "pinentryqt", "pinentryqt4", "pinentryqt5", "pinentryqt6", "pinentrytty", "pinentryw32",
        "policykit1gnome", "policykit1kde", "polkitagent", "polkitgnomeauthenticationagent1",
        "polkitkdeauthenticationagent1", "polkitmateauthenticationagent1", "protonpass", "psono", "pwsafe",
        "qtpass", "roboform", "rofipass", "rofirbw", "screensaverengine", "seahorse", "securityagent", "slock",
        "sshaskpass", "strongbox", "swaylock", "swaylockeffects", "veracrypt", "waylock", "x11sshaskpass",
        "xfce4screensaver", "xlock", "xscreensaver", "xsecurelock", "xtrlock", "yubicoauthenticator",
        "yubikeymanager", "yubioath", "yubioathdesktop", "zulucrypt", "zulumount",
    ]),
    (PrivateKind::PrivateBrowsing, &[
        "firefoxfocus", "mullvadbrowser", "onionbrowser", "starttorbrowser", "tor", "torbrowser",
        "torbrowserlauncher",
    ]),
    (PrivateKind::SpecialCategory, &[
        "accordance", "biblegateway", "bibletime", "bibleworks", "gethallow", "gnomequran", "hallow", "jdate",
        "logos", "logosbible", "muslimpro", "pray", "quran", "sword", "xiphos", "youversion", "zekr",
    ]),
];

/// As [`APPS`], sorted.
#[rustfmt::skip]
pub(super) const BROWSERS: &[&str] = &[
    "arc", "avastsecurebrowser", "brave", "bravebrowser", "browser", "cachybrowser", "chrome", "chromium",
    "chromiumbrowser", "chromiumfreeworld", "comet", "crios", "dia", "duckduckgo", "edge", "eolie", "epiphany",
    "falkon", "firefox", "firefoxbin", "floorp", "fxios", "gnomeweb", "googlechrome", "helium", "icecat",
    "iceweasel", "ie", "iexplore", "iexplorer", "internetexplorer", "iridium", "iridiumbrowser", "kiwi",
    "konqueror", "librewolf", "links2", "lynx", "maxthon", "microsoftedge", "microsoftedgecp",
    "microsoftinternetexplorer", "midori", "min", "minbrowser", "msedge", "navigator", "nyxt", "opera",
    "operadeveloper", "operagx", "orion", "otter", "otterbrowser", "palemoon", "qupzilla", "qutebrowser",
    "safari", "safaritechnologypreview", "samsunginternet", "seamonkey", "sidekick", "sigmaos", "sleipnir",
    "surf", "thorium", "thoriumbrowser", "ucbrowser", "ungoogledchromium", "vimb", "vivaldi", "vivaldibrowser",
    "vivaldisnapshot", "w3m", "waterfox", "waterfoxclassic", "webapp", "webbrowser", "whale", "yandex",
    "yandexbrowser", "yandexbrowserbeta", "zen", "zenalpha", "zenbrowser",
];
