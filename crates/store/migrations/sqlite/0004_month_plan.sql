-- Month plans: made, approved, carried out. Recipients are sets of ordinals; the values are all the
-- plan's proof speaks of, as a file.

CREATE TABLE month_plan (
    account     INTEGER NOT NULL REFERENCES account (id),
    id          INTEGER NOT NULL,
    month       TEXT NOT NULL,
    question    TEXT NOT NULL, -- as asked (JSON)
    state       TEXT NOT NULL,
    made_at     INTEGER NOT NULL,
    approved_at INTEGER,
    value       INTEGER NOT NULL, -- in units of worth
    bound       INTEGER NOT NULL,
    rivals      TEXT NOT NULL, -- what other ways bring (JSON)
    summary     TEXT NOT NULL, -- what else is shown (JSON)
    certificate TEXT NOT NULL, -- (JSON)
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX month_plan_of_month ON month_plan (account, month);

CREATE TABLE month_plan_entry (
    account    INTEGER NOT NULL,
    plan       INTEGER NOT NULL,
    number     INTEGER NOT NULL, -- place in the question, from 0
    campaign   INTEGER NOT NULL,
    starts_at  INTEGER NOT NULL,
    state      TEXT NOT NULL,
    price      INTEGER NOT NULL,
    audience   INTEGER NOT NULL,
    held_out   INTEGER NOT NULL,
    recipients INTEGER NOT NULL,
    worth      INTEGER NOT NULL,
    PRIMARY KEY (account, plan, number),
    FOREIGN KEY (account, plan) REFERENCES month_plan (account, id),
    FOREIGN KEY (account, campaign) REFERENCES campaign (account, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX month_plan_entry_of_campaign ON month_plan_entry (account, campaign);

CREATE TABLE month_plan_people (
    account    INTEGER NOT NULL,
    plan       INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    held_out   BLOB NOT NULL,
    recipients BLOB NOT NULL,
    PRIMARY KEY (account, plan, number),
    FOREIGN KEY (account, plan, number) REFERENCES month_plan_entry (account, plan, number)
) STRICT;

CREATE TABLE month_plan_values (
    account INTEGER NOT NULL,
    plan    INTEGER NOT NULL,
    bytes   BLOB NOT NULL,
    PRIMARY KEY (account, plan),
    FOREIGN KEY (account, plan) REFERENCES month_plan (account, id)
) STRICT;
