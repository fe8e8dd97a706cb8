-- Since when a batch may have arrived: its last call, unless an earlier one is in doubt.

ALTER TABLE batch ADD COLUMN sent_from INTEGER;
UPDATE batch SET sent_from = called_at;
