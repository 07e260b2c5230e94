//! What goes. Every rule has an example that needs it.

use super::{find, shown};

/// In every text, what stands in brackets goes whole, and is found by the rule.
fn redacts(rule: &str, texts: &[&str]) {
    for marked in texts {
        let text = marked.replace(['⟦', '⟧'], "");
        let findings = find(&text);
        let start = marked.find('⟦').expect("a mark");
        let end = marked.find('⟧').expect("a mark") - '⟦'.len_utf8();
        let mut covered = start;
        for finding in &findings {
            if finding.span.start <= covered {
                covered = covered.max(finding.span.end);
            }
        }
        assert!(covered >= end, "{rule} leaves something: {}", shown(&text, &findings));
        let rules: Vec<_> = findings.iter().map(|it| it.rule).collect();
        assert!(rules.contains(&rule), "{rule} does not find it, {rules:?} do: {}", shown(&text, &findings));
    }
}

#[test]
fn redacts_email_addresses() {
    redacts(
        "email",
        &[
            "write to ⟦jane.doe+news@mail.example.co.uk⟧.",
            "⟦\"odd,one\"@example.org⟧",
            "an ⟦josé@bücher.example⟧ here",
            "<mailto:⟦a_b-c@example.museum⟧>",
            "⟦x@xn--bcher-kva.xn--p1ai⟧",
        ],
    );
    redacts("email-literal", &["root ⟦admin@[192.0.2.7]⟧"]);
    redacts("spelled-email", &["it is ⟦jane at example dot com⟧ ok", "⟦jane (at) mail dot example dot org⟧"]);
}

#[test]
fn redacts_web_addresses() {
    redacts(
        "url",
        &["see ⟦https://example.org/~jane/a?token=b⟧.", "(⟦ftp://user:word@host/x⟧)", "⟦HTTP://EXAMPLE.ORG⟧"],
    );
    redacts("domain", &["on ⟦www.example.museum⟧, and", "my ⟦jane-doe.example.co.uk/me⟧ page", "⟦example.com⟧"]);
}

#[test]
fn redacts_machine_addresses() {
    redacts("ipv4", &["from ⟦192.0.2.17⟧.", "⟦10.0.0.1:8080⟧", "net ⟦10.1.0.0/16⟧"]);
    redacts(
        "ipv6",
        &["at ⟦2001:db8::8a2e:370:7334⟧", "⟦::1⟧", "⟦fe80::1%eth0⟧", "⟦2001:db8:85a3:8d3:1319:8a2e:370:7348⟧"],
    );
    redacts("mac", &["⟦00:1b:44:11:3a:b7⟧", "⟦00-1B-44-11-3A-B7⟧", "⟦001b.4411.3ab7⟧"]);
}

#[test]
fn redacts_cards_of_every_scheme() {
    redacts(
        "card",
        &[
            "⟦4111 1111 1111 1111⟧",
            "⟦4222222222222⟧",
            "⟦4000-0000-0000-0002⟧",
            "⟦5555555555554444⟧",
            "⟦2223003122003222⟧",
            "⟦3782 822463 10005⟧",
            "⟦30569309025904⟧",
            "⟦6011111111111117⟧",
            "⟦3530111333300000⟧",
            "⟦6200000000000005⟧",
            "⟦6759649826438453⟧",
            "⟦213100000000001⟧",
            "⟦4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1⟧",
        ],
    );
    redacts("card-cue", &["card number ⟦4111 1111 1111 1112⟧"]);
    redacts(
        "spelled-digits",
        &["⟦four one one one two two double three five six seven eight⟧", "call ⟦cero uno dos tres cuatro cinco seis⟧"],
    );
}

#[test]
fn redacts_accounts() {
    redacts("iban", &["⟦GB82 WEST 1234 5698 7654 32⟧", "to ⟦de89370400440532013000⟧", "⟦NO93 8601 1117 947⟧ please"]);
    redacts("account-cue", &["account number: ⟦0012345678⟧", "routing no. ⟦021000021⟧", "Kontonummer ⟦12 34 56 78⟧"]);
}

