-- What devices say: who may speak, where the point is known, every observation by day, the latest one, what was put aside.

CREATE SCHEMA sensing AUTHORIZATION onemap_owner;
GRANT USAGE ON SCHEMA sensing TO onemap_app;

CREATE TABLE sensing.device (
    id text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_.-]{1,64}$'),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    enterprise_code text NOT NULL DEFAULT '' CHECK (length(enterprise_code) <= 32),
    token_sha256 bytea UNIQUE CHECK (length(token_sha256) = 32),
    division_code text NOT NULL CHECK (division_code ~ '^[0-9]{6,12}$'),
    mode text NOT NULL CHECK (mode IN ('live', 'drill', 'sim')),
    disabled boolean NOT NULL DEFAULT false,
    interval_s integer NOT NULL DEFAULT 300 CHECK (interval_s > 0),
    last_seen_at timestamptz,
    clock_ahead_s double precision,
    status text NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'live', 'offline')),
    longitude double precision NOT NULL CHECK (longitude BETWEEN -180 AND 180),
    latitude double precision NOT NULL CHECK (latitude BETWEEN -90 AND 90),
    made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE sensing.device IS 'Gateways that may hand in messages; each has its own credential';
COMMENT ON COLUMN sensing.device.id IS 'Gateway number (wgbm), also the name in MQTT topics';
COMMENT ON COLUMN sensing.device.name IS 'What people call it';
COMMENT ON COLUMN sensing.device.enterprise_code IS 'Enterprise number (qybm) it speaks for';
COMMENT ON COLUMN sensing.device.token_sha256 IS 'SHA-256 of its token; the token itself is shown once and never stored';
COMMENT ON COLUMN sensing.device.division_code IS 'Division whose duty room sees it';
COMMENT ON COLUMN sensing.device.mode IS 'World it belongs to: live, drill or sim';
COMMENT ON COLUMN sensing.device.disabled IS 'True: its token opens nothing any more';
COMMENT ON COLUMN sensing.device.interval_s IS 'Longest regular silence, seconds; twice this is offline';
COMMENT ON COLUMN sensing.device.last_seen_at IS 'Last message by the clock of the server';
COMMENT ON COLUMN sensing.device.clock_ahead_s IS 'Its clock minus ours at the last message that said its own time, seconds';
COMMENT ON COLUMN sensing.device.status IS 'new (never heard), live or offline';
COMMENT ON COLUMN sensing.device.longitude IS 'Where it stands, degrees; alarms of its own are drawn there';
COMMENT ON COLUMN sensing.device.latitude IS 'Where it stands, degrees';
COMMENT ON COLUMN sensing.device.made_at IS 'When it was registered';

CREATE TABLE sensing.point (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL CHECK (length(code) BETWEEN 1 AND 120),
    device_id text NOT NULL REFERENCES sensing.device (id),
    tag_id text,
    kind text NOT NULL DEFAULT 'tag' CHECK (kind IN ('tag', 'event', 'video')),
    hysteresis double precision CHECK (hysteresis >= 0),
    rising boolean NOT NULL DEFAULT true,
    name text NOT NULL DEFAULT '',
    interval_s integer CHECK (interval_s > 0),
    UNIQUE (device_id, code)
);
CREATE INDEX point_tag ON sensing.point (tag_id);
COMMENT ON TABLE sensing.point IS 'Points a gateway may speak about; place, unit and thresholds stand in the register layers.tag';
COMMENT ON COLUMN sensing.point.id IS 'Number of the point';
COMMENT ON COLUMN sensing.point.code IS 'Tag number in messages (tnm), unique per gateway; of an event source its name (oname)';
COMMENT ON COLUMN sensing.point.device_id IS 'Gateway that speaks for it';
COMMENT ON COLUMN sensing.point.tag_id IS 'Row of the register layers.tag; empty for event and video sources';
COMMENT ON COLUMN sensing.point.kind IS 'tag (values), event (alarm and clear) or video';
COMMENT ON COLUMN sensing.point.hysteresis IS 'How far a value must come back before an alarm ends; empty = 5 % of the threshold';
COMMENT ON COLUMN sensing.point.rising IS 'True: too high is bad; false: too low is bad';
COMMENT ON COLUMN sensing.point.name IS 'Name where there is no register row';
COMMENT ON COLUMN sensing.point.interval_s IS 'How often it speaks, seconds; empty = as registered';

