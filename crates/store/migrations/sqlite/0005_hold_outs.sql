-- Whom a campaign left out on purpose: they were meant by its segment but for the share that it
-- keeps out, so what they do shows what happens without it.

CREATE TABLE campaign_hold_out (
    account  INTEGER NOT NULL,
    campaign INTEGER NOT NULL,
    people   BLOB NOT NULL,
    PRIMARY KEY (account, campaign),
    FOREIGN KEY (account, campaign) REFERENCES campaign (account, id)
) STRICT;