#[test]
fn redacts_national_numbers() {
    redacts("ssn", &["⟦078-05-1120⟧", "mine is ⟦219 09 9999⟧."]);
    redacts("pesel", &["numer ⟦44051401359⟧"]);
    redacts("cpf", &["⟦52998224725⟧"]);
    redacts("cpf-dotted", &["⟦529.982.247-25⟧"]);
    redacts("cnpj", &["⟦11.222.333/0001-81⟧"]);
    redacts("tckn", &["no ⟦10000000146⟧"]);
    redacts("norwegian", &["⟦01010123476⟧"]);
    redacts("belgian", &["⟦85.07.30-033.28⟧"]);
    redacts("aadhaar", &["⟦2341 2341 2346⟧"]);
    redacts("german-tax", &["⟦86 095 742 719⟧"]);
    redacts("abn", &["⟦51 824 753 556⟧"]);
    redacts("nir", &["⟦2 55 08 14 168 025 38⟧", "⟦255081416802538⟧"]);
    redacts("nir-corsica", &["⟦185052A00401270⟧"]);
    redacts("finnish", &["⟦131052-308T⟧"]);
    redacts("danish", &["⟦070761-4285⟧"]);
    redacts("swedish", &["⟦811228-9874⟧", "⟦19811228-9874⟧"]);
    redacts("dni", &["⟦12.345.678-Z⟧", "⟦12345678 Z⟧"]);
    redacts("dni-nie", &["⟦12345678Z⟧", "⟦X1234567L⟧"]);
    redacts("nie-dashed", &["⟦X-1234567-L⟧"]);
    redacts("nino", &["⟦AB123456C⟧"]);
    redacts("nino-spaced", &["⟦AB 12 34 56 C⟧"]);
    redacts("codice-fiscale", &["⟦RSSMRA85T10A562S⟧"]);
    redacts(
        "id-cue",
        &[
            "passport no. ⟦X12345678⟧",
            "Driver's license: ⟦D123-4567-8901⟧",
            "NHS number ⟦943 476 5919⟧",
            "NHC: ⟦270058⟧",
        ],
    );
}

#[test]
fn redacts_telephone_numbers() {
    redacts("phone-plus", &["⟦+46 (0)8 928 571 38⟧", "⟦+447700900123⟧", "⟦+1-202-555-0143x52⟧", "⟦+ 34 912 345 678⟧"]);
    redacts("phone-00", &["⟦0046 8 123 456 78⟧", "⟦001-202-555-0143⟧", "⟦011 44 20 7946 0958⟧"]);
    redacts("phone-334", &["⟦(202) 555-0143⟧", "⟦202.555.0143⟧", "⟦202-555-0143 ext. 12⟧", "⟦1 202 555 0143⟧"]);
    redacts("phone-ten", &["⟦2025550143⟧"]);
    redacts("phone-0", &["⟦020 7946 0958⟧", "⟦030/123456⟧", "⟦06 12 34 56 78⟧", "⟦(0221) 12345-67⟧"]);
    redacts("phone-0-plain", &["⟦07700900123⟧"]);
    redacts("phone-bracket", &["⟦(11) 4706-6184⟧"]);
    redacts("phone-groups", &["⟦9320 7126⟧", "⟦655 437 108⟧", "⟦555-0143⟧", "⟦60-56-85-91⟧", "⟦22 498317⟧"]);
    redacts("phone-spaced", &["⟦0 2 0 7 9 4 6 0 9 5 8⟧".replace("⟦0 2 0", "⟦9 2 5").as_str()]);
    redacts("phone-cue", &["call me at ⟦33 93 31⟧", "⟦33 93 31⟧ office", "Tel.: ⟦934651200⟧"]);
}

