-- What sandboxes, what they were first made of, and states are numbered by.
CREATE SEQUENCE numbers;

-- What sandboxes were first made of. It is written once, and shared by all that were forked from one another.
CREATE TABLE grounds (
    number bigint PRIMARY KEY,
    suppliers text NOT NULL
);

-- A server that changes a sandbox holds its row's lock. `version` says what it last was; servers compare theirs with it.
CREATE TABLE sandboxes (
    number bigint PRIMARY KEY,
    name text NOT NULL UNIQUE,
    version bigint NOT NULL,
    -- The layer that it stands in.
    live bigint NOT NULL,
    is_armed boolean NOT NULL,
    expires_at bigint,
    ground bigint NOT NULL REFERENCES grounds,
    scenario text NOT NULL,
    seed text NOT NULL,
    window_minutes bigint NOT NULL,
    account_dedup text NOT NULL,
    fingerprint_key text NOT NULL,
    suppliers text NOT NULL,
    created_at bigint NOT NULL,
    -- Clock, faults and arrivals, as it began and as it stands.
    origin text NOT NULL,
    state text NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX sandboxes_by_ground ON sandboxes (ground);
CREATE INDEX sandboxes_by_end ON sandboxes (expires_at) WHERE expires_at IS NOT NULL;

-- A layer is what differs from the one below: a ground's (its number) from nothing, a sandbox's beginning (its number,
-- negative) from its ground, a sandbox as it stands (`live`) from its beginning. `version` is the sandbox's when the row
-- was last written.
CREATE TABLE orders (
    layer bigint NOT NULL,
    number bigint NOT NULL,
    version bigint NOT NULL,
    document text NOT NULL,
    PRIMARY KEY (layer, number)
);
CREATE INDEX orders_by_version ON orders (layer, version);

CREATE TABLE handed_out (
    layer bigint NOT NULL,
    supplier text NOT NULL,
    number bigint NOT NULL,
    version bigint NOT NULL,
    document text NOT NULL,
    PRIMARY KEY (layer, supplier, number)
);
CREATE INDEX handed_out_by_version ON handed_out (layer, version);

CREATE TABLE delivered (
    layer bigint NOT NULL,
    supplier text NOT NULL,
    fingerprint text NOT NULL,
    version bigint NOT NULL,
    number bigint NOT NULL,
    PRIMARY KEY (layer, supplier, fingerprint)
);
CREATE INDEX delivered_by_version ON delivered (layer, version);

CREATE TABLE keys (
    position bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    hash bytea NOT NULL UNIQUE,
    id text NOT NULL,
    prefix text NOT NULL,
    sandbox bigint NOT NULL REFERENCES sandboxes ON DELETE CASCADE,
    supplier text NOT NULL,
    created_at bigint NOT NULL,
    last_used_at bigint
);
CREATE INDEX keys_by_sandbox ON keys (sandbox);

CREATE TABLE journals (
    sandbox bigint PRIMARY KEY REFERENCES sandboxes ON DELETE CASCADE,
    -- The number of the last call, and what those that are kept take in all.
    last bigint NOT NULL,
    bytes bigint NOT NULL
);

CREATE TABLE calls (
    sandbox bigint NOT NULL REFERENCES sandboxes ON DELETE CASCADE,
    number bigint NOT NULL,
    request text NOT NULL,
    size bigint NOT NULL,
    document text NOT NULL,
    PRIMARY KEY (sandbox, number)
);

CREATE TABLE scorecards (
    sandbox bigint NOT NULL REFERENCES sandboxes ON DELETE CASCADE,
    supplier text NOT NULL,
    document text NOT NULL,
    PRIMARY KEY (sandbox, supplier)
);

-- Who is logged in, by the hash of what only the browser knows.
CREATE TABLE sessions (
    hash bytea PRIMARY KEY,
    used_at bigint NOT NULL,
    sandbox text NOT NULL,
    supplier text NOT NULL,
    is_admin boolean NOT NULL,
    notice text
);
CREATE INDEX sessions_by_use ON sessions (used_at);
