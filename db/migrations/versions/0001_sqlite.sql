CREATE TABLE chain_heads (
    chain INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    mac BLOB NOT NULL,
    CONSTRAINT pk_chain_heads PRIMARY KEY (chain)
);

CREATE TABLE checkpoints (
    id INTEGER NOT NULL,
    at DATETIME NOT NULL,
    heads TEXT NOT NULL,
    mac BLOB NOT NULL,
    CONSTRAINT pk_checkpoints PRIMARY KEY (id)
);

CREATE TABLE numbers (
    series VARCHAR(60) NOT NULL,
    last INTEGER NOT NULL,
    CONSTRAINT pk_numbers PRIMARY KEY (series)
);

CREATE TABLE sign_in_attempts (
    id INTEGER NOT NULL,
    login VARCHAR(40) NOT NULL,
    ip VARCHAR(40) NOT NULL,
    at DATETIME NOT NULL,
    CONSTRAINT pk_sign_in_attempts PRIMARY KEY (id)
);

CREATE INDEX ix_sign_in_attempts_ip_at ON sign_in_attempts (ip, at);

CREATE INDEX ix_sign_in_attempts_login_ip_at ON sign_in_attempts (login, ip, at);

CREATE TABLE units (
    code INTEGER NOT NULL,
    name VARCHAR(200) NOT NULL,
    division VARCHAR(200) NOT NULL,
    short_name VARCHAR(40) NOT NULL,
    level VARCHAR(40) NOT NULL,
    parent_code INTEGER,
    pinyin VARCHAR(200) NOT NULL,
    initials VARCHAR(40) NOT NULL,
    lon NUMERIC(9, 5) NOT NULL,
    lat NUMERIC(9, 5) NOT NULL,
    population_wan NUMERIC(8, 2),
    CONSTRAINT pk_units PRIMARY KEY (code),
    CONSTRAINT ck_units_level CHECK (level IN ('province', 'city', 'county')),
    CONSTRAINT ck_units_code CHECK (code BETWEEN 100000 AND 999999),
    CONSTRAINT fk_units_parent_code FOREIGN KEY(parent_code) REFERENCES units (code)
);

CREATE TABLE people (
    id INTEGER NOT NULL,
    login VARCHAR(40) NOT NULL,
    name VARCHAR(40) NOT NULL,
    unit_code INTEGER NOT NULL,
    password_hash VARCHAR(200) NOT NULL,
    password_set_at DATETIME NOT NULL,
    must_change BOOLEAN NOT NULL,
    failures INTEGER NOT NULL,
    locked_until DATETIME,
    disabled_at DATETIME,
    demo BOOLEAN NOT NULL,
    created_at DATETIME NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_people PRIMARY KEY (id),
    CONSTRAINT uq_people_login UNIQUE (login),
    CONSTRAINT fk_people_unit_code FOREIGN KEY(unit_code) REFERENCES units (code)
);

CREATE INDEX ix_people_unit_code ON people (unit_code);

