-- Facts: attributes with a kind, lists, saved and frozen segments, events and orders that wait for
-- their follower, refunds, taggings under way, imports in steps.

CREATE TABLE attribute (
    account    INTEGER NOT NULL REFERENCES account (id),
    name       TEXT NOT NULL,
    kind       TEXT NOT NULL,
    choices    TEXT NOT NULL DEFAULT '[]', -- of a choice: the values there are (JSON)
    created_at INTEGER NOT NULL,
    PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE list (
    account    INTEGER NOT NULL REFERENCES account (id),
    name       TEXT NOT NULL,
    people     INTEGER NOT NULL,
    members    BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (account, name)
) STRICT;

CREATE TABLE saved_segment (
    account    INTEGER NOT NULL REFERENCES account (id),
    name       TEXT NOT NULL,
    text       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE frozen_segment (
    account INTEGER NOT NULL REFERENCES account (id),
    id      INTEGER NOT NULL,
    name    TEXT NOT NULL,
    text    TEXT NOT NULL,
    at      INTEGER NOT NULL,
    people  INTEGER NOT NULL,
    hash    TEXT NOT NULL, -- SHA-256 of the members, in hexadecimal digits
    members BLOB NOT NULL,
    PRIMARY KEY (account, id)
) STRICT;

-- A platform tag given to followers or taken from them, fifty a call.
CREATE TABLE tagging (
    account     INTEGER NOT NULL REFERENCES account (id),
    id          INTEGER NOT NULL,
    tag_id      INTEGER NOT NULL,
    present     INTEGER NOT NULL, -- 1 gives, 0 takes
    segment     TEXT NOT NULL,
    people      INTEGER NOT NULL,
    members     BLOB NOT NULL,
    next_ord    INTEGER NOT NULL DEFAULT 0, -- all members below are done
    done        INTEGER NOT NULL DEFAULT 0,
    skipped     INTEGER NOT NULL DEFAULT 0,
    state       TEXT NOT NULL DEFAULT 'open',
    failure     TEXT NOT NULL DEFAULT '',
    created_at  INTEGER NOT NULL,
    finished_at INTEGER,
    PRIMARY KEY (account, id)
) STRICT;

CREATE INDEX tagging_open ON tagging (account, id) WHERE state = 'open';

CREATE TABLE import (
    account     INTEGER NOT NULL REFERENCES account (id),
    id          INTEGER NOT NULL,
    what        TEXT NOT NULL,
    settings    TEXT NOT NULL, -- (JSON)
    state       TEXT NOT NULL,
    lines       INTEGER NOT NULL DEFAULT 0,
    refused     INTEGER NOT NULL DEFAULT 0,
    imported    INTEGER NOT NULL DEFAULT 0,
    duplicates  INTEGER NOT NULL DEFAULT 0,
    linked      INTEGER NOT NULL DEFAULT 0,
    chunks      INTEGER NOT NULL DEFAULT 0,
    applied     INTEGER NOT NULL DEFAULT 0,
    errors      TEXT NOT NULL DEFAULT '[]', -- refused lines (JSON)
    failure     TEXT NOT NULL DEFAULT '',
    created_at  INTEGER NOT NULL,
    finished_at INTEGER,
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX import_open ON import (account, id) WHERE state IN ('received', 'checked', 'applying');

-- Rows of an import that wait to be applied; gone once they are.
CREATE TABLE import_chunk (
    account INTEGER NOT NULL,
    import  INTEGER NOT NULL,
    number  INTEGER NOT NULL, -- from 1, without gaps
    rows    TEXT NOT NULL,    -- (JSON)
    PRIMARY KEY (account, import, number),
    FOREIGN KEY (account, import) REFERENCES import (account, id)
) STRICT;

ALTER TABLE purchase ADD COLUMN refunded_cents INTEGER NOT NULL DEFAULT 0;
DROP INDEX purchase_load;
CREATE INDEX purchase_load ON purchase (account, ord, at, id, amount_cents, items, refunded_cents)
    WHERE ord IS NOT NULL;

-- An event may come before its follower is known; it keeps by whom it was told.
CREATE TABLE told_event (
    seq       INTEGER PRIMARY KEY,
    account   INTEGER NOT NULL REFERENCES account (id),
    ord       INTEGER,
    kind      TEXT NOT NULL,
    key       TEXT NOT NULL,
    at        INTEGER NOT NULL,
    value     INTEGER,
    dedup     TEXT NOT NULL,
    via_kind  TEXT, -- the identity it came by, where that may still move
    via_value TEXT
) STRICT;
INSERT INTO told_event (seq, account, ord, kind, key, at, dedup)
    SELECT seq, account, ord, kind, key, at, dedup FROM event;
DROP TABLE event;
ALTER TABLE told_event RENAME TO event;
CREATE UNIQUE INDEX event_dedup ON event (account, dedup);
-- By follower and time: so it loads in the order every timeline wants, and one index does for both.
CREATE INDEX event_of_follower ON event (account, ord, at, seq, kind, key, value)
    WHERE ord IS NOT NULL;
CREATE INDEX event_via ON event (account, via_kind, via_value) WHERE via_kind IS NOT NULL;

CREATE INDEX follower_unionid ON follower (account, unionid) WHERE unionid IS NOT NULL;
