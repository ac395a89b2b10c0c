-- Where the body of a request to an inbound endpoint says what its event is about, and when it happened.

ALTER TABLE inbound ADD COLUMN subject_from TEXT;
ALTER TABLE inbound ADD COLUMN time_from TEXT;