CREATE TABLE cases (
    id INTEGER NOT NULL,
    no VARCHAR(40) NOT NULL,
    title VARCHAR(200) NOT NULL,
    place_code INTEGER NOT NULL,
    place_city INTEGER NOT NULL,
    address VARCHAR(300) NOT NULL,
    lon NUMERIC(9, 5),
    lat NUMERIC(9, 5),
    subject_name VARCHAR(200) NOT NULL,
    subject_code VARCHAR(18),
    industry VARCHAR(40),
    channel VARCHAR(40) NOT NULL,
    subchannel VARCHAR(40) NOT NULL,
    received_on DATE NOT NULL,
    received_month INTEGER NOT NULL,
    registered_on DATE NOT NULL,
    registered_unit INTEGER NOT NULL,
    status VARCHAR(40) NOT NULL,
    track VARCHAR(40),
    route VARCHAR(40),
    holder_unit INTEGER NOT NULL,
    handler_id INTEGER,
    decided_on DATE,
    ended_on DATE,
    ended_month INTEGER,
    concluded_on DATE,
    delivered_on DATE,
    conclusion VARCHAR(40),
    rating INTEGER,
    simple BOOLEAN NOT NULL,
    sealed BOOLEAN NOT NULL,
    is_group BOOLEAN NOT NULL,
    is_repeat BOOLEAN NOT NULL,
    confidential BOOLEAN NOT NULL,
    urgency VARCHAR(40) NOT NULL,
    submissions INTEGER NOT NULL,
    changed_at DATETIME NOT NULL,
    changed_by INTEGER,
    version INTEGER NOT NULL,
    CONSTRAINT pk_cases PRIMARY KEY (id),
    CONSTRAINT ck_cases_place_city CHECK (place_city = place_code / 100 * 100),
    CONSTRAINT ck_cases_conclusion CHECK (conclusion IS NULL OR conclusion IN ('substantiated', 'mostly', 'partly', 'unsubstantiated')),
    CONSTRAINT ck_cases_rating CHECK (rating IS NULL OR rating BETWEEN 1 AND 3),
    CONSTRAINT ck_cases_ended CHECK ((ended_on IS NULL) = (ended_month IS NULL)),
    CONSTRAINT ck_cases_registered CHECK (registered_on >= received_on),
    CONSTRAINT uq_cases_no UNIQUE (no),
    CONSTRAINT fk_cases_place_code FOREIGN KEY(place_code) REFERENCES units (code),
    CONSTRAINT fk_cases_registered_unit FOREIGN KEY(registered_unit) REFERENCES units (code),
    CONSTRAINT fk_cases_holder_unit FOREIGN KEY(holder_unit) REFERENCES units (code),
    CONSTRAINT fk_cases_handler_id FOREIGN KEY(handler_id) REFERENCES people (id),
    CONSTRAINT fk_cases_changed_by FOREIGN KEY(changed_by) REFERENCES people (id)
);

CREATE INDEX ix_cases_decided ON cases (decided_on, place_city, place_code, status, sealed);

CREATE INDEX ix_cases_delivered ON cases (delivered_on, holder_unit, sealed);

CREATE INDEX ix_cases_ended ON cases (ended_month, sealed, place_city, status, place_code, conclusion) WHERE ended_month IS NOT NULL;

CREATE INDEX ix_cases_holder ON cases (holder_unit, status);

CREATE INDEX ix_cases_in_hand ON cases (place_city, place_code, sealed, ended_on) WHERE ended_on IS NULL;

CREATE INDEX ix_cases_month ON cases (received_month, sealed, place_city, channel, place_code);

CREATE INDEX ix_cases_place ON cases (place_code, received_on);

CREATE INDEX ix_cases_rated ON cases (place_city, delivered_on, place_code, rating, sealed) WHERE rating IS NOT NULL;

CREATE INDEX ix_cases_received ON cases (received_on, id);

CREATE INDEX ix_cases_sealed ON cases (sealed) WHERE sealed = 1;

CREATE INDEX ix_cases_status ON cases (status, received_on);

CREATE INDEX ix_cases_watched ON cases (holder_unit, delivered_on) WHERE delivered_on IS NOT NULL;

CREATE TABLE drafts (
    id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    kind VARCHAR(40) NOT NULL,
    sealed BLOB NOT NULL,
    changed_at DATETIME NOT NULL,
    CONSTRAINT pk_drafts PRIMARY KEY (id),
    CONSTRAINT uq_drafts_person_id_kind UNIQUE (person_id, kind),
    CONSTRAINT fk_drafts_person_id FOREIGN KEY(person_id) REFERENCES people (id)
);

