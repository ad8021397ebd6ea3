-- A check-in writes as few pages as it can. The steps of a person's day lie together, today's beside
-- one another, and the day is folded from them whenever it is asked for; a stay is kept once, by its
-- place; how far a queue has come is the number of its last event. An organisation says when its
-- labels, places or people last changed, so that what was read of them can be kept until then.

CREATE TABLE day_step (
    organisation {BLOB} NOT NULL,
    working_date TEXT NOT NULL,
    person {BLOB} NOT NULL,
    counted_us {INT} NOT NULL,
    device {BLOB} NOT NULL,
    epoch {BLOB} NOT NULL,
    seq {INT} NOT NULL,
    step TEXT NOT NULL,
    site {BLOB},
    PRIMARY KEY (organisation, working_date, person, counted_us, device, epoch, seq)
) {KEYED};
INSERT INTO day_step (organisation, working_date, person, counted_us, device, epoch, seq, step, site)
SELECT organisation, working_date, person, counted_us, device, epoch, seq, step, site
FROM event
WHERE step IS NOT NULL AND withdrawn_by IS NULL AND working_date IS NOT NULL
    AND counted_us IS NOT NULL;
DROP INDEX event_by_day;
DROP TABLE person_day;

CREATE TABLE stay_at_place (
    organisation {BLOB} NOT NULL,
    working_date TEXT NOT NULL,
    place {BLOB} NOT NULL,
    since_us {INT} NOT NULL,
    since_device {BLOB} NOT NULL,
    since_epoch {BLOB} NOT NULL,
    since_seq {INT} NOT NULL,
    person {BLOB} NOT NULL,
    telework {INT} NOT NULL,
    until_us {INT},
    PRIMARY KEY (organisation, working_date, place, since_us, since_device, since_epoch, since_seq)
) {KEYED};
INSERT INTO stay_at_place (organisation, working_date, place, since_us, since_device, since_epoch,
    since_seq, person, telework, until_us)
SELECT organisation, working_date, place, since_us, since_device, since_epoch, since_seq, person,
    telework, until_us
FROM stay;
DROP TABLE stay;
ALTER TABLE stay_at_place RENAME TO stay;

DROP TABLE queue;

ALTER TABLE organisation ADD COLUMN layout_version {INT} NOT NULL DEFAULT 0;
