-- The desk on PostgreSQL; it says what sqlite.sql says.

CREATE TABLE IF NOT EXISTS desk_person (
    id BIGINT PRIMARY KEY DEFAULT next_id('desk_person'),
    name TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C" NOT NULL UNIQUE,
    organisation TEXT COLLATE "C" NOT NULL,
    language TEXT COLLATE "C" NOT NULL,
    firm TEXT COLLATE "C" NOT NULL,  -- in the register, when the person speaks for one
    made_at BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS desk_person_by_firm ON desk_person (firm);

-- programme: '*' for all; standing_in_for: whose work is taken over, when it is a substitute's.
CREATE TABLE IF NOT EXISTS desk_role (
    id BIGINT PRIMARY KEY DEFAULT next_id('desk_role'),
    person BIGINT NOT NULL REFERENCES desk_person (id),
    role TEXT COLLATE "C" NOT NULL,
    programme TEXT COLLATE "C" NOT NULL,
    firm TEXT COLLATE "C" NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    standing_in_for BIGINT REFERENCES desk_person (id),
    given_by BIGINT,
    at BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL
);
CREATE INDEX IF NOT EXISTS desk_role_by_person ON desk_role (person);
CREATE INDEX IF NOT EXISTS desk_role_by_firm ON desk_role (firm);
CREATE INDEX IF NOT EXISTS desk_role_by_role ON desk_role (role);

CREATE TABLE IF NOT EXISTS desk_role_end (
    role BIGINT PRIMARY KEY REFERENCES desk_role (id),
    ended_by BIGINT,
    at BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL
);

CREATE TABLE IF NOT EXISTS desk_call (
    id BIGINT PRIMARY KEY DEFAULT next_id('desk_call'),
    code TEXT COLLATE "C" NOT NULL UNIQUE,
    programme TEXT COLLATE "C" NOT NULL,
    year BIGINT NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
    made_by BIGINT NOT NULL REFERENCES desk_person (id),
    made_at BIGINT NOT NULL
);

-- What a call says; the row with the highest number holds. announced: from then on people see it.
CREATE TABLE IF NOT EXISTS desk_call_terms (
    call BIGINT NOT NULL REFERENCES desk_call (id),
    seq BIGINT NOT NULL,
    announced BIGINT NOT NULL,
    opens_at BIGINT NOT NULL,
    closes_at BIGINT NOT NULL,
    corrects_until BIGINT NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    regime TEXT COLLATE "C" NOT NULL,
    terms TEXT COLLATE "C" NOT NULL,
    person BIGINT NOT NULL REFERENCES desk_person (id),
    at BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (call, seq),
    CHECK (opens_at < closes_at AND closes_at <= corrects_until)
);

-- A case: an application, or what follows from one (milestone, appeal, amendment, recovery …). seq: steps so far.
CREATE TABLE IF NOT EXISTS desk_case (
    id BIGINT PRIMARY KEY DEFAULT next_id('desk_case'),
    number TEXT COLLATE "C" NOT NULL UNIQUE,
    kind TEXT COLLATE "C" NOT NULL,
    parent BIGINT REFERENCES desk_case (id),
    call BIGINT REFERENCES desk_call (id),
    programme TEXT COLLATE "C" NOT NULL,
    year BIGINT NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
    firm TEXT COLLATE "C" NOT NULL,
    applicant BIGINT NOT NULL REFERENCES desk_person (id),
    opened_at BIGINT NOT NULL,
    title TEXT COLLATE "C" NOT NULL,
    asked BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    due BIGINT,
    state TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    submitted_at BIGINT,
    moved_at BIGINT NOT NULL,
    CHECK (asked >= 0 AND amount >= 0)
);
CREATE INDEX IF NOT EXISTS desk_case_by_state ON desk_case (kind, state, moved_at);
CREATE INDEX IF NOT EXISTS desk_case_by_call ON desk_case (call, kind, state);
CREATE INDEX IF NOT EXISTS desk_case_by_firm ON desk_case (firm);
CREATE INDEX IF NOT EXISTS desk_case_by_applicant ON desk_case (applicant);
CREATE INDEX IF NOT EXISTS desk_case_by_parent ON desk_case (parent);

CREATE TABLE IF NOT EXISTS desk_step (
    case_id BIGINT NOT NULL REFERENCES desk_case (id),
    seq BIGINT NOT NULL,
    step TEXT COLLATE "C" NOT NULL,
    came_from TEXT COLLATE "C" NOT NULL,
    went_to TEXT COLLATE "C" NOT NULL,
    person BIGINT REFERENCES desk_person (id),
    role TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    act BIGINT NOT NULL,
    data TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (case_id, seq)
);
CREATE INDEX IF NOT EXISTS desk_step_by_person ON desk_step (person, role, case_id);
CREATE INDEX IF NOT EXISTS desk_step_by_step ON desk_step (step);

CREATE TABLE IF NOT EXISTS desk_answer (
    case_id BIGINT NOT NULL REFERENCES desk_case (id),
    field TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    person BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (case_id, field)
);

CREATE TABLE IF NOT EXISTS desk_submission (
    case_id BIGINT NOT NULL REFERENCES desk_case (id),
    number BIGINT NOT NULL,
    person BIGINT NOT NULL,
    at BIGINT NOT NULL,
    answers TEXT COLLATE "C" NOT NULL,
    files TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (case_id, number)
);

-- What the office itself found out about a case, beside what the applicant says and the register knows.
CREATE TABLE IF NOT EXISTS desk_fact (
    id BIGINT PRIMARY KEY DEFAULT next_id('desk_fact'),
    case_id BIGINT NOT NULL REFERENCES desk_case (id),
    name TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    assurance TEXT COLLATE "C" NOT NULL CHECK (assurance IN ('declared', 'verified', 'audited')),
    source TEXT COLLATE "C" NOT NULL,
    person BIGINT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS desk_fact_by_case ON desk_fact (case_id);

CREATE TABLE IF NOT EXISTS desk_file (
    id BIGINT PRIMARY KEY DEFAULT next_id('desk_file'),
    case_id BIGINT NOT NULL REFERENCES desk_case (id),
    field TEXT COLLATE "C" NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    bytes BIGINT NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    person BIGINT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS desk_file_by_case ON desk_file (case_id);

CREATE TABLE IF NOT EXISTS desk_file_gone (
    file BIGINT PRIMARY KEY REFERENCES desk_file (id),
    person BIGINT NOT NULL,
    at BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS desk_decision (
    id BIGINT PRIMARY KEY DEFAULT next_id('desk_decision'),
    case_id BIGINT NOT NULL REFERENCES desk_case (id),
    day BIGINT NOT NULL,
    digest TEXT COLLATE "C" NOT NULL REFERENCES programme_version (digest),
    given TEXT COLLATE "C" NOT NULL,
    origins TEXT COLLATE "C" NOT NULL,
    eligible BIGINT NOT NULL,
    claim BIGINT NOT NULL,
    entitlement BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS desk_decision_by_case ON desk_decision (case_id, id);

-- What was made known to all, and from which day to which day one may object.
CREATE TABLE IF NOT EXISTS desk_notice (
    id BIGINT PRIMARY KEY DEFAULT next_id('desk_notice'),
    call BIGINT NOT NULL REFERENCES desk_call (id),
    run BIGINT,
    first_day BIGINT NOT NULL,
    last_day BIGINT NOT NULL,
    cases TEXT COLLATE "C" NOT NULL,
    person BIGINT NOT NULL,
    at BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS desk_invitation (
    call BIGINT NOT NULL REFERENCES desk_call (id),
    reviewer BIGINT NOT NULL REFERENCES desk_person (id),
    seq BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('invited', 'accepted', 'declined', 'withdrawn')),
    load BIGINT NOT NULL CHECK (load >= 0),
    topics TEXT COLLATE "C" NOT NULL,
    person BIGINT NOT NULL,
    at BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (call, reviewer, seq)
);

-- A declared conflict of interest: of a person with a case, or with a firm altogether.
CREATE TABLE IF NOT EXISTS desk_interest (
    id BIGINT PRIMARY KEY DEFAULT next_id('desk_interest'),
    reviewer BIGINT NOT NULL REFERENCES desk_person (id),
    case_id BIGINT REFERENCES desk_case (id),
    firm TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C" NOT NULL,
    person BIGINT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS desk_interest_by_reviewer ON desk_interest (reviewer);

CREATE TABLE IF NOT EXISTS desk_assignment (
    case_id BIGINT NOT NULL REFERENCES desk_case (id),
    reviewer BIGINT NOT NULL REFERENCES desk_person (id),
    seq BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('assigned', 'started', 'submitted', 'abstained', 'recused', 'withdrawn')),
    run BIGINT,
    person BIGINT NOT NULL,
    at BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (case_id, reviewer, seq)
);
CREATE INDEX IF NOT EXISTS desk_assignment_by_reviewer ON desk_assignment (reviewer, case_id);

CREATE TABLE IF NOT EXISTS desk_review_draft (
    case_id BIGINT NOT NULL REFERENCES desk_case (id),
    reviewer BIGINT NOT NULL REFERENCES desk_person (id),
    field TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (case_id, reviewer, field)
);

-- total: thousandths of a point; a later review of the same reviewer takes the place of the earlier one.
CREATE TABLE IF NOT EXISTS desk_review (
    case_id BIGINT NOT NULL REFERENCES desk_case (id),
    reviewer BIGINT NOT NULL REFERENCES desk_person (id),
    seq BIGINT NOT NULL,
    criteria TEXT COLLATE "C" NOT NULL,
    total BIGINT NOT NULL,
    confidence BIGINT NOT NULL,
    comment TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (case_id, reviewer, seq)
);

-- A computed choice: assignment, ranking, selection, draw; with its seed and its terms, so that it can be repeated.
CREATE TABLE IF NOT EXISTS desk_run (
    id BIGINT PRIMARY KEY DEFAULT next_id('desk_run'),
    call BIGINT NOT NULL REFERENCES desk_call (id),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('assignment', 'ranking', 'selection')),
    seed BIGINT NOT NULL,
    terms TEXT COLLATE "C" NOT NULL,
    result TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    person BIGINT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS desk_run_by_call ON desk_run (call, kind);

-- Where a run put each case; mean and estimate in thousandths of a point.
CREATE TABLE IF NOT EXISTS desk_place (
    run BIGINT NOT NULL REFERENCES desk_run (id),
    case_id BIGINT NOT NULL REFERENCES desk_case (id),
    rank BIGINT NOT NULL,
    mean BIGINT NOT NULL,
    estimate BIGINT NOT NULL,
    rank_low BIGINT NOT NULL,
    rank_high BIGINT NOT NULL,
    chosen BIGINT NOT NULL,
    drawn BIGINT,
    amount BIGINT NOT NULL,
    bound TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (run, case_id)
);
CREATE INDEX IF NOT EXISTS desk_place_by_case ON desk_place (case_id);

CREATE TABLE IF NOT EXISTS desk_override (
    run BIGINT NOT NULL REFERENCES desk_run (id),
    case_id BIGINT NOT NULL REFERENCES desk_case (id),
    seq BIGINT NOT NULL,
    chosen BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL CHECK (reason <> ''),
    person BIGINT NOT NULL REFERENCES desk_person (id),
    at BIGINT NOT NULL,
    PRIMARY KEY (run, case_id, seq)
);

-- A firm's bank account; it may be paid to once another person has checked it and it has cooled off.
CREATE TABLE IF NOT EXISTS desk_bank (
    id BIGINT PRIMARY KEY DEFAULT next_id('desk_bank'),
    firm TEXT COLLATE "C" NOT NULL,
    holder TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    bank TEXT COLLATE "C" NOT NULL,
    bank_code TEXT COLLATE "C" NOT NULL,
    country TEXT COLLATE "C" NOT NULL,
    person BIGINT NOT NULL REFERENCES desk_person (id),
    at BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS desk_bank_by_firm ON desk_bank (firm);

CREATE TABLE IF NOT EXISTS desk_bank_check (
    bank BIGINT PRIMARY KEY REFERENCES desk_bank (id),
    person BIGINT NOT NULL REFERENCES desk_person (id),
    usable_from BIGINT NOT NULL,
    how TEXT COLLATE "C" NOT NULL CHECK (how <> ''),
    at BIGINT NOT NULL
);

-- One attempt to pay what a case (a milestone, a benefit) has earned. Two persons stand behind it.
CREATE TABLE IF NOT EXISTS desk_payment (
    id BIGINT PRIMARY KEY DEFAULT next_id('desk_payment'),
    case_id BIGINT NOT NULL REFERENCES desk_case (id),
    attempt BIGINT NOT NULL,
    firm TEXT COLLATE "C" NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    currency TEXT COLLATE "C" NOT NULL,
    bank BIGINT NOT NULL REFERENCES desk_bank (id),
    checked_by BIGINT NOT NULL REFERENCES desk_person (id),
    approved_by BIGINT NOT NULL REFERENCES desk_person (id),
    journal BIGINT NOT NULL,
    at BIGINT NOT NULL,
    UNIQUE (case_id, attempt),
    CHECK (checked_by <> approved_by)
);

CREATE TABLE IF NOT EXISTS desk_payment_outcome (
    payment BIGINT NOT NULL REFERENCES desk_payment (id),
    outcome TEXT COLLATE "C" NOT NULL CHECK (outcome IN ('paid', 'returned', 'void')),
    bank_line BIGINT,
    journal BIGINT,
    day BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    person BIGINT NOT NULL REFERENCES desk_person (id),
    at BIGINT NOT NULL,
    PRIMARY KEY (payment, outcome)
);

CREATE TABLE IF NOT EXISTS desk_batch (
    id BIGINT PRIMARY KEY DEFAULT next_id('desk_batch'),
    day BIGINT NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
    total BIGINT NOT NULL CHECK (total > 0),
    payments BIGINT NOT NULL CHECK (payments > 0),
    digest TEXT COLLATE "C" NOT NULL,
    document TEXT COLLATE "C" NOT NULL,
    person BIGINT NOT NULL REFERENCES desk_person (id),
    at BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS desk_batch_line (
    payment BIGINT PRIMARY KEY REFERENCES desk_payment (id),
    batch BIGINT NOT NULL REFERENCES desk_batch (id)
);
CREATE INDEX IF NOT EXISTS desk_batch_line_by_batch ON desk_batch_line (batch);

CREATE TABLE IF NOT EXISTS desk_batch_release (
    batch BIGINT PRIMARY KEY REFERENCES desk_batch (id),
    person BIGINT NOT NULL REFERENCES desk_person (id),
    factor_at BIGINT NOT NULL,  -- when the second factor was given
    at BIGINT NOT NULL
);

-- What the bank says it did, line by line, matched or not.
CREATE TABLE IF NOT EXISTS desk_bank_line (
    id BIGINT PRIMARY KEY DEFAULT next_id('desk_bank_line'),
    bank_reference TEXT COLLATE "C" NOT NULL UNIQUE,
    reference TEXT COLLATE "C" NOT NULL,
    amount BIGINT NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
    day BIGINT NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    statement TEXT COLLATE "C" NOT NULL,
    person BIGINT NOT NULL REFERENCES desk_person (id),
    at BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS desk_debarment (
    id BIGINT PRIMARY KEY DEFAULT next_id('desk_debarment'),
    firm TEXT COLLATE "C" NOT NULL,
    programme TEXT COLLATE "C" NOT NULL,
    first_day BIGINT NOT NULL,
    last_day BIGINT NOT NULL,
    case_id BIGINT NOT NULL REFERENCES desk_case (id),
    reason TEXT COLLATE "C" NOT NULL,
    person BIGINT NOT NULL REFERENCES desk_person (id),
    at BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS desk_debarment_by_firm ON desk_debarment (firm);

CREATE TABLE IF NOT EXISTS desk_debarment_end (
    debarment BIGINT PRIMARY KEY REFERENCES desk_debarment (id),
    case_id BIGINT,
    reason TEXT COLLATE "C" NOT NULL,
    person BIGINT NOT NULL REFERENCES desk_person (id),
    at BIGINT NOT NULL
);

-- Letters: drafts until somebody lets them go.
CREATE TABLE IF NOT EXISTS desk_message (
    id BIGINT PRIMARY KEY DEFAULT next_id('desk_message'),
    case_id BIGINT REFERENCES desk_case (id),
    person BIGINT REFERENCES desk_person (id),
    kind TEXT COLLATE "C" NOT NULL,
    language TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('draft', 'released', 'sent', 'dropped')),
    at BIGINT NOT NULL,
    moved_at BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS desk_message_by_case ON desk_message (case_id);
CREATE INDEX IF NOT EXISTS desk_message_by_person ON desk_message (person, id);

-- A new dated value for a programme, proposed by one person and agreed by another.
CREATE TABLE IF NOT EXISTS desk_proposal (
    id BIGINT PRIMARY KEY DEFAULT next_id('desk_proposal'),
    programme TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    patch TEXT COLLATE "C" NOT NULL,
    before TEXT COLLATE "C" NOT NULL,
    reform TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL CHECK (reason <> ''),
    person BIGINT NOT NULL REFERENCES desk_person (id),
    at BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS desk_proposal_end (
    proposal BIGINT PRIMARY KEY REFERENCES desk_proposal (id),
    outcome TEXT COLLATE "C" NOT NULL CHECK (outcome IN ('agreed', 'refused', 'withdrawn')),
    digest TEXT COLLATE "C" NOT NULL,
    person BIGINT NOT NULL REFERENCES desk_person (id),
    at BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL
);

-- A list's saved search, a person's own.
CREATE TABLE IF NOT EXISTS desk_view (
    id BIGINT PRIMARY KEY DEFAULT next_id('desk_view'),
    person BIGINT NOT NULL REFERENCES desk_person (id),
    page TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    query TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON desk_person TO westlake_app;
GRANT SELECT, INSERT ON desk_case TO westlake_app;
GRANT UPDATE (title, asked, amount, due, state, seq, submitted_at, moved_at) ON desk_case TO westlake_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON desk_answer TO westlake_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON desk_review_draft TO westlake_app;
GRANT SELECT, INSERT, UPDATE ON desk_message TO westlake_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON desk_view TO westlake_app;

-- No hidden transition: a step follows the one before it, and a case stands where its last step left it.
CREATE OR REPLACE FUNCTION desk_step_follows() RETURNS trigger LANGUAGE plpgsql
SET search_path = westlake, pg_temp SET enable_seqscan = off AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM desk_case c
                   WHERE c.id = NEW.case_id AND c.seq + 1 = NEW.seq AND c.state = NEW.came_from) THEN
        RAISE EXCEPTION 'the step does not follow the last one' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER desk_step_follows BEFORE INSERT ON desk_step
FOR EACH ROW EXECUTE FUNCTION desk_step_follows();

CREATE OR REPLACE FUNCTION desk_case_moves() RETURNS trigger LANGUAGE plpgsql
SET search_path = westlake, pg_temp SET enable_seqscan = off AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.seq <> 0 THEN
            RAISE EXCEPTION 'a case begins without steps' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a case stays' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (NEW.id, NEW.number, NEW.kind, NEW.programme, NEW.year, NEW.currency, NEW.firm, NEW.applicant, NEW.opened_at)
       IS DISTINCT FROM (OLD.id, OLD.number, OLD.kind, OLD.programme, OLD.year, OLD.currency, OLD.firm, OLD.applicant,
                         OLD.opened_at)
       OR NEW.parent IS DISTINCT FROM OLD.parent OR NEW.call IS DISTINCT FROM OLD.call
       OR NOT ((NEW.seq = 0 AND OLD.seq = 0 AND NEW.state = OLD.state AND NEW.amount = OLD.amount)
               OR (NEW.seq = OLD.seq + 1 AND EXISTS (
                   SELECT 1 FROM desk_step s WHERE s.case_id = NEW.id AND s.seq = NEW.seq
                   AND s.came_from = OLD.state AND s.went_to = NEW.state))) THEN
        RAISE EXCEPTION 'a case moves by its steps only' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER desk_case_moves BEFORE INSERT OR UPDATE OR DELETE ON desk_case
FOR EACH ROW EXECUTE FUNCTION desk_case_moves();
CREATE OR REPLACE TRIGGER desk_case_stays_whole BEFORE TRUNCATE ON desk_case
FOR EACH STATEMENT EXECUTE FUNCTION append_only();

-- Two persons; and an attempt is made only when the one before it came to nothing.
CREATE OR REPLACE FUNCTION desk_two_persons() RETURNS trigger LANGUAGE plpgsql
SET search_path = westlake, pg_temp SET enable_seqscan = off AS $$
BEGIN
    IF TG_TABLE_NAME = 'desk_bank_check' THEN
        IF EXISTS (SELECT 1 FROM desk_bank b WHERE b.id = NEW.bank AND b.person = NEW.person) THEN
            RAISE EXCEPTION 'two persons' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    ELSIF TG_TABLE_NAME = 'desk_proposal_end' THEN
        IF NEW.outcome = 'agreed' AND EXISTS (SELECT 1 FROM desk_proposal p
                                              WHERE p.id = NEW.proposal AND p.person = NEW.person) THEN
            RAISE EXCEPTION 'two persons' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    ELSIF EXISTS (SELECT 1 FROM desk_batch_line l JOIN desk_payment p ON p.id = l.payment
                  JOIN desk_case c ON c.id = p.case_id
                  WHERE l.batch = NEW.batch AND (NEW.person IN (p.checked_by, p.approved_by) OR EXISTS (
                      SELECT 1 FROM desk_step s WHERE s.case_id IN (c.id, c.parent) AND s.person = NEW.person
                      AND s.role <> 'payer' AND (s.role <> 'system' OR s.data LIKE '%because_of%')))) THEN
        RAISE EXCEPTION 'approved by the same person' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER desk_bank_two_persons BEFORE INSERT ON desk_bank_check
FOR EACH ROW EXECUTE FUNCTION desk_two_persons();
CREATE OR REPLACE TRIGGER desk_proposal_two_persons BEFORE INSERT ON desk_proposal_end
FOR EACH ROW EXECUTE FUNCTION desk_two_persons();
CREATE OR REPLACE TRIGGER desk_batch_three_persons BEFORE INSERT ON desk_batch_release
FOR EACH ROW EXECUTE FUNCTION desk_two_persons();

CREATE OR REPLACE FUNCTION desk_payment_may() RETURNS trigger LANGUAGE plpgsql
SET search_path = westlake, pg_temp SET enable_seqscan = off AS $$
BEGIN
    IF TG_TABLE_NAME = 'desk_payment' THEN
        IF NEW.attempt IS DISTINCT FROM (SELECT count(*) + 1 FROM desk_payment p WHERE p.case_id = NEW.case_id)
           OR EXISTS (SELECT 1 FROM desk_payment p WHERE p.case_id = NEW.case_id
                      AND NOT EXISTS (SELECT 1 FROM desk_payment_outcome o
                                      WHERE o.payment = p.id AND o.outcome <> 'paid')) THEN
            RAISE EXCEPTION 'paid already' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    ELSIF TG_TABLE_NAME = 'desk_payment_outcome' THEN
        IF EXISTS (SELECT 1 FROM desk_payment_outcome o WHERE o.payment = NEW.payment AND o.outcome <> 'paid')
           OR (NEW.outcome = 'void') = EXISTS (
               SELECT 1 FROM desk_batch_line l JOIN desk_batch_release r ON r.batch = l.batch
               WHERE l.payment = NEW.payment) THEN
            RAISE EXCEPTION 'not now' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    ELSIF EXISTS (SELECT 1 FROM desk_batch_release r WHERE r.batch = NEW.batch)
          OR EXISTS (SELECT 1 FROM desk_payment_outcome o WHERE o.payment = NEW.payment) THEN
        RAISE EXCEPTION 'not now' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER desk_payment_once BEFORE INSERT ON desk_payment
FOR EACH ROW EXECUTE FUNCTION desk_payment_may();
CREATE OR REPLACE TRIGGER desk_payment_ends BEFORE INSERT ON desk_payment_outcome
FOR EACH ROW EXECUTE FUNCTION desk_payment_may();
CREATE OR REPLACE TRIGGER desk_batch_line_closed BEFORE INSERT ON desk_batch_line
FOR EACH ROW EXECUTE FUNCTION desk_payment_may();