CREATE TABLE import_batches (
    id INTEGER NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    name VARCHAR(200) NOT NULL,
    subchannel VARCHAR(40) NOT NULL,
    unit_code INTEGER NOT NULL,
    mapping TEXT NOT NULL,
    rows INTEGER NOT NULL,
    added INTEGER NOT NULL,
    person_id INTEGER,
    at DATETIME NOT NULL,
    CONSTRAINT pk_import_batches PRIMARY KEY (id),
    CONSTRAINT fk_import_batches_unit_code FOREIGN KEY(unit_code) REFERENCES units (code),
    CONSTRAINT fk_import_batches_person_id FOREIGN KEY(person_id) REFERENCES people (id)
);

CREATE TABLE import_mappings (
    subchannel VARCHAR(40) NOT NULL,
    unit_code INTEGER NOT NULL,
    mapping TEXT NOT NULL,
    changed_by INTEGER,
    changed_at DATETIME NOT NULL,
    CONSTRAINT pk_import_mappings PRIMARY KEY (subchannel, unit_code),
    CONSTRAINT fk_import_mappings_unit_code FOREIGN KEY(unit_code) REFERENCES units (code),
    CONSTRAINT fk_import_mappings_changed_by FOREIGN KEY(changed_by) REFERENCES people (id)
);

CREATE TABLE old_passwords (
    id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    password_hash VARCHAR(200) NOT NULL,
    set_at DATETIME NOT NULL,
    CONSTRAINT pk_old_passwords PRIMARY KEY (id),
    CONSTRAINT fk_old_passwords_person_id FOREIGN KEY(person_id) REFERENCES people (id)
);

CREATE INDEX ix_old_passwords_person_id ON old_passwords (person_id);

CREATE TABLE person_roles (
    person_id INTEGER NOT NULL,
    role VARCHAR(40) NOT NULL,
    CONSTRAINT pk_person_roles PRIMARY KEY (person_id, role),
    CONSTRAINT ck_person_roles_role CHECK (role IN ('clerk', 'handler', 'reviewer', 'supervisor', 'assessor', 'city_lead', 'leader', 'auditor', 'admin')),
    CONSTRAINT fk_person_roles_person_id FOREIGN KEY(person_id) REFERENCES people (id)
);

CREATE TABLE rule_versions (
    id INTEGER NOT NULL,
    document VARCHAR(40) NOT NULL,
    version VARCHAR(40) NOT NULL,
    from_date DATE NOT NULL,
    text TEXT NOT NULL,
    digest VARCHAR(64) NOT NULL,
    author INTEGER NOT NULL,
    approver INTEGER,
    reason VARCHAR(200) NOT NULL,
    at DATETIME NOT NULL,
    CONSTRAINT pk_rule_versions PRIMARY KEY (id),
    CONSTRAINT uq_rule_versions_document_version UNIQUE (document, version),
    CONSTRAINT fk_rule_versions_author FOREIGN KEY(author) REFERENCES people (id),
    CONSTRAINT fk_rule_versions_approver FOREIGN KEY(approver) REFERENCES people (id)
);

CREATE TABLE score_runs (
    id INTEGER NOT NULL,
    period VARCHAR(40) NOT NULL,
    ordinal INTEGER NOT NULL,
    state VARCHAR(40) NOT NULL,
    snapshot_at DATETIME NOT NULL,
    ran_at DATETIME NOT NULL,
    ran_by INTEGER,
    rules_version VARCHAR(40) NOT NULL,
    rules_digest VARCHAR(64) NOT NULL,
    calendar_version VARCHAR(40) NOT NULL,
    digest VARCHAR(64) NOT NULL,
    means TEXT NOT NULL,
    method TEXT NOT NULL,
    CONSTRAINT pk_score_runs PRIMARY KEY (id),
    CONSTRAINT uq_score_runs_period_ordinal UNIQUE (period, ordinal),
    CONSTRAINT ck_score_runs_state CHECK (state IN ('provisional', 'published', 'locked')),
    CONSTRAINT fk_score_runs_ran_by FOREIGN KEY(ran_by) REFERENCES people (id)
);

