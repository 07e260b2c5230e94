-- Who may talk to this vault, and the program it serves. Nothing in here is a recording or a key.
CREATE TABLE IF NOT EXISTS invitation (
    token_hash BLOB PRIMARY KEY,      -- hash of the one-time token; the token itself is nowhere in the vault
    role       TEXT NOT NULL,         -- what the invited one will be
    expires_at INTEGER NOT NULL,      -- Unix seconds; refused from then on
    used_at    INTEGER                -- Unix seconds; an invitation is used once
) STRICT;
CREATE TABLE IF NOT EXISTS member (
    certificate BLOB PRIMARY KEY,     -- SHA-256 of the certificate's DER form
    role        TEXT NOT NULL,
    device      BLOB NOT NULL UNIQUE, -- device id
    participant BLOB UNIQUE,          -- pseudonym, for participants only
    principal   BLOB UNIQUE,          -- id, for everybody else
    device_key  BLOB NOT NULL,        -- Ed25519: checks segment headers and chains
    signing_key BLOB NOT NULL,        -- Ed25519: checks consents, approvals, requests
    opening_key BLOB NOT NULL,        -- X-Wing: what the member's own copies are sealed to
    revoked_at  INTEGER,              -- Unix seconds; refused from then on
    CHECK ((participant IS NULL) <> (principal IS NULL))
) STRICT;
CREATE TABLE IF NOT EXISTS program (
    only        INTEGER PRIMARY KEY CHECK (only = 1),
    json        TEXT NOT NULL,        -- the program as published, epoch and state included
    notice      TEXT NOT NULL         -- the notice in force, JSON
) STRICT;
-- The vault's encapsulations of sessions, until the first segment that names them brings them to the broker. Public.
CREATE TABLE IF NOT EXISTS encapsulation (
    session BLOB NOT NULL,
    number  INTEGER NOT NULL,         -- in the session, from 0
    device  BLOB NOT NULL,            -- which device sent it
    enc     BLOB NOT NULL,            -- X-Wing encapsulated key
    PRIMARY KEY (session, number)
) STRICT, WITHOUT ROWID;
-- Whose ciphertext a builder may fetch: only what a policy said yes to.
CREATE TABLE IF NOT EXISTS granted (
    principal BLOB NOT NULL,
    header    BLOB NOT NULL,          -- header hash of the segment
    until     INTEGER NOT NULL,       -- Unix seconds; refused from then on
    PRIMARY KEY (principal, header)
) STRICT, WITHOUT ROWID;