CREATE TABLE sensing.observation (
    point_id integer NOT NULL,
    observed_at timestamptz NOT NULL,
    message_key bigint NOT NULL,
    value double precision NOT NULL,
    received_at timestamptz NOT NULL,
    late boolean NOT NULL,
    PRIMARY KEY (point_id, observed_at, message_key)
) PARTITION BY RANGE (observed_at);
COMMENT ON TABLE sensing.observation IS 'Every observation once, one partition a day (UTC)';
COMMENT ON COLUMN sensing.observation.point_id IS 'Point that was observed';
COMMENT ON COLUMN sensing.observation.observed_at IS 'Time by the clock of the device';
COMMENT ON COLUMN sensing.observation.message_key IS 'Key of the message: from its id, else from its value';
COMMENT ON COLUMN sensing.observation.value IS 'Value in the unit of the point; 1 and 0 for alarm and clear of an event source';
COMMENT ON COLUMN sensing.observation.received_at IS 'Time by the clock of the server';
COMMENT ON COLUMN sensing.observation.late IS 'True when it took longer than the limit to reach us';

CREATE TABLE sensing.latest (
    point_id integer PRIMARY KEY REFERENCES sensing.point (id),
    observed_at timestamptz NOT NULL,
    message_key bigint NOT NULL,
    value double precision NOT NULL,
    received_at timestamptz NOT NULL,
    heard_at timestamptz NOT NULL,
    level smallint NOT NULL CHECK (level BETWEEN 0 AND 2),
    raised_at timestamptz,
    raised_value double precision,
    high_at timestamptz,
    peak double precision,
    status text NOT NULL DEFAULT 'live' CHECK (status IN ('live', 'offline')),
    CHECK ((level > 0) = (raised_at IS NOT NULL))
) WITH (fillfactor = 60);
COMMENT ON TABLE sensing.latest IS 'Newest observation of each point and where its alarm fold stands; a late one never moves it back';
COMMENT ON COLUMN sensing.latest.point_id IS 'Point';
COMMENT ON COLUMN sensing.latest.observed_at IS 'Time of the newest observation, clock of the device';
COMMENT ON COLUMN sensing.latest.message_key IS 'Key of that observation';
COMMENT ON COLUMN sensing.latest.value IS 'Its value';
COMMENT ON COLUMN sensing.latest.received_at IS 'When that observation reached us';
COMMENT ON COLUMN sensing.latest.heard_at IS 'When the point last said anything, late messages included';
COMMENT ON COLUMN sensing.latest.level IS '0 normal, 1 alarm, 2 high alarm';
COMMENT ON COLUMN sensing.latest.raised_at IS 'When the alarm under way was raised';
COMMENT ON COLUMN sensing.latest.raised_value IS 'Value that raised it';
COMMENT ON COLUMN sensing.latest.high_at IS 'When it reached the high level';
COMMENT ON COLUMN sensing.latest.peak IS 'Worst value of the alarm under way';
COMMENT ON COLUMN sensing.latest.status IS 'live, or offline after twice its interval of silence';

CREATE TABLE sensing.quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    reason text NOT NULL,
    message jsonb NOT NULL
);
CREATE INDEX quarantine_time ON sensing.quarantine (received_at);
COMMENT ON TABLE sensing.quarantine IS 'Rows that could not be taken, kept with the reason and never dropped in silence';
COMMENT ON COLUMN sensing.quarantine.id IS 'Number';
COMMENT ON COLUMN sensing.quarantine.device_id IS 'Gateway that sent it';
COMMENT ON COLUMN sensing.quarantine.received_at IS 'When it reached us';
COMMENT ON COLUMN sensing.quarantine.reason IS 'Code of the reason: future, too_old, unknown_point, bad_value, bad_time, bad_row';
COMMENT ON COLUMN sensing.quarantine.message IS 'The row as it was sent';

CREATE TABLE sensing.receipt (
    device_id text NOT NULL,
    message_id text NOT NULL CHECK (length(message_id) BETWEEN 1 AND 120),
    received_at timestamptz NOT NULL,
    answer jsonb NOT NULL,
    PRIMARY KEY (device_id, message_id)
);
CREATE INDEX receipt_time ON sensing.receipt (received_at);
COMMENT ON TABLE sensing.receipt IS 'Batches that carried an id, with the answer they got: a retry gets the same answer';
COMMENT ON COLUMN sensing.receipt.device_id IS 'Gateway';
COMMENT ON COLUMN sensing.receipt.message_id IS 'Id the gateway gave to the batch';
COMMENT ON COLUMN sensing.receipt.received_at IS 'When it was taken';
COMMENT ON COLUMN sensing.receipt.answer IS 'Numbers accepted, known already, late, put aside';

