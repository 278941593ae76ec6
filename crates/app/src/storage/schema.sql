-- One row per setting; absent means the usual.
CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Accounts without their passwords. The one used last is the one to sign in with.
CREATE TABLE account (
    jid        TEXT PRIMARY KEY,
    host       TEXT,
    port       INTEGER,
    direct_tls INTEGER NOT NULL DEFAULT 0,
    authority  TEXT,
    pin        BLOB,
    remember   INTEGER NOT NULL,
    stay       INTEGER NOT NULL,
    used       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Devices as they were last known: form and readings, as JSON.
CREATE TABLE device (
    account TEXT NOT NULL REFERENCES account (jid) ON DELETE CASCADE,
    jid     TEXT NOT NULL,
    saved   TEXT NOT NULL,
    PRIMARY KEY (account, jid)
) STRICT, WITHOUT ROWID;
