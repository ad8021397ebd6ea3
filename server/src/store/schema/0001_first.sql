-- The first schema. The organisation's id stands first in every key but one: a label id is unique
-- on a server. Times are microseconds UTC, ids 16 bytes, flags 0 or 1, dates YYYY-MM-DD.

CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value {BLOB} NOT NULL
) {KEYED};

CREATE TABLE organisation (
    id {BLOB} NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    label_host TEXT NOT NULL,
    policies TEXT NOT NULL,
    calendar TEXT NOT NULL,
    reminders TEXT NOT NULL,
    signing_key {BLOB} NOT NULL,
    catalogue_version {INT} NOT NULL,
    directory_version {INT} NOT NULL,
    created_us {INT} NOT NULL
) {STRICT};

CREATE TABLE site (
    organisation {BLOB} NOT NULL REFERENCES organisation (id),
    id {BLOB} NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (organisation, id)
) {KEYED};

CREATE TABLE floor (
    organisation {BLOB} NOT NULL,
    id {BLOB} NOT NULL,
    site {BLOB} NOT NULL,
    name TEXT NOT NULL,
    name_en TEXT NOT NULL,
    level {INT} NOT NULL,
    PRIMARY KEY (organisation, id),
    FOREIGN KEY (organisation, site) REFERENCES site (organisation, id)
) {KEYED};

CREATE TABLE floor_plan (
    organisation {BLOB} NOT NULL,
    floor {BLOB} NOT NULL,
    svg TEXT NOT NULL,
    hash {BLOB} NOT NULL,
    PRIMARY KEY (organisation, floor),
    FOREIGN KEY (organisation, floor) REFERENCES floor (organisation, id)
) {STRICT};

-- How far a floor's feed of changes has come, and the working day it speaks of.
CREATE TABLE floor_feed (
    organisation {BLOB} NOT NULL,
    floor {BLOB} NOT NULL,
    version {INT} NOT NULL,
    working_date TEXT NOT NULL,
    PRIMARY KEY (organisation, floor),
    FOREIGN KEY (organisation, floor) REFERENCES floor (organisation, id)
) {KEYED};

CREATE TABLE zone (
    organisation {BLOB} NOT NULL,
    id {BLOB} NOT NULL,
    floor {BLOB} NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (organisation, id),
    FOREIGN KEY (organisation, floor) REFERENCES floor (organisation, id)
) {KEYED};

CREATE TABLE section (
    organisation {BLOB} NOT NULL REFERENCES organisation (id),
    id {BLOB} NOT NULL,
    name TEXT NOT NULL,
    parent {BLOB},
    PRIMARY KEY (organisation, id),
    FOREIGN KEY (organisation, parent) REFERENCES section (organisation, id)
) {KEYED};

CREATE TABLE person (
    organisation {BLOB} NOT NULL,
    id {BLOB} NOT NULL,
    family TEXT NOT NULL,
    given TEXT NOT NULL,
    kana_family TEXT NOT NULL,
    kana_given TEXT NOT NULL,
    alias TEXT,
    section {BLOB} NOT NULL,
    extension TEXT,
    role TEXT NOT NULL,
    calendar TEXT NOT NULL,
    left_us {INT},
    PRIMARY KEY (organisation, id),
    FOREIGN KEY (organisation, section) REFERENCES section (organisation, id)
) {KEYED};

CREATE TABLE place (
    organisation {BLOB} NOT NULL REFERENCES organisation (id),
    id {BLOB} NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    floor {BLOB},
    zone {BLOB},
    x {REAL} NOT NULL,
    y {REAL} NOT NULL,
    person {BLOB},
    PRIMARY KEY (organisation, id),
    FOREIGN KEY (organisation, floor) REFERENCES floor (organisation, id),
    FOREIGN KEY (organisation, zone) REFERENCES zone (organisation, id),
    FOREIGN KEY (organisation, person) REFERENCES person (organisation, id)
) {KEYED};
CREATE INDEX place_by_floor ON place (organisation, floor);

CREATE TABLE locker (
    organisation {BLOB} NOT NULL,
    id {BLOB} NOT NULL,
    name TEXT NOT NULL,
    floor {BLOB} NOT NULL,
    PRIMARY KEY (organisation, id),
    FOREIGN KEY (organisation, floor) REFERENCES floor (organisation, id)
) {KEYED};

CREATE TABLE item (
    organisation {BLOB} NOT NULL,
    id {BLOB} NOT NULL,
    name TEXT NOT NULL,
    locker {BLOB} NOT NULL,
    PRIMARY KEY (organisation, id),
    FOREIGN KEY (organisation, locker) REFERENCES locker (organisation, id)
) {KEYED};

