//! Private windows, by what the major browsers write into their titles.

/// Parts of titles, lower case, one line a language: Firefox, then Chromium's and others' words where they differ.
#[rustfmt::skip]
pub(super) const PRIVATE: &[&str] = &[
    "inprivate", "(incognito)", "incognito window", "incognito mode", "private browsing", "(private)", "(private window)", "private window with tor",
    "privater modus", "privates fenster", "privates surfen", "(inkognito)", "inkognito-", "inkognitomodus",
    "navigation privée", "fenêtre privée",
    "navegación privada", "ventana privada", "(incógnito)", "modo incógnito", "ventana de incógnito",
    "navigazione anonima", "navigazione in incognito", "finestra anonima", "finestra privata", "(in incognito)",
    "navegação privada", "navegação privativa", "janela privada", "janela anônima", "(anônima)", "navegação anónima", "(anónima)", "(navegação anônima)",
    "privénavigatie", "privévenster", "incognitovenster",
    "tryb prywatny", "prywatne okno", "przeglądanie prywatne", "okno incognito",
    "приватный просмотр", "приватное окно", "приватный режим", "инкогнито",
    "приватний перегляд", "приватне вікно", "анонімний перегляд", "режим анонімного",
    "anonymní režim", "anonymní prohlížení", "anonymní okno", "soukromé prohlížení", "(anonymní)",
    "súkromné prehliadanie", "súkromné okno", "inkognito",
    "privat surfning", "privat fönster",
    "privat browsing", "privat vindue",
    "privat nettlesing", "privat vindu",
    "yksityinen selaus", "yksityinen ikkuna", "incognito-tila",
    "privát böngészés", "privát ablak", "inkognitóablak", "inkognitó",
    "navigare privată", "fereastră privată",
    "gizli gezinti", "gizli pencere", "(gizli)",
    "ιδιωτική περιήγηση", "ανώνυμη περιήγηση",
    "גלישה פרטית", "גלישה בסתר",
    "تصفح خاص", "التصفح الخاص", "التصفح المتخفي",
    "プライベートブラウジング", "プライベートウィンドウ", "プライベートブラウズ", "シークレット モード", "シークレットモード", "(シークレット)", "（シークレット",
    "隐私浏览", "隐私窗口", "无痕", "隱私瀏覽", "隱私視窗", "無痕", "私密浏览", "私密瀏覽",
    "사생활 보호", "시크릿",
    "निजी ब्राउज़िंग", "गुप्त मोड",
    "duyệt web riêng tư", "cửa sổ riêng tư", "ẩn danh",
    "penjelajahan pribadi", "jendela samaran", "mode penyamaran",
    "โหมดไม่ระบุตัวตน", "ไม่ระบุตัวตน",
];

/// Whether a browser's title says that its window is private.
pub(super) fn is_private_window(title: &str) -> bool {
    PRIVATE.iter().any(|part| contains(title, part))
}

/// Whether `title` holds `part`, which is in lower case, in whatever case.
fn contains(title: &str, part: &str) -> bool {
    title.char_indices().any(|(at, _)| {
        let mut rest = title.get(at..).unwrap_or_default().chars().flat_map(char::to_lowercase);
        part.chars().all(|wanted| rest.next() == Some(wanted))
    })
}
