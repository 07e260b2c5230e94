//! The lists, written without accents in small letters: a text's words are compared the same way.

use super::lexicon::Roles;

/// What the words of each list can be.
pub(super) const LISTS: &[(Roles, &str)] = &[
    (Roles::FIRST, include_str!("words/first.txt")),
    (Roles::MAYBE_FIRST, include_str!("words/ambiguous.txt")),
    (Roles::LAST, include_str!("words/last.txt")),
    (Roles::COMMON, include_str!("words/common.txt")),
    (Roles::INTERFACE, include_str!("words/interface.txt")),
    (Roles::TITLE, TITLES),
    (Roles::STREET_BEFORE, STREETS_BEFORE),
    (
        Roles::STREET_SURE,
        "calle avenida avda rua ulica ulice rue chemin impasse travessa carretera paseo vicolo piazzale calea soseaua",
    ),
    (Roles::BOX, "p po postfach apartado postbus postboks"),
    (Roles::MILITARY, "apo fpo dpo psc cmr"),
    (Roles::STREET_AFTER, STREETS_AFTER),
    (Roles::PHONE, PHONES),
    (Roles::ID, IDS),
    (Roles::ACCOUNT, ACCOUNTS),
    (Roles::CARD, "card cards visa mastercard maestro amex discover kreditkarte tarjeta carte"),
    (Roles::BIRTH, BIRTHS),
    (Roles::NAME_FIELD, NAME_FIELDS),
    (Roles::GREETING, GREETINGS),
    (Roles::MONTH, MONTHS),
    (
        Roles::PARTICLE,
        "de del della di da dos das do du des la le las los el al van von der den ter ten zu af av bin ibn ben san",
    ),
    (Roles::UNIT, "apt apartment suite ste unit flat floor box piso puerta wohnung app bus appt lgh apto bte"),
    (Roles::DIGIT, DIGITS),
    (Roles::FILLER, FILLERS),
    (
        Roles::ADDRESS,
        "address domicilio direccion adresse adress anschrift indirizzo osoite residencia reside lives live living residing adres morada endereco",
    ),
    (Roles::VERSION, "version versions release ver kernel v build firmware"),
    (Roles::AT, "at arroba"),
    (Roles::DOT, "dot punto punkt"),
    (Roles::COUNTRY, COUNTRIES),
    (Roles::MY, "my mein meine mi mon ma il mio meu mitt min mijn"),
    (Roles::TLD, TLDS),
];

const TITLES: &str = "mr mrs ms miss mister missus mx dr dra prof sr sra srta senor senora senorita don dona dna herr frau monsieur madame mme mlle
    signor signora signorina sig dott dottore dhr mevr mevrouw meneer pan pani hr fru lady madam";

const STREETS_BEFORE: &str = "calle c avda avenida av avd avenue paseo pso plaza pza carretera ctra camino ronda travesia rambla glorieta urbanizacion urb rua
    travessa praca alameda estrada rue boulevard bd chemin impasse allee quai cours via viale vicolo piazza piazzale corso largo ul ulica ulice aleja al
    plac strada calea soseaua am an auf pz pso avd r";

const STREETS_AFTER: &str = "street st road rd avenue ave lane ln drive dr court ct boulevard blvd way place pl square sq terrace close crescent cres parkway
    pkwy highway hwy circle cir trail grove mews row walk alley hill hills gardens rise heights loop plaza pass crossing ferry green greens bypass bridge
    utca utja u ut ter korut straat laan weg platz allee ring gasse strasse katu tie vej vag gade gata ulica cesta namesti trg sokak caddesi";

const PHONES: &str = "phone phones tel telephone telefon telefono telefone telephon mobile mobil movil cell cellphone cellular fax call calling called dial handy
    natel portable whatsapp sms text puhelin tfno tlf telf tfn telefonnummer telefonnumero ring mobiltelefon contact callback fono celular hotline voicemail pager";

