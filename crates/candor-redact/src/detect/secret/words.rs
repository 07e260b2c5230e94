//! Words around passwords in prose, in the languages most written here: English, German, French, Spanish, Italian, Portuguese,
//! Dutch, Polish, Swedish, Danish, Norwegian, Finnish, Czech, Hungarian, Romanian, Turkish, Russian, Chinese, Japanese, Korean. All in lower case.

use std::collections::HashSet;
use std::sync::LazyLock;

/// What is asked for after a cue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cue {
    /// A password: any token that is not an ordinary continuation.
    Password,
    /// Several words may follow.
    Phrase,
    /// Digits only.
    Pin,
    /// Digits, where the words before say which code is meant.
    Code,
    /// A name, then a password.
    Login,
    /// A run of words that a wallet is made from.
    Seed,
    /// A password, in scripts without blanks between words.
    Unspaced,
}

/// What opens a decision, and what it asks for; words with blanks between.
pub(super) const CUES: &[(Cue, &str)] = &[
    (
        Cue::Password,
        "password passwords passwd passwrd pasword passord pwd pw pass passcode passkey passwort passwörter kennwort \
     passwortes losung zugangscode passe mdp contraseña contrasena clave senha palavra-passe parola parolă wachtwoord \
     hasło haslo hasłem hasła lösenord lösenordet losenord kodeord adgangskode adgangskoden passordet salasana heslo \
     jelszó şifre sifre пароль",
    ),
    (Cue::Phrase, "passphrase"),
    (Cue::Pin, "pin pincode pin-code geheimzahl pinkod otp pinkode"),
    (
        Cue::Code,
        "code codes código codigo codice kod koden kode combination sicherheitscode bestätigungscode toegangscode türcode",
    ),
    (
        Cue::Login,
        "login logins credentials creds zugangsdaten anmeldedaten identifiants credenciales credenciais credenziali \
     inloggegevens inloggning username",
    ),
    (Cue::Unspaced, "密码 密碼 口令 パスワード 暗証番号 비밀번호 암호 비번 验证码"),
    (Cue::Seed, "seed mnemonic recovery backup wallet"),
];

fn set(lists: &[&'static str]) -> HashSet<&'static str> {
    lists.iter().flat_map(|list| list.split(' ')).collect()
}

/// What says that the next word is the thing itself.
pub(super) static IS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set(&[
        "is was are were be equals ist war sind lautet heißt lautete est était sont es era son è sono é são foi fue jest \
     brzmi było är var lyder er je este eh it's its being becomes named called",
    ])
});

/// What may stand between a cue and that: "the password **for my laptop** is".
pub(super) static LINKS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set(&[
        "for of on at in i we you he she they für fürs vom von zum zur des der am im pour de du d'accès del della di per \
     para da do voor van till för dla od z na til here word phrase number that again again, reminder nr no no. wifi \
     code le la el il het secreta segreta dostępu ( temporary should will has accès",
    ])
});

/// What may stand between that and the secret: "is **now set to**".
pub(super) static FILLERS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set(&[
        "now still just currently always set to the this same as following jetzt also temporarily actually probably \
     simply again here is ist est es maintenant ahora going be called noch immer toujours will should in my your \
     changed reset user like a",
    ])
});

