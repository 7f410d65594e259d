CREATE TABLE case_links_new (
    id INTEGER NOT NULL,
    case_id INTEGER NOT NULL,
    earlier_id INTEGER NOT NULL,
    kind VARCHAR(40) NOT NULL,
    reason VARCHAR(200) NOT NULL,
    "on" DATE NOT NULL,
    confirmed_by INTEGER,
    CONSTRAINT pk_case_links PRIMARY KEY (id),
    CONSTRAINT uq_case_links_case_id_earlier_id UNIQUE (case_id, earlier_id),
    CONSTRAINT ck_case_links_kind CHECK (kind IN ('repeat', 'related', 'reopened', 'separate')),
    CONSTRAINT ck_case_links_other CHECK (case_id <> earlier_id),
    CONSTRAINT fk_case_links_case_id FOREIGN KEY(case_id) REFERENCES cases (id),
    CONSTRAINT fk_case_links_earlier_id FOREIGN KEY(earlier_id) REFERENCES cases (id),
    CONSTRAINT fk_case_links_confirmed_by FOREIGN KEY(confirmed_by) REFERENCES people (id)
);

CREATE TABLE attachments_new (
    id INTEGER NOT NULL,
    case_id INTEGER NOT NULL,
    name VARCHAR(200) NOT NULL,
    mime VARCHAR(200) NOT NULL,
    size INTEGER NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    added_by INTEGER,
    at DATETIME NOT NULL,
    taken_at DATETIME,
    lon NUMERIC(9, 5),
    lat NUMERIC(9, 5),
    client_key VARCHAR(64),
    CONSTRAINT pk_attachments PRIMARY KEY (id),
    CONSTRAINT fk_attachments_case_id FOREIGN KEY(case_id) REFERENCES cases (id),
    CONSTRAINT fk_attachments_added_by FOREIGN KEY(added_by) REFERENCES people (id),
    CONSTRAINT uq_attachments_client_key UNIQUE (client_key)
);

CREATE TABLE supervisions_new (
    id INTEGER NOT NULL,
    case_id INTEGER NOT NULL,
    kind VARCHAR(40) NOT NULL,
    source VARCHAR(40) NOT NULL,
    unit_code INTEGER NOT NULL,
    reason VARCHAR(200) NOT NULL,
    delivered_on DATE NOT NULL,
    due_on DATE,
    closed_on DATE,
    ordinal INTEGER DEFAULT 1 NOT NULL,
    ordered_by INTEGER,
    answered_on DATE,
    CONSTRAINT pk_supervisions PRIMARY KEY (id),
    CONSTRAINT uq_supervisions_case_id_ordinal UNIQUE (case_id, ordinal),
    CONSTRAINT fk_supervisions_case_id FOREIGN KEY(case_id) REFERENCES cases (id),
    CONSTRAINT fk_supervisions_unit_code FOREIGN KEY(unit_code) REFERENCES units (code)
);

CREATE TABLE documents_new (
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
    submission_id INTEGER,
    template_id INTEGER,
    "key" VARCHAR(100),
    CONSTRAINT pk_documents PRIMARY KEY (id),
    CONSTRAINT uq_documents_number UNIQUE (number),
    CONSTRAINT fk_documents_case_id FOREIGN KEY(case_id) REFERENCES cases (id),
    CONSTRAINT fk_documents_run_id FOREIGN KEY(run_id) REFERENCES score_runs (id),
    CONSTRAINT fk_documents_unit_code FOREIGN KEY(unit_code) REFERENCES units (code),
    CONSTRAINT fk_documents_made_by FOREIGN KEY(made_by) REFERENCES people (id),
    CONSTRAINT fk_documents_submission_id FOREIGN KEY(submission_id) REFERENCES submissions (id),
    CONSTRAINT fk_documents_template_id FOREIGN KEY(template_id) REFERENCES templates (id),
    CONSTRAINT uq_documents_key UNIQUE ("key")
);
