-- What was in an order: a product a row, told with the order or later.

CREATE TABLE purchase_line (
    seq            INTEGER PRIMARY KEY,
    account        INTEGER NOT NULL REFERENCES account (id),
    purchase       INTEGER NOT NULL, -- its id; orders are never deleted
    line           TEXT NOT NULL, -- the shop's own name of it, unique in the order
    sku            TEXT NOT NULL,
    name           TEXT NOT NULL,
    quantity       INTEGER NOT NULL,
    amount_cents   INTEGER NOT NULL,
    refunded_cents INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX purchase_line_key ON purchase_line (account, purchase, line);
CREATE INDEX purchase_line_load ON purchase_line (account, seq);

CREATE TRIGGER purchase_line_insert AFTER INSERT ON purchase_line BEGIN
    UPDATE fact_version SET version = version + 1 WHERE account = NEW.account;
END;

CREATE TRIGGER purchase_line_update AFTER UPDATE ON purchase_line BEGIN
    UPDATE fact_version SET version = version + 1 WHERE account = NEW.account;
END;

CREATE TRIGGER purchase_line_delete AFTER DELETE ON purchase_line BEGIN
    UPDATE fact_version SET version = version + 1 WHERE account = OLD.account;
END;
