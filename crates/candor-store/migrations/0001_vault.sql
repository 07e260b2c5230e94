-- What the vault knows about recordings. No key, wrapped or not, lies in here (the broker has a database of its own),
-- no recording, and no name of a person.

-- The log's entries in clear, beside the log, which holds their commitments only. Also the log's write-ahead queue: an
-- entry at or above the size of the log's tree is queued, and is sequenced when the vault starts again.
CREATE TABLE log_entry (
    idx   INTEGER PRIMARY KEY,           -- index in the log
    kind  INTEGER NOT NULL,              -- kind byte of the leaf
    leaf  BLOB NOT NULL,                 -- the leaf's 34 bytes, as the log has them
    salt  BLOB,                          -- 16 random bytes; NULL once erased: the leaf then says nothing
    json  BLOB,                          -- the entry's canonical JSON; NULL once erased
    about BLOB                           -- pseudonym whose salt this is, NULL where it is nobody's or was erased
) STRICT;
CREATE INDEX log_entry_kind ON log_entry (kind, idx);
CREATE INDEX log_entry_about ON log_entry (about) WHERE about IS NOT NULL;

-- Consent records as the participants signed them.
CREATE TABLE consent (
    id          BLOB PRIMARY KEY,        -- consent id
    hash        BLOB NOT NULL UNIQUE,    -- hash of the signed record
    participant BLOB NOT NULL,           -- pseudonym
    jws         TEXT NOT NULL,           -- the participant's compact JWS
    receipt     TEXT,                    -- the program's compact JWS over the record's hash
    withdrawal  TEXT,                    -- the participant's compact JWS, once withdrawn
    received_at INTEGER NOT NULL         -- Unix seconds
) STRICT;
CREATE INDEX consent_participant ON consent (participant, received_at);

-- Public halves of the vault's key pairs; the private halves are rows of the broker.
CREATE TABLE period_key (
    participant BLOB NOT NULL,           -- pseudonym
    consent     BLOB NOT NULL,           -- consent id the key is for
    period      INTEGER NOT NULL,        -- period of the key
    public_key  BLOB NOT NULL,           -- X-Wing public key
    PRIMARY KEY (participant, consent, period)
) STRICT, WITHOUT ROWID;

-- Recording sessions and how far their chains reach.
CREATE TABLE session (
    id          BLOB PRIMARY KEY,        -- session id
    participant BLOB NOT NULL,           -- pseudonym
    device      BLOB NOT NULL,           -- device id
    consent     BLOB NOT NULL,           -- consent id the segments name
    next        INTEGER NOT NULL,        -- number of the next link of the chain
    head        BLOB NOT NULL            -- head of the chain before that link
) STRICT;
CREATE INDEX session_participant ON session (participant);

-- Links of the sessions' chains: accepted segments and tombstones. Neither is ever removed; erasing takes the object's
-- hash away, the object, and the key rows at the broker.
CREATE TABLE segment (
    session     BLOB NOT NULL REFERENCES session (id),
    number      INTEGER NOT NULL,        -- number in the session, from 0
    header      BLOB UNIQUE,             -- header hash; NULL for a tombstone
    object      BLOB UNIQUE,             -- object hash: its name in the object store; NULL for a tombstone or once erased
    bytes       INTEGER NOT NULL,        -- length of the object; 0 for a tombstone
    record      BLOB NOT NULL,           -- chain record, 97 bytes
    head        BLOB NOT NULL,           -- head of the chain after this link
    received_at INTEGER NOT NULL,        -- Unix seconds
    erased_at   INTEGER,                 -- Unix seconds; NULL while it can be released
    leaf        INTEGER NOT NULL REFERENCES log_entry (idx), -- the log's entry about it
    PRIMARY KEY (session, number)
) STRICT, WITHOUT ROWID;

-- Datasets and their rebuilds.
CREATE TABLE dataset (
    id         BLOB NOT NULL,            -- dataset id; rebuilds keep it
    version    INTEGER NOT NULL,         -- counts rebuilds, from 0
    manifest   BLOB NOT NULL,            -- hash of the manifest
    provenance BLOB NOT NULL,            -- step to segment hashes, sealed to the broker
    purpose    TEXT NOT NULL,            -- the purpose it was built for
    created_at INTEGER NOT NULL,         -- Unix seconds
    expires_at INTEGER NOT NULL,         -- Unix seconds; no later than its sources
    tainted_at INTEGER,                  -- Unix seconds; NULL while every source stands
    taint      TEXT,                     -- why it is tainted; names nobody
    PRIMARY KEY (id, version)
) STRICT, WITHOUT ROWID;

-- Which segments a dataset was built from.
CREATE TABLE lineage (
    dataset BLOB NOT NULL,               -- dataset id
    version INTEGER NOT NULL,            -- its version
    header  BLOB NOT NULL,               -- header hash of a source segment
    PRIMARY KEY (dataset, version, header),
    FOREIGN KEY (dataset, version) REFERENCES dataset (id, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX lineage_header ON lineage (header);

-- Signed statements that others decide upon: requests, approvals, grants, erasures. Opaque here.
CREATE TABLE statement (
    hash  BLOB PRIMARY KEY,              -- hash of the JWS's payload
    kind  TEXT NOT NULL,                 -- the word of its JWS type
    about BLOB NOT NULL,                 -- hash or id of what it is about: an approval names its request
    jws   TEXT NOT NULL,                 -- the compact JWS
    at    INTEGER NOT NULL               -- Unix seconds of its arrival
) STRICT, WITHOUT ROWID;
CREATE INDEX statement_about ON statement (about, at);