-- What a printed sticker stands for. `target` is the id of a place, an item, a locker or, for an
-- exit, a site; a blank sticker has none.
CREATE TABLE label (
    organisation {BLOB} NOT NULL REFERENCES organisation (id),
    label {BLOB} NOT NULL,
    kind TEXT NOT NULL,
    target {BLOB},
    PRIMARY KEY (organisation, label)
) {KEYED};
CREATE UNIQUE INDEX label_on_server ON label (label);
CREATE INDEX label_by_target ON label (organisation, target);

CREATE TABLE device (
    organisation {BLOB} NOT NULL,
    id {BLOB} NOT NULL,
    person {BLOB} NOT NULL,
    name TEXT NOT NULL,
    platform TEXT NOT NULL,
    enrolled_us {INT} NOT NULL,
    revoked_us {INT},
    PRIMARY KEY (organisation, id),
    FOREIGN KEY (organisation, person) REFERENCES person (organisation, id)
) {KEYED};
CREATE INDEX device_by_person ON device (organisation, person);

-- Tokens by their SHA-256. `used_us`, `nonce` and `successor` are of a refresh token that has been
-- exchanged: with the nonce and the token itself the same successors can be given once more.
CREATE TABLE token (
    organisation {BLOB} NOT NULL,
    hash {BLOB} NOT NULL,
    device {BLOB} NOT NULL,
    kind TEXT NOT NULL,
    expires_us {INT} NOT NULL,
    used_us {INT},
    nonce {BLOB},
    successor {BLOB},
    PRIMARY KEY (organisation, hash),
    FOREIGN KEY (organisation, device) REFERENCES device (organisation, id)
) {KEYED};
CREATE INDEX token_by_hash ON token (hash);
CREATE INDEX token_by_device ON token (organisation, device);

-- One code in two forms: the link's, and the typed one, of which the first characters are a handle
-- to count wrong tries by.
CREATE TABLE enrolment_code (
    organisation {BLOB} NOT NULL,
    link_hash {BLOB} NOT NULL,
    typed_handle TEXT NOT NULL,
    typed_hash {BLOB} NOT NULL,
    person {BLOB} NOT NULL,
    created_us {INT} NOT NULL,
    expires_us {INT} NOT NULL,
    used_us {INT},
    wrong_tries {INT} NOT NULL,
    PRIMARY KEY (organisation, link_hash),
    FOREIGN KEY (organisation, person) REFERENCES person (organisation, id)
) {KEYED};
CREATE INDEX enrolment_code_by_link ON enrolment_code (link_hash);
CREATE INDEX enrolment_code_by_handle ON enrolment_code (typed_handle);

-- How far a device's queue has been settled. One row a device and epoch.
CREATE TABLE queue (
    organisation {BLOB} NOT NULL,
    device {BLOB} NOT NULL,
    epoch {BLOB} NOT NULL,
    held_through {INT} NOT NULL,
    received_us {INT} NOT NULL,
    PRIMARY KEY (organisation, device, epoch),
    FOREIGN KEY (organisation, device) REFERENCES device (organisation, id)
) {KEYED};

-- Numbers that a device says it has lost.
CREATE TABLE queue_gap (
    organisation {BLOB} NOT NULL,
    device {BLOB} NOT NULL,
    epoch {BLOB} NOT NULL,
    first_seq {INT} NOT NULL,
    last_seq {INT} NOT NULL,
    seen_us {INT} NOT NULL,
    PRIMARY KEY (organisation, device, epoch, first_seq)
) {KEYED};

-- Every event that has been answered for, rejected ones included. `raw` is emptied when it is
-- purged; identity, hash and outcome stay for the life of the device, so that a replay years later
-- is still known. `counted_us` is the moment at which it counts, fixed at first ingest.
CREATE TABLE event (
    organisation {BLOB} NOT NULL,
    device {BLOB} NOT NULL,
    epoch {BLOB} NOT NULL,
    seq {INT} NOT NULL,
    hash {BLOB} NOT NULL,
    id {BLOB},
    person {BLOB} NOT NULL,
    raw TEXT,
    counted_us {INT},
    correction_us {INT} NOT NULL,
    received_us {INT} NOT NULL,
    working_date TEXT,
    outcome TEXT NOT NULL,
    reason TEXT,
    who {BLOB},
    step TEXT,
    site {BLOB},
    flags TEXT NOT NULL,
    withdrawn_by {INT},
    replaced_by {INT},
    PRIMARY KEY (organisation, device, epoch, seq),
    FOREIGN KEY (organisation, device) REFERENCES device (organisation, id)
) {STRICT};
CREATE INDEX event_by_day ON event (organisation, person, working_date);
CREATE INDEX event_by_id ON event (organisation, id);