CREATE TABLE sign_ins (
    token_hash VARCHAR(64) NOT NULL,
    person_id INTEGER NOT NULL,
    created_at DATETIME NOT NULL,
    seen_at DATETIME NOT NULL,
    ip VARCHAR(40) NOT NULL,
    agent VARCHAR(200) NOT NULL,
    ended_at DATETIME,
    ended_why VARCHAR(40),
    CONSTRAINT pk_sign_ins PRIMARY KEY (token_hash),
    CONSTRAINT fk_sign_ins_person_id FOREIGN KEY(person_id) REFERENCES people (id)
);

CREATE INDEX ix_sign_ins_person_id ON sign_ins (person_id);

CREATE TABLE attachments (
    id INTEGER NOT NULL,
    case_id INTEGER NOT NULL,
    name VARCHAR(200) NOT NULL,
    mime VARCHAR(200) NOT NULL,
    size INTEGER NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    added_by INTEGER,
    at DATETIME NOT NULL,
    CONSTRAINT pk_attachments PRIMARY KEY (id),
    CONSTRAINT fk_attachments_case_id FOREIGN KEY(case_id) REFERENCES cases (id),
    CONSTRAINT fk_attachments_added_by FOREIGN KEY(added_by) REFERENCES people (id)
);

CREATE INDEX ix_attachments_case_id ON attachments (case_id);

CREATE TABLE case_categories (
    case_id INTEGER NOT NULL,
    sub VARCHAR(40) NOT NULL,
    main VARCHAR(4) NOT NULL,
    CONSTRAINT pk_case_categories PRIMARY KEY (case_id, sub),
    CONSTRAINT fk_case_categories_case_id FOREIGN KEY(case_id) REFERENCES cases (id)
);

CREATE INDEX ix_case_categories_main_case_id ON case_categories (main, case_id);

CREATE TABLE case_links (
    id INTEGER NOT NULL,
    case_id INTEGER NOT NULL,
    earlier_id INTEGER NOT NULL,
    kind VARCHAR(40) NOT NULL,
    reason VARCHAR(200) NOT NULL,
    "on" DATE NOT NULL,
    confirmed_by INTEGER,
    CONSTRAINT pk_case_links PRIMARY KEY (id),
    CONSTRAINT uq_case_links_case_id_earlier_id UNIQUE (case_id, earlier_id),
    CONSTRAINT ck_case_links_kind CHECK (kind IN ('repeat', 'related')),
    CONSTRAINT ck_case_links_other CHECK (case_id <> earlier_id),
    CONSTRAINT fk_case_links_case_id FOREIGN KEY(case_id) REFERENCES cases (id),
    CONSTRAINT fk_case_links_earlier_id FOREIGN KEY(earlier_id) REFERENCES cases (id),
    CONSTRAINT fk_case_links_confirmed_by FOREIGN KEY(confirmed_by) REFERENCES people (id)
);

CREATE INDEX ix_case_links_earlier_id ON case_links (earlier_id);

CREATE TABLE case_measures (
    case_id INTEGER NOT NULL,
    kind VARCHAR(40) NOT NULL,
    amount NUMERIC(14, 2),
    note VARCHAR(200),
    CONSTRAINT pk_case_measures PRIMARY KEY (case_id, kind),
    CONSTRAINT fk_case_measures_case_id FOREIGN KEY(case_id) REFERENCES cases (id)
);

CREATE TABLE case_units (
    case_id INTEGER NOT NULL,
    unit_code INTEGER NOT NULL,
    CONSTRAINT pk_case_units PRIMARY KEY (case_id, unit_code),
    CONSTRAINT fk_case_units_case_id FOREIGN KEY(case_id) REFERENCES cases (id),
    CONSTRAINT fk_case_units_unit_code FOREIGN KEY(unit_code) REFERENCES units (code)
);

