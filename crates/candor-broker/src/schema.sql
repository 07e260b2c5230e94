-- The broker's own database. It holds no plaintext and no key in clear: secrets are rows sealed under a participant's
-- shelf key, and shelf keys are sealed by custody.

-- A participant and their key shelf.
CREATE TABLE IF NOT EXISTS participant (
    -- The pseudonym, 16 bytes.
    id BLOB NOT NULL PRIMARY KEY,
    -- Ed25519 public key, 32 bytes: what their records are checked with.
    signing_key BLOB NOT NULL,
    -- The custody generation that seals the shelf key.
    generation INTEGER NOT NULL,
    -- The shelf key, sealed by custody for this participant.
    shelf BLOB NOT NULL
) STRICT;

-- The secrets on the shelves.
CREATE TABLE IF NOT EXISTS key_row (
    -- The row's name, 32 bytes (candor_seal::RowId).
    id BLOB NOT NULL PRIMARY KEY,
    -- On whose shelf.
    participant BLOB NOT NULL REFERENCES participant (id),
    -- The secret, sealed under the shelf key.
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS key_row_participant ON key_row (participant);

-- Consent records as received.
CREATE TABLE IF NOT EXISTS consent (
    -- The order of receipt; the last one of a participant is the current one.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    participant BLOB NOT NULL REFERENCES participant (id),
    -- The record's id, 16 bytes.
    id BLOB NOT NULL UNIQUE,
    -- The record, a compact JWS.
    record TEXT NOT NULL,
    -- The vault's newest receipt for it, a compact JWS.
    receipt TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS consent_participant ON consent (participant);

-- Withdrawals as received. They are never deleted.
CREATE TABLE IF NOT EXISTS withdrawal (
    participant BLOB NOT NULL REFERENCES participant (id),
    -- The withdrawal, a compact JWS.
    record TEXT NOT NULL,
    PRIMARY KEY (participant, record)
) STRICT, WITHOUT ROWID;

-- Everybody else who acts.
CREATE TABLE IF NOT EXISTS principal (
    -- The principal's id, 16 bytes.
    id BLOB NOT NULL PRIMARY KEY,
    -- The principal, JSON.
    record TEXT NOT NULL
) STRICT;

-- The one program.
CREATE TABLE IF NOT EXISTS program (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    -- The program, JSON.
    record TEXT NOT NULL
) STRICT;

-- The vault's key pairs: one per participant, consent and period. The secret half is a key row.
CREATE TABLE IF NOT EXISTS period (
    participant BLOB NOT NULL REFERENCES participant (id),
    -- The consent record's id, 16 bytes.
    consent BLOB NOT NULL,
    period INTEGER NOT NULL,
    -- The X-Wing public half.
    public_key BLOB NOT NULL,
    -- 1 once the secret half was destroyed.
    ended INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (participant, consent, period)
) STRICT, WITHOUT ROWID;

-- What, with a period's secret half, gives the key that wraps segment keys. Public.
CREATE TABLE IF NOT EXISTS encapsulation (
    session BLOB NOT NULL,
    number INTEGER NOT NULL,
    -- On whose behalf; goes with them.
    participant BLOB NOT NULL REFERENCES participant (id),
    -- The X-Wing encapsulated key.
    enc BLOB NOT NULL,
    PRIMARY KEY (session, number)
) STRICT, WITHOUT ROWID;

-- The segments the broker has keys of.
CREATE TABLE IF NOT EXISTS segment (
    session BLOB NOT NULL,
    number INTEGER NOT NULL,
    participant BLOB NOT NULL REFERENCES participant (id),
    -- The header's hash, 32 bytes.
    hash BLOB NOT NULL UNIQUE,
    -- The header.
    header BLOB NOT NULL,
    -- Until when the participant holds it back, Unix seconds.
    hold_back_until INTEGER NOT NULL,
    -- 0: the key row is the device's wrap; 1: the key itself, since the period's secret half is gone.
    direct INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (session, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS segment_participant ON segment (participant);

-- Segments that were erased and are not accepted again.
CREATE TABLE IF NOT EXISTS erased (
    participant BLOB NOT NULL REFERENCES participant (id),
    session BLOB NOT NULL,
    -- The first and the last segment number.
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (participant, session, first, last)
) STRICT, WITHOUT ROWID;

-- Derived files the broker has keys of.
CREATE TABLE IF NOT EXISTS file (
    dataset BLOB NOT NULL,
    -- Which file, 32 bytes.
    file BLOB NOT NULL,
    participant BLOB NOT NULL REFERENCES participant (id),
    -- The terms it was derived under, JSON: consents, purposes, expiry, sources.
    terms TEXT NOT NULL,
    -- 1 once something its dataset was made of was erased.
    tainted INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (dataset, file)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS file_participant ON file (participant);

-- Intents that came to the broker: each once.
CREATE TABLE IF NOT EXISTS intent (
    -- The value of the custody counter.
    counter INTEGER PRIMARY KEY,
    -- The hash of the intent's leaf, 32 bytes.
    leaf BLOB NOT NULL UNIQUE,
    -- How many keys left under it.
    keys INTEGER NOT NULL
) STRICT;

-- Erasures, done and under way.
CREATE TABLE IF NOT EXISTS erasure (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The hash of the signed request, 32 bytes: a request erases once.
    request BLOB NOT NULL UNIQUE,
    -- The newest custody generation when its rows went.
    before INTEGER NOT NULL,
    -- What went, JSON.
    outcome TEXT NOT NULL,
    -- 1 once the generations up to `before` are destroyed.
    done INTEGER NOT NULL
) STRICT;
