//! Values behind names, carriers, prose.

use super::{Draw, find, left};

/// Everything of `secret` is found in the text made from it.
#[track_caller]
fn redacts(template: &str, secret: &str) {
    let text = template.replace("%%", secret);
    let start = template.find("%%").expect("a place for the secret");
    let found = find(&text);
    let whole = found.iter().any(|finding| finding.span.start <= start && finding.span.end >= start + secret.len());
    assert!(whole, "{text}: {found:?}");
}

#[track_caller]
fn keeps(text: &str) {
    assert_eq!(find(text), [], "{text}: {}", left(text));
}

#[test]
fn redacts_passwords_behind_names_in_code_and_settings() {
    for template in [
        "password = \"%%\"",
        "'password': '%%',",
        "\"password\": \"%%\"",
        "DB_PASSWORD=%%",
        "export PGPASSWORD='%%'",
        "password: %%",
        "  passwd:   %%  ",
        "<password>%%</password>",
        "<add key=\"ClearTextPassword\" value=\"%%\" />",
        "user.setPassword(\"%%\")",
        "let pwd: &str = \"%%\";",
        "$pass = '%%';",
        "define('DB_PASSWORD', '%%');",
        "CREATE USER bob WITH PASSWORD '%%';",
        "IDENTIFIED BY '%%'",
        "mysql --password=%% db",
        "nats --user admin --password %%",
        "machine example.org login bob password %%",
        "password => '%%'",
        "String password := \"%%\"",
        "if password == \"%%\":",
        "connect(user='bob', password='%%')",
        "{\\\"password\\\": \\\"%%\\\"}",
        "ENV=\"POSTGRES_PASSWORD=%%\"",
        "-passin pass:%% -new",
        "passphrase=\"%%\",",
        "&quot;password&quot;: &quot;%%&quot;",
        "https://example.org/login?user=bob&password=%%&next=1",
        "password:\n  %%",
        "password = \"%%",
        "${DB_PASSWORD:-%%}",
    ] {
        redacts(template, "hunter2Blue!");
        redacts(template, "tr0ub4dor");
    }
}

#[test]
fn redacts_tokens_behind_names() {
    let mut draw = Draw(11);
    for template in [
        "api_key = \"%%\"",
        "apiKey: '%%'",
        "SECRET_KEY=%%",
        "client_secret: %%",
        "\"access_token\":\"%%\"",
        "token => \"%%\"",
        "x-api-key: %%",
        "AccessKeySecret: aws.String(\"%%\")",
        "\"tokens\":[\"%%\"]",
        "secret %%",
        "vendor-secret-%%",
        "aws_secret_access_key = %%",
        "SetToken(\"%%\")",
        "?access_token=%%&x=1",
    ] {
        redacts(template, &draw.class('w', 40));
        redacts(template, &draw.class('h', 32));
    }
}

#[test]
fn keeps_what_is_no_password_in_code() {
    for text in [
        "password = None",
        "password = get_password()",
        "password=password",
        "self.password = password",
        "client_secret = client_secret",
        "token = self.token",
        "password = os.environ['DB_PASSWORD']",
        "DB_PASSWORD=${DB_PASSWORD}",
        "password: <your password>",
        "password: changeme",
        "api_key = \"your_api_key_here\"",
        "SECRET_FILE=/run/secrets/db",
        "password = getpass.getpass(\"Password: \")",
        "password = input(\"Enter password: \")",
        "def login(self, password=None):",
        "access_token: string",
        "token_url = \"https://example.org/token\"",
        "key = \"value\"",
        "'labels': {'key': 'value'}",
        "password_field = forms.CharField(label=\"Password\")",
        "if (token == null) return;",
        "PASSWORD_MIN_LENGTH = 8",
        "secret_name = \"favourite\"",
        "author = \"John Smith\"",
        "the_key_to_success = true",
        "compass: north",
        "monkey = banana",
    ] {
        keeps(text);
    }
}

#[test]
fn redacts_what_carriers_give_away() {
    let mut draw = Draw(12);
    redacts("postgres://bob:%%@db.example.org/main", "hunter2");
    redacts("redis://:%%@localhost", &draw.class('w', 12));
    redacts("mssql://sa:%%@localhost/", "p@ss/w0rd");
    redacts("git clone https://%%@example.org/x.git", &draw.class('w', 30));
    redacts("Authorization: Bearer %%", &draw.class('w', 24));
    redacts("Authorization: Basic %%", &["Ym9iOmh1", "bnRlcjI="].concat());
    redacts("curl -u bob:%% https://example.org", "hunter2");
    redacts("key %% end", &draw.fill("{h8}-{h4}-{h4}-{h4}-{h12}"));
    redacts("%%", &draw.class('w', 40));
    redacts("%%", &draw.class('h', 64));
}

