//! Check digits, right and wrong. The numbers are examples of their issuers, or computed.

use super::super::check;

/// Every right number is right, and wrong with any one digit changed.
fn check(name: &str, is_right: fn(&[u8]) -> bool, right: &[&str]) {
    for number in right {
        assert!(is_right(number.as_bytes()), "{name} {number}");
        for place in 0..number.len() {
            let mut wrong = number.as_bytes().to_vec();
            if wrong[place].is_ascii_digit() {
                wrong[place] = b'0' + (wrong[place] - b'0' + 1) % 10;
                assert!(!is_right(&wrong), "{name} {number} with digit {place} changed");
            }
        }
        assert!(!is_right(&number.as_bytes()[1..]), "{name} {number} without its first digit");
        assert!(!is_right(b""), "{name} of nothing");
        assert!(!is_right("é".as_bytes()), "{name} of letters");
    }
}

#[test]
fn luhn_knows_one_wrong_digit() {
    check("luhn", |it| it.len() > 10 && check::luhn(it), &["4111111111111111", "378282246310005", "6011111111111117"]);
}

#[test]
fn mod_97_knows_one_wrong_digit() {
    check("iban", check::mod_97, &["GB82WEST12345698765432", "DE89370400440532013000", "fr1420041010050500013m02606"]);
}

#[test]
fn verhoeff_knows_one_wrong_digit() {
    check("verhoeff", |it| it.len() > 3 && check::verhoeff(it), &["2363", "123451"]);
}

#[test]
fn national_numbers_know_one_wrong_digit() {
    check("cpf", check::cpf, &["52998224725", "11144477735"]);
    check("cnpj", check::cnpj, &["11222333000181"]);
    check("tckn", check::tckn, &["10000000146"]);
    check("norwegian", check::norwegian, &["01010123476"]);
    check("belgian", check::belgian, &["85073003328"]);
    check("nir", check::nir, &["255081416802538"]);
    check("german tax", check::german_tax, &["86095742719"]);
    check("dni", check::dni, &["12345678Z", "X1234567L", "y1234567x"]);
    check("abn", check::abn, &["51824753556"]);
    check("fiscal", check::codice_fiscale, &["RSSMRA85T10A562S"]);
}

#[test]
fn a_pesel_has_a_date_and_a_check_digit() {
    assert!(check::pesel(b"44051401359"));
    assert!(!check::pesel(b"44051401358"));
    assert!(!check::pesel(b"44993201359"));
}

#[test]
fn a_finnish_code_has_a_date_and_a_check_character() {
    assert!(check::finnish(b"131052", b"308T"));
    assert!(!check::finnish(b"131052", b"308U"));
    assert!(!check::finnish(b"321352", b"308T"));
}

#[test]
fn social_security_numbers_that_nobody_gets_are_not_numbers() {
    assert!(check::ssn(b"078051120"));
    for never in [b"000121234", b"666121234", b"123001234", b"123120000", b"912121234"] {
        assert!(!check::ssn(never));
    }
    assert!(check::ssn(b"912701234"));
}

#[test]
fn corsica_counts_as_a_department() {
    let key = |head: u64| format!("{:02}", 97 - head % 97);
    // 2A is 19 and 2B is 18 in the sum.
    assert!(check::nir(format!("185052A004012{}", key(1_850_519_004_012)).as_bytes()));
    assert!(check::nir(format!("185052B004012{}", key(1_850_518_004_012)).as_bytes()));
}