CREATE INDEX ix_case_units_unit_code_case_id ON case_units (unit_code, case_id);

CREATE TABLE demands (
    id INTEGER NOT NULL,
    case_id INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    text TEXT NOT NULL,
    finding VARCHAR(40),
    answer TEXT,
    CONSTRAINT pk_demands PRIMARY KEY (id),
    CONSTRAINT uq_demands_case_id_ordinal UNIQUE (case_id, ordinal),
    CONSTRAINT ck_demands_finding CHECK (finding IS NULL OR finding IN ('substantiated', 'mostly', 'partly', 'unsubstantiated')),
    CONSTRAINT fk_demands_case_id FOREIGN KEY(case_id) REFERENCES cases (id)
);

CREATE TABLE documents (
    id INTEGER NOT NULL,
    kind VARCHAR(40) NOT NULL,
    number VARCHAR(60),
    case_id INTEGER,
    run_id INTEGER,
    unit_code INTEGER NOT NULL,
    record TEXT NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    made_by INTEGER,
    at DATETIME NOT NULL,
    CONSTRAINT pk_documents PRIMARY KEY (id),
    CONSTRAINT uq_documents_number UNIQUE (number),
    CONSTRAINT fk_documents_case_id FOREIGN KEY(case_id) REFERENCES cases (id),
    CONSTRAINT fk_documents_run_id FOREIGN KEY(run_id) REFERENCES score_runs (id),
    CONSTRAINT fk_documents_unit_code FOREIGN KEY(unit_code) REFERENCES units (code),
    CONSTRAINT fk_documents_made_by FOREIGN KEY(made_by) REFERENCES people (id)
);

CREATE INDEX ix_documents_case_id ON documents (case_id);

CREATE INDEX ix_documents_run_id ON documents (run_id);

CREATE TABLE downloads (
    token_hash VARCHAR(64) NOT NULL,
    sign_in VARCHAR(64) NOT NULL,
    person_id INTEGER NOT NULL,
    name VARCHAR(200) NOT NULL,
    mime VARCHAR(200) NOT NULL,
    spool VARCHAR(200) NOT NULL,
    what TEXT NOT NULL,
    inline BOOLEAN NOT NULL,
    case_id INTEGER,
    created_at DATETIME NOT NULL,
    used_at DATETIME,
    CONSTRAINT pk_downloads PRIMARY KEY (token_hash),
    CONSTRAINT fk_downloads_person_id FOREIGN KEY(person_id) REFERENCES people (id),
    CONSTRAINT fk_downloads_case_id FOREIGN KEY(case_id) REFERENCES cases (id)
);

CREATE TABLE score_lines (
    run_id INTEGER NOT NULL,
    unit_code INTEGER NOT NULL,
    indicator VARCHAR(4) NOT NULL,
    numerator NUMERIC(12, 2),
    denominator INTEGER,
    weight NUMERIC(6, 2) NOT NULL,
    effective VARCHAR(40) NOT NULL,
    points NUMERIC(8, 2),
    deducted NUMERIC(8, 2) NOT NULL,
    reference NUMERIC(8, 2),
    available BOOLEAN NOT NULL,
    status VARCHAR(40) NOT NULL,
    note VARCHAR(200) NOT NULL,
    CONSTRAINT pk_score_lines PRIMARY KEY (run_id, unit_code, indicator),
    CONSTRAINT fk_score_lines_run_id FOREIGN KEY(run_id) REFERENCES score_runs (id),
    CONSTRAINT fk_score_lines_unit_code FOREIGN KEY(unit_code) REFERENCES units (code)
);

