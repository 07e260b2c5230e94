//! The data sets' types beside ours.

use candor_redact::detect::Kind;

/// The seven structured types that `recall/structured` speaks of, however a data set spells them.
pub(crate) fn is_structured(typ: &str) -> bool {
    matches!(
        typ,
        "EMAIL"
            | "EMAIL_ADDRESS"
            | "CORREO_ELECTRONICO"
            | "IBAN"
            | "IBAN_CODE"
            | "US_SSN"
            | "SSN"
            | "IP"
            | "IP_ADDRESS"
            | "URL"
            | "DOMAIN_NAME"
            | "URL_WEB"
            | "CREDIT_CARD"
            | "PHONE"
            | "PHONE_NUMBER"
            | "NUMERO_TELEFONO"
            | "NUMERO_FAX"
    )
}

/// The kinds whose findings `precision/structured` judges.
pub(crate) const STRUCTURED: [Kind; 7] =
    [Kind::Email, Kind::Url, Kind::Ip, Kind::Phone, Kind::Card, Kind::Account, Kind::NationalId];

/// Our kind for a data set's type; nothing where we claim to find no such thing.
pub(crate) fn claimed(typ: &str) -> Option<Kind> {
    Some(match typ {
        "EMAIL" | "EMAIL_ADDRESS" | "CORREO_ELECTRONICO" => Kind::Email,
        "URL" | "DOMAIN_NAME" | "URL_WEB" => Kind::Url,
        "IP" | "IP_ADDRESS" | "DIREC_PROT_INTERNET" => Kind::Ip,
        "MAC" | "MAC_ADDRESS" => Kind::Mac,
        "PHONE" | "PHONE_NUMBER" | "NUMERO_TELEFONO" | "NUMERO_FAX" => Kind::Phone,
        "CREDIT_CARD" | "CREDIT_CARD_NUMBER" => Kind::Card,
        "IBAN" | "IBAN_CODE" | "ACCOUNT" | "ACCOUNT_NUMBER" | "BANK_ACCOUNT" | "ROUTING_NUMBER" => Kind::Account,
        "US_SSN"
        | "SSN"
        | "US_DRIVER_LICENSE"
        | "DRIVER_LICENSE"
        | "DRIVERS_LICENSE"
        | "DRIVER_LICENSE_NUM"
        | "PASSPORT"
        | "TAX_ID"
        | "TAXID"
        | "PAN"
        | "AADHAR"
        | "VOTER_ID"
        | "INSURANCE_ID"
        | "PATIENT_ID"
        | "ID_SUJETO_ASISTENCIA"
        | "ID_ASEGURAMIENTO"
        | "ID_TITULACION_PERSONAL_SANITARIO"
        | "ID_CONTACTO_ASISTENCIAL" => Kind::NationalId,
        "PERSON" | "PER" | "person" | "NOMBRE_SUJETO_ASISTENCIA" | "NOMBRE_PERSONAL_SANITARIO" => Kind::Name,
        "ADDRESS" | "STREET_ADDRESS" | "CALLE" => Kind::Address,
        "DATE_OF_BIRTH" | "FECHAS" => Kind::BirthDate,
        "PASSWORD" => Kind::Password,
        _ => return None,
    })
}

/// Whether a finding of a kind in a span of a type is what it says: the same type; a part that is a type of its own (an
/// e-mail's host, a street's namesake); or a wider type of which ours is a case.
pub(crate) fn matches(kind: Kind, typ: &str) -> bool {
    let part = match kind {
        Kind::Url => matches!(claimed(typ), Some(Kind::Email | Kind::Url)),
        Kind::Name => {
            matches!(claimed(typ), Some(Kind::Email | Kind::Url | Kind::Address))
                || matches!(typ, "PREFIX" | "TITLE" | "FAMILIARES_SUJETO_ASISTENCIA")
        }
        Kind::Address => matches!(
            typ,
            "LOCATION" | "GPE" | "ZIP_CODE" | "LOC" | "location" | "TERRITORIO" | "PAIS" | "HOSPITAL" | "INSTITUCION"
        ),
        Kind::BirthDate => matches!(typ, "DATE_TIME" | "AGE" | "EDAD_SUJETO_ASISTENCIA"),
        Kind::Secret => typ == "PASSWORD",
        Kind::Password => matches!(typ, "USERID" | "USER_ID"),
        _ => false,
    };
    part || claimed(typ) == Some(kind)
}