CREATE TABLE sensing.event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    point_id integer NOT NULL REFERENCES sensing.point (id),
    observed_at timestamptz NOT NULL,
    message_key bigint NOT NULL,
    received_at timestamptz NOT NULL,
    value double precision,
    threshold double precision,
    content text NOT NULL,
    picture bytea,
    UNIQUE (point_id, observed_at, message_key)
);
COMMENT ON TABLE sensing.event IS 'What came with an event or video message beside alarm and clear: words, figures, a picture';
COMMENT ON COLUMN sensing.event.id IS 'Number';
COMMENT ON COLUMN sensing.event.point_id IS 'Source of the message';
COMMENT ON COLUMN sensing.event.observed_at IS 'Time by the clock of the device';
COMMENT ON COLUMN sensing.event.message_key IS 'Key of the message';
COMMENT ON COLUMN sensing.event.received_at IS 'When it reached us';
COMMENT ON COLUMN sensing.event.value IS 'Value named by the message (avx)';
COMMENT ON COLUMN sensing.event.threshold IS 'Threshold named by the message';
COMMENT ON COLUMN sensing.event.content IS 'Words of the message';
COMMENT ON COLUMN sensing.event.picture IS 'JPEG or PNG of a video message';

CREATE TABLE sensing.acknowledgement (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alarm_id text NOT NULL,
    subject text NOT NULL,
    covers_from timestamptz NOT NULL,
    covers_to timestamptz NOT NULL,
    level smallint NOT NULL CHECK (level BETWEEN 0 AND 3),
    actor text NOT NULL DEFAULT current_setting('onemap.actor'),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    reason text NOT NULL DEFAULT '',
    CHECK (covers_to >= covers_from)
);
CREATE INDEX acknowledgement_subject ON sensing.acknowledgement (subject, covers_to);
COMMENT ON TABLE sensing.acknowledgement IS 'Who acknowledged which alarm, how far he had seen it, and why; never changed';
COMMENT ON COLUMN sensing.acknowledgement.id IS 'Number';
COMMENT ON COLUMN sensing.acknowledgement.alarm_id IS 'Alarm on the screen at that moment';
COMMENT ON COLUMN sensing.acknowledgement.subject IS 'What the alarm is about';
COMMENT ON COLUMN sensing.acknowledgement.covers_from IS 'Beginning of the alarm as it was seen';
COMMENT ON COLUMN sensing.acknowledgement.covers_to IS 'Newest observation that was seen';
COMMENT ON COLUMN sensing.acknowledgement.level IS 'Level that was seen; a higher one must be acknowledged anew';
COMMENT ON COLUMN sensing.acknowledgement.actor IS 'Account, from the sign-in';
COMMENT ON COLUMN sensing.acknowledgement.at IS 'When';
COMMENT ON COLUMN sensing.acknowledgement.reason IS 'What was found, in words';

CREATE TABLE sensing.roll_call (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    enterprise_id text NOT NULL,
    name text NOT NULL,
    phone text NOT NULL DEFAULT '',
    attempt smallint NOT NULL DEFAULT 1 CHECK (attempt >= 1),
    called_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    due_at timestamptz NOT NULL,
    division_code text NOT NULL,
    mode text NOT NULL DEFAULT current_setting('onemap.mode') CHECK (mode IN ('live', 'drill', 'sim')),
    called_by text NOT NULL DEFAULT current_setting('onemap.actor'),
    longitude double precision NOT NULL,
    latitude double precision NOT NULL,
    CHECK (due_at > called_at)
);
CREATE INDEX roll_call_time ON sensing.roll_call (mode, called_at);
COMMENT ON TABLE sensing.roll_call IS 'Roll-calls of duty posts; what came of each stands in roll_call_entry';
COMMENT ON COLUMN sensing.roll_call.id IS 'Number';
COMMENT ON COLUMN sensing.roll_call.enterprise_id IS 'Enterprise whose duty post is called';
COMMENT ON COLUMN sensing.roll_call.name IS 'Its name at that time';
COMMENT ON COLUMN sensing.roll_call.phone IS 'Number that was called';
COMMENT ON COLUMN sensing.roll_call.attempt IS 'Which attempt of this round';
COMMENT ON COLUMN sensing.roll_call.called_at IS 'When the call went out';
COMMENT ON COLUMN sensing.roll_call.due_at IS 'Until when an answer counts as in time';
COMMENT ON COLUMN sensing.roll_call.division_code IS 'Division of the enterprise';
COMMENT ON COLUMN sensing.roll_call.mode IS 'World it belongs to';
COMMENT ON COLUMN sensing.roll_call.called_by IS 'Account that called';
COMMENT ON COLUMN sensing.roll_call.longitude IS 'Place, degrees';
COMMENT ON COLUMN sensing.roll_call.latitude IS 'Place, degrees';