CREATE TABLE score_sheets (
    run_id INTEGER NOT NULL,
    unit_code INTEGER NOT NULL,
    total NUMERIC(8, 2),
    grade VARCHAR(20),
    rank INTEGER,
    ranked_of INTEGER NOT NULL,
    enough BOOLEAN NOT NULL,
    bonus NUMERIC(8, 2) NOT NULL,
    adjustment TEXT NOT NULL,
    note VARCHAR(200) NOT NULL,
    CONSTRAINT pk_score_sheets PRIMARY KEY (run_id, unit_code),
    CONSTRAINT fk_score_sheets_run_id FOREIGN KEY(run_id) REFERENCES score_runs (id),
    CONSTRAINT fk_score_sheets_unit_code FOREIGN KEY(unit_code) REFERENCES units (code)
);

CREATE TABLE submissions (
    id INTEGER NOT NULL,
    case_id INTEGER NOT NULL,
    no VARCHAR(40) NOT NULL,
    query_code VARCHAR(8) NOT NULL,
    channel VARCHAR(40) NOT NULL,
    subchannel VARCHAR(40) NOT NULL,
    source_no VARCHAR(100),
    received_at DATETIME NOT NULL,
    registered_at DATETIME NOT NULL,
    registered_on DATE NOT NULL,
    registered_unit INTEGER NOT NULL,
    registered_city INTEGER NOT NULL,
    registered_by INTEGER,
    content TEXT NOT NULL,
    time_pattern VARCHAR(40),
    urgency VARCHAR(40) NOT NULL,
    first_or_repeat VARCHAR(40) NOT NULL,
    persons INTEGER NOT NULL,
    anonymous BOOLEAN NOT NULL,
    confidential BOOLEAN NOT NULL,
    e_delivery BOOLEAN NOT NULL,
    reachable BOOLEAN NOT NULL,
    answered_on DATE,
    receiver VARCHAR(50),
    outcome TEXT,
    recording_no VARCHAR(64),
    missing VARCHAR(400) NOT NULL,
    batch_id INTEGER,
    idempotency_key VARCHAR(64),
    CONSTRAINT pk_submissions PRIMARY KEY (id),
    CONSTRAINT uq_submissions_subchannel_source_no UNIQUE (subchannel, source_no),
    CONSTRAINT ck_submissions_registered CHECK (registered_at >= received_at),
    CONSTRAINT ck_submissions_persons CHECK (persons >= 1),
    CONSTRAINT fk_submissions_case_id FOREIGN KEY(case_id) REFERENCES cases (id),
    CONSTRAINT uq_submissions_no UNIQUE (no),
    CONSTRAINT uq_submissions_query_code UNIQUE (query_code),
    CONSTRAINT fk_submissions_registered_unit FOREIGN KEY(registered_unit) REFERENCES units (code),
    CONSTRAINT fk_submissions_registered_by FOREIGN KEY(registered_by) REFERENCES people (id),
    CONSTRAINT fk_submissions_batch_id FOREIGN KEY(batch_id) REFERENCES import_batches (id),
    CONSTRAINT uq_submissions_idempotency_key UNIQUE (idempotency_key)
);

CREATE INDEX ix_submissions_answered ON submissions (case_id, id, answered_on) WHERE answered_on IS NOT NULL;

CREATE INDEX ix_submissions_case_id ON submissions (case_id);

CREATE INDEX ix_submissions_incomplete ON submissions (registered_city, registered_on) WHERE missing <> '';

CREATE INDEX ix_submissions_registered ON submissions (registered_city, registered_on, registered_unit);

CREATE INDEX ix_submissions_source ON submissions (source_no) WHERE source_no IS NOT NULL;

CREATE TABLE supervisions (
    id INTEGER NOT NULL,
    case_id INTEGER NOT NULL,
    kind VARCHAR(40) NOT NULL,
    source VARCHAR(40) NOT NULL,
    unit_code INTEGER NOT NULL,
    reason VARCHAR(200) NOT NULL,
    delivered_on DATE NOT NULL,
    due_on DATE,
    closed_on DATE,
    CONSTRAINT pk_supervisions PRIMARY KEY (id),
    CONSTRAINT fk_supervisions_case_id FOREIGN KEY(case_id) REFERENCES cases (id),
    CONSTRAINT fk_supervisions_unit_code FOREIGN KEY(unit_code) REFERENCES units (code)
);