#[test]
fn redacts_a_key_block_to_its_footer_or_as_far_as_it_goes() {
    let mut draw = Draw(13);
    let lines: Vec<String> = (0..12).map(|_| draw.class('w', 64)).collect();
    for kind in ["RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK"] {
        let open = format!("-----BEGIN {kind}-----\n{}\n", lines.join("\n"));
        let block = format!("{open}-----END {kind}-----");
        assert_eq!(left(&format!("see\n{block}\nabove")), "see\n_\nabove");
        let prose = "and that is all there was to say about the matter at hand";
        assert_eq!(left(&format!("{open}{prose}")), format!("_{prose}"));
    }
    keeps("-----BEGIN PUBLIC KEY----- is how it begins");
}

#[test]
fn redacts_wallets_words() {
    let words = [
        "abandon", "ability", "able", "about", "above", "absent", "absorb", "abstract", "absurd", "abuse", "access",
        "accident",
    ];
    redacts("my seed phrase is %%", &words.join(" "));
    redacts("recovery phrase: %%.", &words.join(" "));
    keeps("the seed of the plant will grow in any good soil if only there is water and some light");
}

#[test]
fn redacts_passwords_that_people_tell_each_other() {
    for template in [
        "the password is %%",
        "Password: %%",
        "the wifi password is %% ok?",
        "the password for my laptop is now %%",
        "pw is %%",
        "your temporary password is \"%%\"",
        "I changed the password to %%",
        "with password %%",
        "login: bob@example.org / %%",
        "the creds are admin/%%",
        "das Passwort ist %%",
        "das Passwort lautet %%",
        "Kennwort: %%",
        "le mot de passe est %%",
        "mot de passe : %%",
        "la contraseña es %%",
        "la clave es %%",
        "la password è %%",
        "a senha é %%",
        "het wachtwoord is %%",
        "hasło to %%",
        "lösenordet är %%",
        "adgangskoden er %%",
        "salasana on %%",
        "пароль: %%",
    ] {
        redacts(template, "Sommer2024!");
    }
    for template in [
        "the password is %%",
        "password: %%",
        "das Passwort ist %%",
        "le mot de passe est %%",
        "la contraseña es %%",
        "hasło to %%",
        "het wachtwoord is %%",
    ] {
        redacts(template, "sunshine");
    }
    redacts("密码是%%", "Sommer2024!");
    redacts("パスワードは %%", "Sommer2024!");
    redacts("비밀번호: %%", "Sommer2024!");
    redacts("the passphrase is %%", "correct horse battery staple");
    assert_eq!(left("it is alpha77 or the password is alpha77 or beta88"), "it is alpha77 or the password is _ or _");
}

#[test]
fn redacts_pins_and_codes() {
    for template in [
        "my PIN is %%",
        "PIN: %%",
        "pin %%",
        "the door code is %%",
        "your verification code is %%",
        "die PIN ist %%",
        "le code est %%",
        "el código es %%",
        "il codice è %%",
        "kod PIN to %%",
        "koden är %%",
        "OTP: %%",
    ] {
        redacts(template, "4821");
    }
    redacts("PIN: %%", "48 21");
}

#[test]
fn keeps_what_is_said_about_passwords() {
    for text in [
        "the password is required",
        "the password is wrong",
        "your password is too short",
        "the password was changed yesterday",
        "please reset your password",
        "I forgot my password again",
        "the password is not working",
        "what is the password?",
        "a password of 12 characters",
        "password must be at least 8 characters",
        "the pin is in the drawer",
        "pin 13 is high",
        "the code is broken",
        "error code 1234",
        "zip code 90210",
        "das Passwort ist falsch",
        "das Passwort ist zu kurz",
        "le mot de passe est incorrect",
        "la contraseña es obligatoria",
        "la password è sbagliata",
        "a senha é fraca",
        "het wachtwoord is verkeerd",
        "hasło jest za krótkie",
        "lösenordet är fel",
        "pass me the salt",
        "he will pass the exam",
        "it is a secret",
        "the secret is out",
        "login to the site",
        "the token is expired",
        "your credentials are invalid",
    ] {
        keeps(text);
    }
}

#[test]
fn keeps_digests_paths_and_names() {
    let mut draw = Draw(14);
    keeps(&format!("commit {}", draw.class('h', 40)));
    keeps(&format!("sha256:{}", draw.class('h', 64)));
    keeps("src/components/authentication/SessionProviderFactory.tsx");
    keeps("https://docs.example.org/en/latest/getting-started/installation.html");
    keeps("AbstractSingletonProxyFactoryBean and internationalization_of_everything");
}