CREATE TABLE sensing.roll_call_entry (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    roll_call_id bigint NOT NULL REFERENCES sensing.roll_call (id),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    what text NOT NULL CHECK (what IN ('called', 'sent', 'send_failed', 'answered', 'unanswered')),
    who text NOT NULL DEFAULT '',
    words text NOT NULL DEFAULT '',
    actor text NOT NULL DEFAULT current_setting('onemap.actor')
);
CREATE INDEX roll_call_entry_call ON sensing.roll_call_entry (roll_call_id, id);
COMMENT ON TABLE sensing.roll_call_entry IS 'Log of the roll-calls, only ever added to; the state of a call is a fold over it';
COMMENT ON COLUMN sensing.roll_call_entry.id IS 'Number';
COMMENT ON COLUMN sensing.roll_call_entry.roll_call_id IS 'Roll-call it belongs to';
COMMENT ON COLUMN sensing.roll_call_entry.at IS 'When';
COMMENT ON COLUMN sensing.roll_call_entry.what IS 'called, sent, send_failed, answered or unanswered';
COMMENT ON COLUMN sensing.roll_call_entry.who IS 'Who answered';
COMMENT ON COLUMN sensing.roll_call_entry.words IS 'What was said';
COMMENT ON COLUMN sensing.roll_call_entry.actor IS 'Account that wrote it';

-- The register row in force gives place, unit and thresholds; an event source may be named like a tag of its gateway.
CREATE VIEW sensing.known_point WITH (security_invoker = true) AS
SELECT point.id, point.code, point.kind, point.device_id, point.tag_id, device.mode, point.hysteresis, point.rising,
       coalesce(tag.division_code, device.division_code) AS division_code,
       coalesce(tag.name, nullif(point.name, ''), point.code) AS name,
       coalesce(tag.place, device.name) AS place,
       CASE point.kind WHEN 'tag' THEN coalesce(tag.quantity, '') ELSE point.kind END AS quantity,
       CASE point.kind WHEN 'tag' THEN coalesce(tag.unit, '') ELSE '' END AS unit,
       tag.threshold, tag.threshold_high,
       coalesce(point.interval_s, tag.interval_s, device.interval_s) AS interval_s,
       coalesce(ST_X(tag.geometry), device.longitude) AS longitude,
       coalesce(ST_Y(tag.geometry), device.latitude) AS latitude,
       device.status AS device_status, tag.enterprise_id
FROM sensing.point JOIN sensing.device ON device.id = point.device_id
LEFT JOIN layers.tag ON tag.id = point.tag_id AND tag.mode = device.mode
     AND tag.superseded_at IS NULL AND tag.valid_to IS NULL;
ALTER VIEW sensing.known_point OWNER TO onemap_owner;
GRANT SELECT ON sensing.known_point TO onemap_app;
COMMENT ON VIEW sensing.known_point IS 'Points with what the register knows of them now';

