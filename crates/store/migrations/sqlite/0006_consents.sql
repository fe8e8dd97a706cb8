-- What people said to subscription notices, and what was sent of them. How many a person still
-- agreed to is folded from these rows and kept nowhere.

CREATE TABLE consent (
    seq       INTEGER PRIMARY KEY,
    account   INTEGER NOT NULL REFERENCES account (id),
    ord       INTEGER,
    template  TEXT NOT NULL,
    act       TEXT NOT NULL,
    teller    TEXT NOT NULL,
    at        INTEGER NOT NULL,
    dedup     TEXT NOT NULL,
    via_kind  TEXT, -- the identity it came by, where that may still move
    via_value TEXT
) STRICT;
CREATE UNIQUE INDEX consent_dedup ON consent (account, dedup);
CREATE INDEX consent_of_follower ON consent (account, ord, template, at, seq, act, teller)
    WHERE ord IS NOT NULL;
CREATE INDEX consent_via ON consent (account, via_kind, via_value) WHERE via_kind IS NOT NULL;
