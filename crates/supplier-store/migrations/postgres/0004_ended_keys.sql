-- Keys that were revoked, or whose sandboxes were removed: a call with one is told so. The last 10,000 are kept.
CREATE TABLE ended_keys (
    position bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    hash bytea NOT NULL UNIQUE,
    sandbox bigint NOT NULL,
    name text NOT NULL,
    supplier text NOT NULL
);
