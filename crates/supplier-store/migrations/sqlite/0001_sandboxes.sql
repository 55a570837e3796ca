-- What sandboxes were first made of. It is written once, and shared by all that were forked from one another.
CREATE TABLE grounds (
    number INTEGER PRIMARY KEY,
    suppliers TEXT NOT NULL
) STRICT;

CREATE TABLE sandboxes (
    number INTEGER PRIMARY KEY,
    ground INTEGER NOT NULL,
    name TEXT NOT NULL UNIQUE,
    scenario TEXT NOT NULL,
    seed TEXT NOT NULL,
    window_minutes INTEGER NOT NULL,
    account_dedup TEXT NOT NULL,
    fingerprint_key TEXT NOT NULL,
    suppliers TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    -- Clock, faults and arrivals, as it began and as it stands.
    origin TEXT NOT NULL,
    state TEXT NOT NULL
) STRICT;
CREATE INDEX sandboxes_by_ground ON sandboxes (ground);

-- A layer is what differs from the one below: a ground's (its number) from nothing, a sandbox's beginning (its number,
-- negative) from its ground, a sandbox as it stands (its number) from its beginning.
CREATE TABLE orders (
    layer INTEGER NOT NULL,
    number INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (layer, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE dealt (
    layer INTEGER NOT NULL,
    supplier TEXT NOT NULL,
    number INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (layer, supplier, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE delivered (
    layer INTEGER NOT NULL,
    supplier TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (layer, supplier, fingerprint)
) STRICT, WITHOUT ROWID;

CREATE TABLE keys (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    hash BLOB NOT NULL UNIQUE,
    id TEXT NOT NULL,
    prefix TEXT NOT NULL,
    sandbox INTEGER NOT NULL,
    supplier TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT;
CREATE INDEX keys_by_sandbox ON keys (sandbox);

CREATE TABLE journals (
    sandbox INTEGER PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT;

CREATE TABLE calls (
    sandbox INTEGER NOT NULL,
    number INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (sandbox, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE scorecards (
    sandbox INTEGER NOT NULL,
    supplier TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (sandbox, supplier)
) STRICT, WITHOUT ROWID;