-- Partitions are made and dropped by these two alone: the program owns no table.
CREATE FUNCTION sensing.make_partitions(p_from date, p_to date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = sensing, pg_temp AS $$
DECLARE
    v_day date := p_from;
    v_made integer := 0;
BEGIN
    IF p_to - p_from > 400 THEN
        RAISE EXCEPTION 'no more than 400 days at once';
    END IF;
    -- Two processes may want the same day: the second waits here and finds it made.
    PERFORM pg_advisory_xact_lock(hashtext('sensing partitions'));
    WHILE v_day <= p_to LOOP
        IF to_regclass('sensing.observation_' || to_char(v_day, 'YYYYMMDD')) IS NULL THEN
            EXECUTE format('CREATE TABLE sensing.%I PARTITION OF sensing.observation FOR VALUES FROM (%L) TO (%L)',
                           'observation_' || to_char(v_day, 'YYYYMMDD'), v_day::text || ' 00:00:00+00',
                           (v_day + 1)::text || ' 00:00:00+00');
            v_made := v_made + 1;
        END IF;
        v_day := v_day + 1;
    END LOOP;
    RETURN v_made;
END
$$;

CREATE FUNCTION sensing.drop_partitions(p_before date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = sensing, pg_temp AS $$
DECLARE
    v_name text;
    v_dropped integer := 0;
BEGIN
    -- Whatever a setting says, a week stays: a slip of the finger must not empty the history.
    IF p_before > current_date - 7 THEN
        RAISE EXCEPTION 'observations younger than 7 days stay';
    END IF;
    FOR v_name IN
        SELECT child.relname FROM pg_inherits
        JOIN pg_class child ON child.oid = inhrelid
        WHERE inhparent = 'sensing.observation'::regclass
          AND to_date(right(child.relname, 8), 'YYYYMMDD') < p_before
    LOOP
        EXECUTE format('DROP TABLE sensing.%I', v_name);
        v_dropped := v_dropped + 1;
    END LOOP;
    DELETE FROM sensing.receipt WHERE received_at < p_before;
    DELETE FROM sensing.quarantine WHERE received_at < p_before;
    RETURN v_dropped;
END
$$;

ALTER FUNCTION sensing.make_partitions(date, date) OWNER TO onemap_owner;
ALTER FUNCTION sensing.drop_partitions(date) OWNER TO onemap_owner;
REVOKE EXECUTE ON FUNCTION sensing.make_partitions(date, date), sensing.drop_partitions(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sensing.make_partitions(date, date), sensing.drop_partitions(date) TO onemap_app;

DO $$
DECLARE v_table text;
BEGIN
    FOREACH v_table IN ARRAY ARRAY['device', 'point', 'observation', 'latest', 'quarantine', 'receipt', 'event',
                                   'acknowledgement', 'roll_call', 'roll_call_entry'] LOOP
        EXECUTE format('ALTER TABLE sensing.%I OWNER TO onemap_owner', v_table);
        EXECUTE format('GRANT SELECT, INSERT ON sensing.%I TO onemap_app', v_table);
    END LOOP;
END
$$;
GRANT UPDATE ON sensing.device, sensing.point, sensing.latest, sensing.receipt TO onemap_app;

-- The alarm of a duty room is a business row like any other: each change of state closes a row and adds one.
ALTER TABLE layers.alarm DROP CONSTRAINT alarm_state_check;
ALTER TABLE layers.alarm ADD CONSTRAINT alarm_state_check
    CHECK (state IN ('open', 'acknowledged', 'cleared', 'closed'));
ALTER TABLE layers.alarm
    ADD COLUMN subject text,
    ADD COLUMN level smallint NOT NULL DEFAULT 1 CHECK (level BETWEEN 0 AND 3),
    ADD COLUMN peak double precision,
    ADD COLUMN seen_to timestamptz,
    ADD COLUMN cleared_at timestamptz,
    ADD COLUMN acknowledged_at timestamptz,
    ADD COLUMN acknowledged_by text,
    ADD COLUMN reason text NOT NULL DEFAULT '',
    ADD COLUMN escalated_at timestamptz,
    ADD COLUMN escalated_by text,
    ADD COLUMN incident_id uuid;
CREATE INDEX alarm_subject ON layers.alarm (subject, occurred_at) WHERE superseded_at IS NULL;
CREATE INDEX alarm_world ON layers.alarm (mode, occurred_at) WHERE superseded_at IS NULL;
COMMENT ON COLUMN layers.alarm.subject IS 'What it is about: point:7, device:WG-01, call:12 …';
COMMENT ON COLUMN layers.alarm.level IS '1 alarm, 2 high alarm, 3 escalated by a person; 0 information';
COMMENT ON COLUMN layers.alarm.peak IS 'Worst value at the last change of state';
COMMENT ON COLUMN layers.alarm.seen_to IS 'Newest observation behind this row';
COMMENT ON COLUMN layers.alarm.cleared_at IS 'When the value came back, clock of the device';
COMMENT ON COLUMN layers.alarm.acknowledged_at IS 'When a person acknowledged it';
COMMENT ON COLUMN layers.alarm.acknowledged_by IS 'Who did';
COMMENT ON COLUMN layers.alarm.reason IS 'What the person found';
COMMENT ON COLUMN layers.alarm.escalated_at IS 'When it was passed on to the duty commander';
COMMENT ON COLUMN layers.alarm.escalated_by IS 'Who passed it on';
COMMENT ON COLUMN layers.alarm.incident_id IS 'Incident that was made of it';
