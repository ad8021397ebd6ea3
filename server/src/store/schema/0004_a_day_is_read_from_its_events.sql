-- The steps of a person's day are read from the events, which have them anyhow: a check-in writes a
-- tree less. What was purged of an event on the first day that is kept is put back.

UPDATE event SET step = s.step, site = s.site, working_date = s.working_date
FROM day_step s
WHERE event.organisation = s.organisation AND event.device = s.device AND event.epoch = s.epoch
    AND event.seq = s.seq AND event.step IS NULL AND event.withdrawn_by IS NULL;
DROP TABLE day_step;
