//! The words of [`super::special`], in seven languages: English, German, French, Spanish, Italian, Portuguese, Dutch.
//! Lower case; a line a cue.

/// Who has something. Not "your": it is in every leaflet.
pub(super) const OWNERS: &str = "my her his our their
    mein meine meinen meinem meiner seine seinen seinem seiner ihre ihren ihrem ihrer unser unsere unseren unserem unserer
    mon ma mes notre nos leurs
    mi mis nuestra nuestro
    mio mia miei mie nostro nostra
    meu minha meus minhas nosso nossa
    mijn zijn haar onze";

/// Of whom something is said.
pub(super) const PERSONS: &str = "i she he we they im ive wife husband mother mom mum father dad sister brother daughter son girlfriend boyfriend partner colleague boss
    ich er sie wir mir ihm ihr mutter vater schwester bruder tochter sohn frau mann freundin freund kollegin kollege
    je j elle il nous femme mari mère père sœur frère fille fils
    yo ella él nosotros esposa marido madre padre hermana hermano hija hijo
    io lei lui noi moglie marito sorella fratello figlia figlio
    eu ela ele nós mulher mãe pai irmã irmão filha filho
    ik zij hij wij vrouw moeder vader zus broer dochter zoon";

/// Capitalised words that begin sentences and name nobody.
pub(super) const NOBODY: &str = "the this that these those there then thus when where while which who what why how its not and but for nor yet because since
    after before although however every each some any many most both all such one two his her our your their patient patients nobody everybody
    somebody someone anyone everyone people women men children woman man child city state house court government party company committee
    church union monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september
    october november december europe america england germany france
    der die das den dem des ein eine einen dies diese dieser jede jeder alle viele man wer was wenn weil dass aber und oder nicht
    les des une cette ces qui que dans pour avec mais donc quand
    los las una este esta estos quien que para con pero cuando
    gli una questo questa chi che per con quando
    uma este esta quem que para com mas quando
    het een deze die dat wie wat voor met maar";

/// Capitalised adverbs and the like.
pub(super) const ADVERBS: &str =
    "also now just still recently today yesterday maybe perhaps never always once again here only even";

/// Topics that are somebody's: an owner stands before, with one word between at most.
pub(super) const OWNED: &str = "
    therapist
    psychiatrist
    psychologist
    psychotherapist
    gynecologist
    gynaecologist
    oncologist
    urologist
    midwife
    chemo
    chemotherapy
    radiotherapy
    dialysis
    antidepressants
    antidepressant
    insulin
    diagnosis of cancer
    cancer diagnosis
    pregnancy
    miscarriage
    abortion
    depression
    anxiety disorder
    panic attacks
    eating disorder
    bipolar disorder
    autism
    adhd
    ptsd
    hiv status
    hiv test
    cancer
    tumor
    tumour
    diabetes
    epilepsy
    dementia
    addiction
    alcoholism
    rehab
    overdose
    suicide attempt
    sick note
    sick leave
    disability
    biopsy
    mammogram
    hysterectomy
    vasectomy
    ivf
    std test
    shop steward
    union rep
    union representative
    union dues
    union membership
    union card
    union meeting
    works council
    rabbi
    imam
    parish priest
    bar mitzvah
    baptism
    sexual orientation
    sexuality
    coming out
    gender transition
    same-sex partner
    party membership
    therapeut
    therapeutin
    psychiater
    psychiaterin
    psychologe
    psychologin
    psychotherapeut
    psychotherapeutin
    frauenarzt
    frauenärztin
    hebamme
    schwangerschaft
    fehlgeburt
    abtreibung
    depressionen
    angststörung
    essstörung
    krebs
    krebserkrankung
    chemotherapie
    epilepsie
    demenz
    sucht
    krankmeldung
    krankschreibung
    schwerbehinderung
    betriebsrat
    betriebsrätin
    gewerkschaft
    gewerkschaftsmitgliedschaft
    vertrauensmann
    pfarrer
    beichte
    konfirmation
    kommunion
    homosexualität
    sexuelle orientierung
    parteimitgliedschaft
    thérapeute
    psychiatre
    psychologue
    gynécologue
    grossesse
    fausse couche
    avortement
    dépression
    chimio
    chimiothérapie
    diabète
    épilepsie
    arrêt maladie
    syndicat
    délégué syndical
    rabbin
    orientation sexuelle
    terapeuta
    psiquiatra
    psicóloga
    psicólogo
    ginecóloga
    ginecólogo
    embarazo
    aborto
    depresión
    quimioterapia
    quimio
    cáncer
    baja médica
    sindicato
    delegado sindical
    orientación sexual
    psichiatra
    psicologa
    psicologo
    ginecologa
    gravidanza
    depressione
    chemioterapia
    sindacato
    rappresentante sindacale
    orientamento sessuale
    ginecologista
    gravidez
    depressão
    câncer
    orientação sexual
    psycholoog
    gynaecoloog
    verloskundige
    zwangerschap
    miskraam
    depressie
    kanker
    vakbond
    ondernemingsraad
    geaardheid
    ";

