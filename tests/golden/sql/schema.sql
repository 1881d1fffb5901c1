-- Accounts and what moves between them.

CREATE TABLE accounts (
    id BIGINT PRIMARY KEY,
    owner TEXT NOT NULL,
    balance NUMERIC(12, 2) NOT NULL DEFAULT 0,
    opened_at TIMESTAMP NOT NULL DEFAULT now()
);

-- Every movement, never changed.
CREATE TABLE IF NOT EXISTS bank.transfers (
    id BIGINT PRIMARY KEY,
    source BIGINT REFERENCES accounts (id),
    target BIGINT REFERENCES accounts (id),
    amount NUMERIC(12, 2) CHECK (amount > 0)
);

CREATE INDEX transfers_source ON transfers (source);

CREATE UNIQUE INDEX accounts_owner ON accounts (owner);

-- What each owner has.
CREATE VIEW holdings AS
SELECT owner, sum(balance) AS total
FROM accounts
GROUP BY owner;

CREATE TYPE currency AS ENUM ('EUR', 'USD', 'CHF');

CREATE OR REPLACE FUNCTION transfer_total(account BIGINT) RETURNS NUMERIC AS $$
    SELECT sum(amount) FROM transfers WHERE source = account;
$$ LANGUAGE sql;

CREATE TRIGGER audit_transfers AFTER INSERT ON transfers
    FOR EACH ROW EXECUTE FUNCTION audit();

ALTER TABLE accounts ADD COLUMN currency TEXT;

INSERT INTO accounts (id, owner) VALUES (1, 'ada'), (2, 'grace');

SELECT a.owner, t.amount
FROM transfers t
JOIN accounts a ON a.id = t.source
WHERE t.amount > 100
ORDER BY t.amount DESC;