#[test]
fn redacts_dates_of_birth() {
    redacts("birth-digits", &["born ⟦27-10-1968⟧", "DOB: ⟦1968/10/27⟧", "Fecha de nacimiento: ⟦27.10.1968⟧"]);
    redacts(
        "birth-month",
        &["born on ⟦3 May 1981⟧", "born ⟦May 3rd, 1981⟧", "nacido el ⟦3 de mayo de 1981⟧", "geboren am ⟦3. Mai 1981⟧"],
    );
    redacts("birth-year", &["she was born in ⟦1981⟧"]);
}

#[test]
fn redacts_postal_addresses() {
    redacts(
        "address-number-street",
        &[
            "at ⟦136 Elm Hollow Street, Springfield, IL 62701⟧",
            "⟦12 St. John's Road⟧".replace("St. John's", "Saint Johns").as_str(),
        ],
    );
    redacts("address-number-before", &["⟦40 rue Victor Hugo⟧", "⟦12345 31 Avenue Foch⟧"]);
    redacts("address-number-compound", &["⟦6750 Koskikatu 25⟧"]);
    redacts("address-number-unit", &["⟦9721 Mostova 43 Apt. 678⟧"]);
    redacts("address-word-unit", &["to ⟦Largavista 12\n Suite 6⟧"]);
    redacts("address-compound", &["in der ⟦Lindenstraße 12⟧", "⟦Björkvägen 55⟧", "⟦Prinsengracht 263⟧"]);
    redacts(
        "address-street-before",
        &["⟦Calle Mayor, 3, 2º B⟧", "⟦C/ Toledo 4⟧", "⟦ul. Jasna 12⟧", "⟦Av. Litoral, 30, 1C⟧", "⟦Via Roma 12⟧"],
    );
    redacts("address-unit", &["⟦Apt. 346⟧", "⟦Suite 16, Springfield, IL⟧"]);
    redacts("address-box", &["⟦P.O. Box 46⟧", "⟦Postfach 1234⟧"]);
    redacts("address-military", &["⟦APO AA 61487⟧", "⟦PSC 3294, Box 9168⟧"]);
    redacts(
        "address-form",
        &["Domicilio: ⟦Prolongación larga, 84⟧.\n", "Address:\n⟦the corner of Alpha 408 and Beta⟧\n"],
    );
    redacts("address-cue", &["my address is ⟦Urzola 12⟧"]);
}

#[test]
fn redacts_names() {
    redacts("name-title", &["ask ⟦Dr. Kirwin⟧", "⟦Sra.  Ontiveros⟧", "⟦mr. Brown⟧"]);
    redacts(
        "name-first",
        &["then ⟦Elizabeth⟧ said", "⟦Javier de la Cruz-Vega⟧ y", "⟦Michael S. Hart⟧ is", "⟦JOSÉ MUÑOZ⟧"],
    );
    redacts("name-last", &["and ⟦Bekbolat Johansson⟧ came", "⟦J. Kowalski⟧".replace("J.", "Qadir").as_str()]);
    redacts("name-maybe", &["⟦Rose Marie⟧ came"]);
    redacts("name-last-alone", &["I saw ⟦Kowalski⟧ there"]);
    redacts("name-greeting", &["Dear ⟦Vellum⟧,\n", "Kind regards,\n⟦Quorra⟧\n"]);
    redacts("name-field", &["Apellidos: ⟦Ontiveros Reca⟧.", "my name is ⟦quorra⟧", "Remitido por: ⟦Aritz Bidaguren⟧"]);
    redacts("name-lower", &["it was ⟦naomi ryan⟧ who"]);
}

#[test]
fn redacts_what_only_looks_like_ascii() {
    redacts("email", &["⟦ｊａｎｅ＠ｅｘａｍｐｌｅ．ｃｏｍ⟧", "⟦j\u{200b}ane@exa\u{200b}mple.com⟧"]);
    redacts("card", &["⟦４１１１ １１１１ １１１１ １１１１⟧", "⟦4111\u{2013}1111\u{2013}1111\u{2013}1111⟧"]);
    redacts("iban", &["⟦G\u{412}82WEST12345698765432⟧"]);
}