/// What is said of somebody: a pronoun or a name stands before, with a few words between at most.
pub(super) const SAID: &str = "
    was diagnosed with
    been diagnosed with
    got diagnosed with
    were diagnosed with
    is pregnant
    am pregnant
    was pregnant
    got pregnant
    is hiv positive
    am hiv positive
    is hiv-positive
    tested positive for hiv
    has cancer
    have cancer
    had cancer
    has diabetes
    have diabetes
    has dementia
    has epilepsy
    have epilepsy
    has lupus
    has leukemia
    has leukaemia
    has breast cancer
    have breast cancer
    has lung cancer
    is bipolar
    am bipolar
    is autistic
    am autistic
    am depressed
    is clinically depressed
    am an alcoholic
    is an alcoholic
    is suicidal
    am suicidal
    had a miscarriage
    had an abortion
    had a stroke
    had a heart attack
    had a nervous breakdown
    tried to kill herself
    tried to kill himself
    tried to kill myself
    went to rehab
    is in rehab
    am in rehab
    is in therapy
    am in therapy
    is gay
    am gay
    is a lesbian
    am a lesbian
    is bisexual
    am bisexual
    is transgender
    am transgender
    came out as
    came out to my
    am muslim
    am a muslim
    is a muslim
    are muslim
    am jewish
    is jewish
    are jewish
    am catholic
    am a catholic
    is a catholic
    am a christian
    am an atheist
    am hindu
    am buddhist
    converted to islam
    converted to judaism
    converted to christianity
    converted to catholicism
    joined the union last
    joined the union this
    joined a union
    joined a trade union
    am a union member
    is a union member
    are unionizing
    are unionising
    signed a union card
    voted for trump
    voted for biden
    voted republican
    voted democrat
    voted labour
    voted tory
    voted green
    am a republican
    is a republican
    am a democrat
    is a democrat
    bin schwanger
    ist schwanger
    bin krebskrank
    hat krebs
    habe krebs
    hat depressionen
    habe depressionen
    ist depressiv
    bin depressiv
    bin in therapie
    ist in therapie
    wurde krebs festgestellt
    wurde krebs diagnostiziert
    bin schwul
    ist schwul
    bin lesbisch
    ist lesbisch
    bin muslim
    bin muslimin
    bin jude
    bin jüdin
    bin katholisch
    bin evangelisch
    bin in der gewerkschaft
    ist in der gewerkschaft
    bin gewerkschaftsmitglied
    gründen einen betriebsrat
    habe die grünen gewählt
    habe die afd gewählt
    habe die spd gewählt
    habe die cdu gewählt
    suis enceinte
    est enceinte
    suis syndiqué
    suis syndiquée
    suis homosexuel
    suis lesbienne
    suis musulman
    suis musulmane
    suis catholique
    suis juif
    suis juive
    ai un cancer
    a un cancer
    está embarazada
    tiene cáncer
    tengo cáncer
    è incinta
    ha un cancro
    ho un cancro
    está grávida
    tem câncer
    tenho câncer
    ben zwanger
    is zwanger
    heeft kanker
    heb kanker
    ben homo
    ben lesbisch
    ";

/// Cues that name their person themselves.
pub(super) const ALONE: &str = "
    i'm pregnant
    i’m pregnant
    she's pregnant
    she’s pregnant
    i'm hiv positive
    i'm gay
    i’m gay
    he's gay
    he’s gay
    she's gay
    i'm a lesbian
    i'm bisexual
    i'm trans
    i'm transgender
    i'm bipolar
    i'm autistic
    i'm depressed
    i’m depressed
    i'm suicidal
    i'm an alcoholic
    i'm in therapy
    i'm muslim
    i'm a muslim
    i'm jewish
    i'm catholic
    i'm an atheist
    i'm a christian
    i'm a union member
    i voted for
    i take antidepressants
    i'm on antidepressants
    estoy embarazada
    soy gay
    soy lesbiana
    soy musulmán
    soy musulmana
    soy católico
    soy católica
    tengo depresión
    sono incinta
    sono gay
    sono lesbica
    sono musulmano
    sono iscritto al sindacato
    sono iscritta al sindacato
    estou grávida
    sou gay
    sou lésbica
    sou muçulmano
    estoy afiliado al sindicato
    estoy afiliada al sindicato
    ";