/// Words that go on after a cue without being the secret.
pub(super) static ORDINARY: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set(&[
        // English
        "a an the this that these those it its my your his her our their not no never none nothing now then also always \
     already still just only too very so as at in on of for from with without by to and or but if when where what \
     which who how why is are was were be been has have had do does did can could will would should must may might i \
     you he she we they me him us them there here some any all one two more less most same different wrong right \
     correct incorrect invalid valid short long weak strong empty blank secure insecure safe unsafe secret private \
     public old new good bad ok okay fine important optional mandatory necessary case like about up out off over \
     under again back even easy hard simple set sent kept known unknown written shown given gone lost broken stolen \
     better best plain plaintext clear default root pretty really probably maybe usually currently actually unique \
     random visible hidden temporary permanent available true false yes well something anything someone please \
     because yesterday today tomorrow coz cause cuz since before after until while than between into through either \
     both each every being going due password passwords username user login email account reset prompt protection \
     policy manager change field file hash check box auth required needed asked below above attached following \
     follows xxx etc supposed time part key much great common next down located non first last nowhere everything \
     incorrect.",
        // German
        "der die das dem den ein eine einen einem mein dein nicht kein falsch richtig zu kurz lang sehr noch schon jetzt \
     immer nur auch und oder für von mit ohne auf im es er sie wir ihr ich du wird wurde kann muss soll ungültig \
     gültig leer sicher unsicher schwach stark erforderlich nötig notwendig abgelaufen geändert vergessen geheim weg \
     bekannt neu alt leider wieder hier dort gut",
        // French
        "le la les un une mon ma ton ta votre notre son pas trop court faux incorrecte valide invalide requis obligatoire \
     nécessaire expiré oublié vide sûr faible fort et ou de des pour avec sans dans sur que qui il elle très bien \
     toujours ici nouveau ancien perdu plus aussi",
        // Spanish, Portuguese, Italian
        "el los las una uno mi tu su muy demasiado corta corto larga incorrecta incorrecto correcta inválida válida \
     obligatoria necesaria requerida vacía débil segura fuerte y o para con sin en por lo se está olvidada nueva \
     vieja aquí siempre também não muito curta errada obrigatória fraca forte um uma os e em com sem da nova velha \
     aqui sempre gli troppo sbagliata errata corretta obbligatoria necessaria scaduta vuota debole sicura di per che \
     molto nuova vecchia più anche stata stato scritta sido sida",
        // Dutch
        "het een mijn jouw uw niet geen te kort verkeerd fout onjuist juist verplicht nodig verlopen vergeten leeg veilig \
     zwak sterk voor van met zonder op aan dat dit zeer nog al nu altijd nieuw oud gewijzigd",
        // Polish
        "nie jest za krótkie długie złe błędne nieprawidłowe poprawne wymagane konieczne puste słabe silne bezpieczne lub \
     albo dla z bez na w że się bardzo już jeszcze teraz zawsze tutaj nowe stare moje twoje takie wygasło zapomniane",
        // Swedish, Danish, Norwegian
        "inte ikke för lång fel felaktigt forkert feil rätt riktigt ogiltigt giltigt krävs nödvändigt tomt säkert svagt \
     starkt och og eller med utan uden uten på till av att det ett mitt ditt min din mycket redan ännu alltid här \
     nytt gammalt glömt ändrat som",
    ])
});

/// Endings of English words that say what was done with a password, or what it is like.
pub(super) const ENDINGS: &[&str] =
    &["ed", "ing", "able", "ible", "ful", "ly", "ive", "ous", "n't", "'t", "ment", "tion"];

/// Words before "code" that say it opens something.
pub(super) static OPENS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set(&["verification security access door gate entry alarm unlock confirmation login sms otp 2fa backup lock safe \
     voicemail pin pass passcode authentication auth mfa one-time garage keypad building locker my your the reset \
     recovery activation secret de verificación seguridad segurança sécurité verifica sicurezza le el il o der die \
     het sua tu ton votre mein dein ihr bezpieczeństwa"])
});

/// Words before "code" or "pin" that say it is no secret.
pub(super) static PUBLIC: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set(&[
        "zip postal post area error exit status country dialing dialling sort source return response http promo discount \
     coupon dress tax product item color colour swift bank iata bar qr stop voucher currency language course reason \
     department hex line op billing airport gpio building",
    ])
});

/// "Or", where two passwords are told at once.
pub(super) static OR: LazyLock<HashSet<&str>> =
    LazyLock::new(|| set(&["or and oder und ou et o y e of en i lub eller och"]));

/// Units, with which numbers are amounts.
pub(super) static UNITS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| set(&["st nd rd th am pm h s m ms min km kg kb mb gb px x k bit -bit char chars characters"]));
