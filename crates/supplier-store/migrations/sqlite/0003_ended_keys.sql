-- Keys that were revoked, or whose sandboxes were removed: a call with one is told so. The last 10,000 are kept.
CREATE TABLE ended_keys (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    hash BLOB NOT NULL UNIQUE,
    sandbox INTEGER NOT NULL,
    name TEXT NOT NULL,
    supplier TEXT NOT NULL
) STRICT;
