-- What is known about the roads beside the network files themselves: the files can be built again, these rows cannot.

CREATE TABLE roads.version (
    network text NOT NULL CHECK (network <> ''),
    version integer NOT NULL CHECK (version >= 1),
    source text NOT NULL,
    source_sha256 text NOT NULL DEFAULT '',
    counts jsonb NOT NULL,
    report jsonb NOT NULL,
    built_by text NOT NULL DEFAULT current_setting('onemap.actor'),
    built_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (network, version)
);

CREATE TABLE roads.closure (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    network text NOT NULL CHECK (network <> ''),
    area geometry(Geometry, 4490),
    way_id bigint,
    place geometry(Point, 4490),
    direction text NOT NULL DEFAULT 'both' CHECK (direction IN ('both', 'forward', 'backward')),
    speed_factor double precision NOT NULL DEFAULT 0 CHECK (speed_factor >= 0 AND speed_factor <= 1),
    reason text NOT NULL CHECK (reason <> ''),
    valid_from timestamptz NOT NULL,
    valid_until timestamptz CHECK (valid_until > valid_from),
    mode text NOT NULL DEFAULT current_setting('onemap.mode') CHECK (mode IN ('live', 'drill', 'sim')),
    recorded_by text NOT NULL DEFAULT current_setting('onemap.actor'),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    withdrawn_by text,
    withdrawn_at timestamptz,
    CHECK (num_nonnulls(area, way_id, place) = 1),
    CHECK ((withdrawn_by IS NULL) = (withdrawn_at IS NULL)),
    CHECK (area IS NULL OR GeometryType(area) IN ('POLYGON', 'MULTIPOLYGON'))
);
CREATE INDEX closure_by_time ON roads.closure (network, mode, valid_from);
CREATE INDEX closure_area ON roads.closure USING gist (area);

CREATE TABLE roads.edit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    network text NOT NULL CHECK (network <> ''),
    way_id bigint NOT NULL CHECK (way_id <> 0),
    attribute text NOT NULL
        CHECK (attribute IN ('speed_kmh', 'lanes', 'max_height_m', 'max_weight_t', 'max_width_m', 'capacity_veh_h')),
    value double precision CHECK (value > 0),
    reason text NOT NULL CHECK (reason <> ''),
    recorded_by text NOT NULL DEFAULT current_setting('onemap.actor'),
    recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX edit_by_network ON roads.edit (network, id);

-- A closure is withdrawn, never erased or changed; versions and edits are only ever added to.
GRANT SELECT, INSERT ON roads.version, roads.closure, roads.edit TO onemap_app;
GRANT UPDATE (withdrawn_by, withdrawn_at) ON roads.closure TO onemap_app;