CREATE INDEX ix_supervisions_case_id ON supervisions (case_id);

CREATE TABLE clocks (
    id INTEGER NOT NULL,
    case_id INTEGER NOT NULL,
    submission_id INTEGER,
    "key" VARCHAR(40) NOT NULL,
    ordinal INTEGER NOT NULL,
    unit_code INTEGER NOT NULL,
    city_code INTEGER NOT NULL,
    started_on DATE NOT NULL,
    known_on DATE NOT NULL,
    first_due_on DATE NOT NULL,
    due_on DATE NOT NULL,
    provisional BOOLEAN NOT NULL,
    done_on DATE,
    shown_on DATE,
    duty BOOLEAN NOT NULL,
    exempt BOOLEAN DEFAULT 0 NOT NULL,
    sealed BOOLEAN DEFAULT 0 NOT NULL,
    named BOOLEAN DEFAULT 0 NOT NULL,
    rule_since DATE NOT NULL,
    CONSTRAINT pk_clocks PRIMARY KEY (id),
    CONSTRAINT ck_clocks_city CHECK (city_code = unit_code / 100 * 100),
    CONSTRAINT ck_clocks_done CHECK ((done_on IS NULL) = (shown_on IS NULL)),
    CONSTRAINT ck_clocks_shown CHECK (shown_on IS NULL OR shown_on >= done_on),
    CONSTRAINT ck_clocks_known CHECK (known_on >= started_on),
    CONSTRAINT ck_clocks_due CHECK (due_on >= first_due_on),
    CONSTRAINT fk_clocks_case_id FOREIGN KEY(case_id) REFERENCES cases (id),
    CONSTRAINT fk_clocks_submission_id FOREIGN KEY(submission_id) REFERENCES submissions (id),
    CONSTRAINT fk_clocks_unit_code FOREIGN KEY(unit_code) REFERENCES units (code)
);

CREATE INDEX ix_clocks_case ON clocks (case_id);

CREATE INDEX ix_clocks_cohort ON clocks ("key", city_code, due_on, unit_code, case_id, sealed, named);

CREATE INDEX ix_clocks_learned ON clocks (known_on, "key", city_code, due_on, unit_code, done_on, shown_on, exempt, provisional, sealed, named, case_id, submission_id, started_on) WHERE known_on > due_on;

CREATE INDEX ix_clocks_running ON clocks (due_on, city_code, "key", unit_code, case_id, provisional, sealed, done_on, duty, exempt) WHERE done_on IS NULL AND duty = 1 AND exempt = 0;

CREATE INDEX ix_clocks_trouble ON clocks ("key", city_code, due_on, known_on, unit_code, done_on, shown_on, exempt, provisional, sealed, named, case_id, submission_id, started_on) WHERE done_on IS NULL OR shown_on > due_on OR known_on > due_on OR exempt = 1 OR provisional = 1;

CREATE INDEX ix_clocks_window ON clocks (submission_id, "key", city_code, due_on, known_on, unit_code, done_on, shown_on, exempt, provisional, sealed, named, case_id, started_on) WHERE "key" = 'rating';

CREATE TABLE events (
    id INTEGER NOT NULL,
    chain INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    kind VARCHAR(40) NOT NULL,
    at DATETIME NOT NULL,
    "on" DATE NOT NULL,
    case_id INTEGER,
    submission_id INTEGER,
    person_id INTEGER,
    ip VARCHAR(40) NOT NULL,
    data TEXT NOT NULL,
    prev BLOB NOT NULL,
    hash BLOB NOT NULL,
    CONSTRAINT pk_events PRIMARY KEY (id),
    CONSTRAINT uq_events_chain_seq UNIQUE (chain, seq),
    CONSTRAINT fk_events_case_id FOREIGN KEY(case_id) REFERENCES cases (id),
    CONSTRAINT fk_events_submission_id FOREIGN KEY(submission_id) REFERENCES submissions (id),
    CONSTRAINT fk_events_person_id FOREIGN KEY(person_id) REFERENCES people (id)
);

