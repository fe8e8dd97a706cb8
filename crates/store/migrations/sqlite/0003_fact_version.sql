-- How often the facts of an account were changed, whoever changed them and in the same transaction:
-- what is made of them and kept elsewhere tells by it whether it is of this state.

CREATE TABLE fact_version (
    account INTEGER PRIMARY KEY REFERENCES account (id),
    version INTEGER NOT NULL
) STRICT;

INSERT INTO fact_version (account, version) SELECT id, 1 FROM account;

CREATE TRIGGER account_insert AFTER INSERT ON account BEGIN
    INSERT INTO fact_version (account, version) VALUES (NEW.id, 1);
END;

CREATE TRIGGER follower_insert AFTER INSERT ON follower BEGIN
    UPDATE fact_version SET version = version + 1 WHERE account = NEW.account;
END;

CREATE TRIGGER follower_update AFTER UPDATE OF openid, following, state_at, subscribed_at, tags, attributes, own_tags ON follower BEGIN
    UPDATE fact_version SET version = version + 1 WHERE account = NEW.account;
END;

CREATE TRIGGER follower_delete AFTER DELETE ON follower BEGIN
    UPDATE fact_version SET version = version + 1 WHERE account = OLD.account;
END;

CREATE TRIGGER tag_insert AFTER INSERT ON tag BEGIN
    UPDATE fact_version SET version = version + 1 WHERE account = NEW.account;
END;

CREATE TRIGGER tag_update AFTER UPDATE ON tag BEGIN
    UPDATE fact_version SET version = version + 1 WHERE account = NEW.account;
END;

CREATE TRIGGER tag_delete AFTER DELETE ON tag BEGIN
    UPDATE fact_version SET version = version + 1 WHERE account = OLD.account;
END;

CREATE TRIGGER attribute_insert AFTER INSERT ON attribute BEGIN
    UPDATE fact_version SET version = version + 1 WHERE account = NEW.account;
END;

CREATE TRIGGER attribute_update AFTER UPDATE ON attribute BEGIN
    UPDATE fact_version SET version = version + 1 WHERE account = NEW.account;
END;

CREATE TRIGGER attribute_delete AFTER DELETE ON attribute BEGIN
    UPDATE fact_version SET version = version + 1 WHERE account = OLD.account;
END;

CREATE TRIGGER list_insert AFTER INSERT ON list BEGIN
    UPDATE fact_version SET version = version + 1 WHERE account = NEW.account;
END;

CREATE TRIGGER list_update AFTER UPDATE ON list BEGIN
    UPDATE fact_version SET version = version + 1 WHERE account = NEW.account;
END;

CREATE TRIGGER list_delete AFTER DELETE ON list BEGIN
    UPDATE fact_version SET version = version + 1 WHERE account = OLD.account;
END;

CREATE TRIGGER purchase_insert AFTER INSERT ON purchase BEGIN
    UPDATE fact_version SET version = version + 1 WHERE account = NEW.account;
END;

CREATE TRIGGER purchase_update AFTER UPDATE ON purchase BEGIN
    UPDATE fact_version SET version = version + 1 WHERE account = NEW.account;
END;

CREATE TRIGGER purchase_delete AFTER DELETE ON purchase BEGIN
    UPDATE fact_version SET version = version + 1 WHERE account = OLD.account;
END;

CREATE TRIGGER event_insert AFTER INSERT ON event BEGIN
    UPDATE fact_version SET version = version + 1 WHERE account = NEW.account;
END;

CREATE TRIGGER event_update AFTER UPDATE ON event BEGIN
    UPDATE fact_version SET version = version + 1 WHERE account = NEW.account;
END;

CREATE TRIGGER event_delete AFTER DELETE ON event BEGIN
    UPDATE fact_version SET version = version + 1 WHERE account = OLD.account;
END;