-- Other content that came under a number already taken: reported, never applied.
CREATE TABLE event_conflict (
    organisation {BLOB} NOT NULL,
    device {BLOB} NOT NULL,
    epoch {BLOB} NOT NULL,
    seq {INT} NOT NULL,
    hash {BLOB} NOT NULL,
    received_us {INT} NOT NULL,
    PRIMARY KEY (organisation, device, epoch, seq, hash)
) {KEYED};

-- Who recorded on which start of a phone's system: one phone for two people shows here.
CREATE TABLE boot_use (
    organisation {BLOB} NOT NULL,
    working_date TEXT NOT NULL,
    boot {BLOB} NOT NULL,
    person {BLOB} NOT NULL,
    PRIMARY KEY (organisation, working_date, boot, person)
) {KEYED};

-- What a person's events of one working day add up to. Derived; folded anew when one of them comes.
CREATE TABLE person_day (
    organisation {BLOB} NOT NULL,
    working_date TEXT NOT NULL,
    person {BLOB} NOT NULL,
    first_us {INT} NOT NULL,
    last_us {INT} NOT NULL,
    PRIMARY KEY (organisation, working_date, person)
) {KEYED};

CREATE TABLE stay (
    organisation {BLOB} NOT NULL,
    working_date TEXT NOT NULL,
    person {BLOB} NOT NULL,
    number {INT} NOT NULL,
    place {BLOB} NOT NULL,
    telework {INT} NOT NULL,
    since_us {INT} NOT NULL,
    since_device {BLOB} NOT NULL,
    since_epoch {BLOB} NOT NULL,
    since_seq {INT} NOT NULL,
    until_us {INT},
    PRIMARY KEY (organisation, working_date, person, number)
) {KEYED};
CREATE INDEX stay_by_place ON stay (organisation, working_date, place);

-- Loans of an item are numbered as they were applied. At most one of an item goes on.
CREATE TABLE loan (
    organisation {BLOB} NOT NULL,
    item {BLOB} NOT NULL,
    number {INT} NOT NULL,
    person {BLOB} NOT NULL,
    since_us {INT} NOT NULL,
    due_us {INT},
    device {BLOB} NOT NULL,
    epoch {BLOB} NOT NULL,
    seq {INT} NOT NULL,
    ended_us {INT},
    end_device {BLOB},
    end_epoch {BLOB},
    end_seq {INT},
    PRIMARY KEY (organisation, item, number),
    FOREIGN KEY (organisation, item) REFERENCES item (organisation, id)
) {KEYED};
CREATE UNIQUE INDEX loan_open ON loan (organisation, item) WHERE ended_us IS NULL;
CREATE INDEX loan_by_person ON loan (organisation, person) WHERE ended_us IS NULL;
CREATE INDEX loan_by_beginning ON loan (organisation, device, epoch, seq);
CREATE INDEX loan_by_end ON loan (organisation, end_device, end_epoch, end_seq);

-- The live map's feed: which place of a floor changed under which version.
CREATE TABLE floor_change (
    organisation {BLOB} NOT NULL,
    floor {BLOB} NOT NULL,
    version {INT} NOT NULL,
    place {BLOB} NOT NULL,
    at_us {INT} NOT NULL,
    PRIMARY KEY (organisation, floor, version)
) {KEYED};

-- The directory's feed: the version at which an entry last changed. `everyone` says that it was
-- once shown to all, `person` whose alone it is now, `former` whose alone it was before.
CREATE TABLE directory_change (
    organisation {BLOB} NOT NULL REFERENCES organisation (id),
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    version {INT} NOT NULL,
    everyone {INT} NOT NULL,
    person {BLOB},
    former {BLOB},
    PRIMARY KEY (organisation, kind, id)
) {KEYED};
CREATE INDEX directory_change_by_version ON directory_change (organisation, version);

-- Who did what. Each row's hash covers the one before it.
CREATE TABLE audit (
    organisation {BLOB} NOT NULL REFERENCES organisation (id),
    number {INT} NOT NULL,
    at_us {INT} NOT NULL,
    act TEXT NOT NULL,
    person {BLOB},
    device {BLOB},
    subject {BLOB},
    previous {BLOB} NOT NULL,
    hash {BLOB} NOT NULL,
    PRIMARY KEY (organisation, number)
) {KEYED};