CREATE INDEX ix_events_at ON events (at, id);

CREATE INDEX ix_events_case ON events (case_id, id);

CREATE INDEX ix_events_kind ON events (kind, at);

CREATE TABLE petitioners (
    submission_id INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    key_id VARCHAR(16) NOT NULL,
    phone_hash BLOB,
    id_hash BLOB,
    person_hash BLOB,
    CONSTRAINT pk_petitioners PRIMARY KEY (submission_id),
    CONSTRAINT fk_petitioners_submission_id FOREIGN KEY(submission_id) REFERENCES submissions (id)
);

CREATE INDEX ix_petitioners_id_hash ON petitioners (id_hash);

CREATE INDEX ix_petitioners_person_hash ON petitioners (person_hash);

CREATE INDEX ix_petitioners_phone_hash ON petitioners (phone_hash);

CREATE TABLE ratings (
    id INTEGER NOT NULL,
    case_id INTEGER NOT NULL,
    submission_id INTEGER NOT NULL,
    stage VARCHAR(40) NOT NULL,
    score INTEGER NOT NULL,
    "by" VARCHAR(40) NOT NULL,
    "on" DATE NOT NULL,
    at DATETIME NOT NULL,
    CONSTRAINT pk_ratings PRIMARY KEY (id),
    CONSTRAINT uq_ratings_submission_id_stage UNIQUE (submission_id, stage),
    CONSTRAINT ck_ratings_stage CHECK (stage IN ('intake', 'handling')),
    CONSTRAINT ck_ratings_score CHECK (score BETWEEN 1 AND 3),
    CONSTRAINT ck_ratings_by CHECK ("by" IN ('callback', 'query_code', 'paper')),
    CONSTRAINT fk_ratings_case_id FOREIGN KEY(case_id) REFERENCES cases (id),
    CONSTRAINT fk_ratings_submission_id FOREIGN KEY(submission_id) REFERENCES submissions (id)
);

CREATE INDEX ix_ratings_case_id ON ratings (case_id);

CREATE INDEX ix_ratings_unsatisfied ON ratings (submission_id, case_id) WHERE stage = 'handling' AND score = 3;

CREATE TABLE score_items (
    id INTEGER NOT NULL,
    run_id INTEGER NOT NULL,
    unit_code INTEGER NOT NULL,
    indicator VARCHAR(4) NOT NULL,
    case_id INTEGER NOT NULL,
    submission_id INTEGER,
    case_no VARCHAR(40) NOT NULL,
    responsible INTEGER NOT NULL,
    clock_key VARCHAR(40),
    started_on DATE,
    due_on DATE,
    done_on DATE,
    reason VARCHAR(200) NOT NULL,
    points NUMERIC(8, 2) NOT NULL,
    fails BOOLEAN NOT NULL,
    CONSTRAINT pk_score_items PRIMARY KEY (id),
    CONSTRAINT fk_score_items_run_id FOREIGN KEY(run_id) REFERENCES score_runs (id),
    CONSTRAINT fk_score_items_unit_code FOREIGN KEY(unit_code) REFERENCES units (code),
    CONSTRAINT fk_score_items_case_id FOREIGN KEY(case_id) REFERENCES cases (id),
    CONSTRAINT fk_score_items_submission_id FOREIGN KEY(submission_id) REFERENCES submissions (id)
);

CREATE INDEX ix_score_items_case_id ON score_items (case_id);

CREATE INDEX ix_score_items_run_id_unit_code_indicator ON score_items (run_id, unit_code, indicator);
