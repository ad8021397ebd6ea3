-- Who is at a seat is asked at every check-in and for every map: stays are found by their place
-- without reading the whole day. Rows of a keyed table are found by the key alone.

CREATE TABLE stay_by_person (
    organisation {BLOB} NOT NULL,
    person {BLOB} NOT NULL,
    working_date TEXT NOT NULL,
    number {INT} NOT NULL,
    place {BLOB} NOT NULL,
    telework {INT} NOT NULL,
    since_us {INT} NOT NULL,
    since_device {BLOB} NOT NULL,
    since_epoch {BLOB} NOT NULL,
    since_seq {INT} NOT NULL,
    until_us {INT},
    PRIMARY KEY (organisation, working_date, person, number)
) {STRICT};
INSERT INTO stay_by_person (organisation, person, working_date, number, place, telework, since_us,
    since_device, since_epoch, since_seq, until_us)
SELECT organisation, person, working_date, number, place, telework, since_us, since_device,
    since_epoch, since_seq, until_us
FROM stay;
DROP TABLE stay;
ALTER TABLE stay_by_person RENAME TO stay;
CREATE INDEX stay_by_place ON stay (organisation, working_date, place);
