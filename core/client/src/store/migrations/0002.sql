-- What the bytes of the identity must hash to: a changed bit in them may still be JSON, of another
-- device or server. NULL in a row of schema 1, until it is written again.
ALTER TABLE identity ADD COLUMN hash BLOB;
