-- The first shape of the store. The account comes first in every key. Times are Unix seconds,
-- amounts are cents, sets of followers are opaque bytes, texts ending in "(JSON)" are JSON.

CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE account (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    name           TEXT NOT NULL,
    appid          TEXT NOT NULL UNIQUE,
    original_id    TEXT NOT NULL,
    kind           TEXT NOT NULL,
    verified       INTEGER NOT NULL,
    base_url       TEXT NOT NULL,
    secret         BLOB NOT NULL, -- sealed
    callback_token BLOB NOT NULL, -- sealed
    callback_key   BLOB,          -- sealed
    state          TEXT NOT NULL DEFAULT 'active',
    state_reason   TEXT NOT NULL DEFAULT '',
    created_at     INTEGER NOT NULL
) STRICT;

CREATE TABLE api_key (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL,
    digest     BLOB NOT NULL UNIQUE, -- SHA-256 of the key; the key itself is not kept
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE follower (
    account       INTEGER NOT NULL REFERENCES account (id),
    ord           INTEGER NOT NULL,
    openid        TEXT NOT NULL,
    following     INTEGER NOT NULL,
    state_at      INTEGER NOT NULL, -- nothing told for an earlier moment changes `following`
    subscribed_at INTEGER,
    left_at       INTEGER,
    unionid       TEXT,
    scene         TEXT,
    qr_scene      TEXT,
    language      TEXT,
    remark        TEXT,
    tags          TEXT NOT NULL DEFAULT '[]', -- platform tag ids (JSON)
    attributes    TEXT NOT NULL DEFAULT '{}', -- name: text, number or bool (JSON)
    own_tags      TEXT NOT NULL DEFAULT '[]', -- our own tags (JSON)
    seen_pass     INTEGER NOT NULL DEFAULT 0,
    detailed_pass INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account, ord)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX follower_openid ON follower (account, openid);
CREATE INDEX follower_following ON follower (account, seen_pass) WHERE following = 1;
CREATE INDEX follower_undetailed ON follower (account, seen_pass)
    WHERE following = 1 AND detailed_pass < seen_pass;

CREATE INDEX follower_left ON follower (account, left_at) WHERE following = 0;

CREATE TABLE identity (
    account INTEGER NOT NULL REFERENCES account (id),
    kind    TEXT NOT NULL,
    value   TEXT NOT NULL,
    ord     INTEGER NOT NULL,
    PRIMARY KEY (account, kind, value),
    FOREIGN KEY (account, ord) REFERENCES follower (account, ord)
) STRICT, WITHOUT ROWID;

CREATE INDEX identity_of_follower ON identity (account, ord);

CREATE TABLE tag (
    account   INTEGER NOT NULL REFERENCES account (id),
    tag_id    INTEGER NOT NULL,
    name      TEXT NOT NULL,
    followers INTEGER NOT NULL,
    PRIMARY KEY (account, tag_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE purchase ( -- an order; the word itself is SQL's
    id           INTEGER PRIMARY KEY,
    account      INTEGER NOT NULL REFERENCES account (id),
    key          TEXT NOT NULL,
    kind         TEXT NOT NULL, -- the kind of identity `customer` is
    customer     TEXT NOT NULL,
    ord          INTEGER,
    at           INTEGER NOT NULL,
    amount_cents INTEGER NOT NULL,
    items        INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX purchase_key ON purchase (account, key);
CREATE INDEX purchase_customer ON purchase (account, kind, customer);
CREATE INDEX purchase_unlinked ON purchase (account, kind, customer) WHERE ord IS NULL;
CREATE INDEX purchase_load ON purchase (account, ord, at, id, amount_cents, items)
    WHERE ord IS NOT NULL;

CREATE TABLE event (
    seq     INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account (id),
    ord     INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    key     TEXT NOT NULL,
    at      INTEGER NOT NULL,
    dedup   TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX event_dedup ON event (account, dedup);
CREATE INDEX event_load ON event (account, kind, ord, at, seq, key);
CREATE INDEX event_of_follower ON event (account, ord, at);

CREATE TABLE sync_pass (
    account     INTEGER NOT NULL REFERENCES account (id),
    pass        INTEGER NOT NULL,
    started_at  INTEGER NOT NULL,
    finished_at INTEGER,
    next_openid TEXT,
    pages       INTEGER NOT NULL DEFAULT 0,
    listed      INTEGER NOT NULL DEFAULT 0,
    detailed    INTEGER NOT NULL DEFAULT 0,
    state       TEXT NOT NULL,
    failure     TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (account, pass)
) STRICT, WITHOUT ROWID;

CREATE TABLE campaign (
    account    INTEGER NOT NULL REFERENCES account (id),
    id         INTEGER NOT NULL,
    key        TEXT NOT NULL,
    name       TEXT NOT NULL,
    segment    TEXT NOT NULL,
    message    TEXT NOT NULL, -- (JSON)
    way        TEXT NOT NULL,
    starts_at  INTEGER,
    state      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    frozen_at  INTEGER,
    forecast   TEXT,          -- (JSON)
    note       TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX campaign_key ON campaign (account, key);
CREATE INDEX campaign_open ON campaign (account, state)
    WHERE state IN ('scheduled', 'sending');

CREATE TABLE campaign_audience (
    account  INTEGER NOT NULL,
    campaign INTEGER NOT NULL,
    audience BLOB NOT NULL,
    PRIMARY KEY (account, campaign),
    FOREIGN KEY (account, campaign) REFERENCES campaign (account, id)
) STRICT;

CREATE TABLE skip (
    account    INTEGER NOT NULL,
    campaign   INTEGER NOT NULL,
    reason     TEXT NOT NULL,
    recipients BLOB NOT NULL,
    PRIMARY KEY (account, campaign, reason),
    FOREIGN KEY (account, campaign) REFERENCES campaign (account, id)
) STRICT;

CREATE TABLE batch (
    account            INTEGER NOT NULL REFERENCES account (id),
    id                 INTEGER NOT NULL,
    campaign           INTEGER, -- null: sent elsewhere
    number             INTEGER NOT NULL,
    kind               TEXT NOT NULL,
    tag_id             INTEGER,
    certain            INTEGER NOT NULL,
    clientmsgid        TEXT,
    draft              TEXT,
    state              TEXT NOT NULL,
    month              TEXT NOT NULL,
    recipients_count   INTEGER NOT NULL,
    addressed          INTEGER NOT NULL,
    membership_version INTEGER,
    intended_at        INTEGER,
    called_at          INTEGER,
    attempts           INTEGER NOT NULL DEFAULT 0,
    not_before         INTEGER,
    msg_id             INTEGER,
    msg_data_id        INTEGER,
    code               INTEGER,
    code_text          TEXT NOT NULL DEFAULT '',
    finish_status      TEXT,
    total              INTEGER,
    filtered           INTEGER,
    sent               INTEGER,
    errors             INTEGER,
    finished_at        INTEGER,
    settled_at         INTEGER,
    deadline           INTEGER,
    exact              INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account, id),
    FOREIGN KEY (account, campaign) REFERENCES campaign (account, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX batch_of_campaign ON batch (account, campaign, number);
CREATE UNIQUE INDEX batch_clientmsgid ON batch (account, clientmsgid)
    WHERE clientmsgid IS NOT NULL;
CREATE UNIQUE INDEX batch_msg_id ON batch (account, msg_id) WHERE msg_id IS NOT NULL;
CREATE INDEX batch_of_month ON batch (account, month);
CREATE INDEX batch_open ON batch (account)
    WHERE state NOT IN ('settled', 'refused', 'cancelled');

CREATE TABLE batch_recipients (
    account    INTEGER NOT NULL,
    batch      INTEGER NOT NULL,
    recipients BLOB NOT NULL,
    PRIMARY KEY (account, batch),
    FOREIGN KEY (account, batch) REFERENCES batch (account, id)
) STRICT;

CREATE TABLE inbox (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    account     INTEGER NOT NULL REFERENCES account (id),
    dedup       TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    body        TEXT NOT NULL,
    applied_at  INTEGER
) STRICT;

CREATE UNIQUE INDEX inbox_dedup ON inbox (account, dedup);
CREATE INDEX inbox_pending ON inbox (account, seq) WHERE applied_at IS NULL;
CREATE INDEX inbox_applied ON inbox (account, applied_at) WHERE applied_at IS NOT NULL;

CREATE TABLE finish_event (
    account    INTEGER NOT NULL REFERENCES account (id),
    msg_id     INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    status     TEXT NOT NULL,
    total      INTEGER NOT NULL,
    filtered   INTEGER NOT NULL,
    sent       INTEGER NOT NULL,
    errors     INTEGER NOT NULL,
    claimed    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account, msg_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX finish_event_unclaimed ON finish_event (account) WHERE claimed = 0;