const IDS: &str = "ssn passport pasaporte passeport reisepass passaporto license licence permit licencia dni nie nif nino nhs sin itin tin ein aadhaar aadhar pesel
    bsn cpf cnpj tckn abn tfn medicare medicaid nass nhc cipa nss cuil cuit rut curp rfc ine npi dea mrn steuernummer steueridentifikationsnummer
    personnummer cpr hetu fodselsnummer personalausweis ausweis ausweisnummer codice fiscale insurance patient member policy license driving driver drivers voter identification
    identity security registration plate visa social ncol colegiado nºcol nºcolegiado col nuhsa cip episodio contacto historia rijksregisternummer plaque matricula kennzeichen pan
    id ids identifier employee student";

const ACCOUNTS: &str = "account acct iban routing aba bic swift sort konto kontonummer blz cuenta compte conto bank kto accountnumber rekening";

const BIRTHS: &str = "born dob birth birthday birthdate nacimiento nacido nacida geboren geburtsdatum geburtstag naissance nascita nato nata nascimento geboortedatum
    syntymaaika ingreso alta fodelsedatum fodselsdato urodzenia fecha";

const NAME_FIELDS: &str = "name nombre nombres apellido apellidos surname lastname firstname fullname vorname nachname nom prenom cognome nome imie nazwisko
    navn namn nimi naam medico medica paciente patient doctor doctora cardholder beneficiary holder familiar remitido author sender recipient client cliente
    contact attn attention signed namens";

const GREETINGS: &str = "dear hi hello hey regards sincerely cheers greetings yours hola hallo liebe lieber bonjour ciao querido querida estimado estimada
    cher chere thanks saludos atentamente mvh gruss grusse cordialement saluti hej moi";

const MONTHS: &str = "january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec
    enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre januar februar marz mai juni juli oktober dezember
    janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre";

const DIGITS: &str = "zero oh one two three four five six seven eight nine double triple null eins zwei drei vier funf sechs sieben acht neun cero uno dos tres
    cuatro cinco seis siete ocho nueve deux trois quatre cinq sept huit neuf";

const FILLERS: &str = "number numbers no nr num numero nummer is was are my the your his her at to on of for me us with and in am le em il card code id # es ist est the
    please that this it following n o de del la el registered them him please line";

const COUNTRIES: &str = "afghanistan albania algeria andorra angola argentina armenia australia austria azerbaijan bahamas bahrain bangladesh barbados belarus
    belgium belize benin bhutan bolivia botswana brazil brunei bulgaria burundi cambodia cameroon canada chad chile china colombia congo croatia cuba cyprus czechia
    denmark djibouti dominica ecuador egypt eritrea estonia eswatini ethiopia fiji finland france gabon gambia georgia germany ghana greece grenada guatemala guinea
    guyana haiti honduras hungary iceland india indonesia iran iraq ireland israel italy jamaica japan jordan kazakhstan kenya kiribati korea kosovo kuwait kyrgyzstan
    laos latvia lebanon lesotho liberia libya liechtenstein lithuania luxembourg madagascar malawi malaysia maldives mali malta mauritania mauritius mexico micronesia
    moldova monaco mongolia montenegro morocco mozambique myanmar namibia nauru nepal netherlands zealand nicaragua niger nigeria macedonia norway oman pakistan palau
    panama paraguay peru philippines poland portugal qatar romania russia rwanda samoa senegal serbia seychelles singapore slovakia slovenia somalia spain sudan
    suriname sweden switzerland syria taiwan tajikistan tanzania thailand togo tonga tunisia turkey turkmenistan tuvalu uganda ukraine emirates kingdom usa uk
    uruguay uzbekistan vanuatu venezuela vietnam yemen zambia zimbabwe deutschland osterreich schweiz espana italia nederland sverige norge danmark suomi polska";

const TLDS: &str = "com org net edu gov mil int info biz name pro io co me tv app dev ai xyz online site shop store blog cloud tech eu us uk ca au nz ie de at ch fr be
    nl lu es pt it se no dk fi is pl cz sk hu ro bg gr hr si rs ua ru by tr il in cn jp kr hk tw sg my th vn id ph br ar mx cl pe ve za ng ke eg ma ae sa
    qa ir pk bd lk cy ee lv lt mt li mc ba mk al am ge az kz uz cc ws to fm ly gl";
