-- The desk: people and their roles, calls, cases and what becomes of them, reviews, choices, money on its way.
--
-- Instants are microseconds since 1970 UTC, days day numbers, amounts minor units. What is written stands, but
-- for drafts, a case's place in its workflow (which only a step moves), letters waiting to go, and people's
-- own data, which can be erased. The triggers that refuse UPDATE, DELETE and INSERT OR REPLACE of all other
-- tables are written by westlake.database.sqlite.append_only and run after this file.

CREATE TABLE IF NOT EXISTS desk_person (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE,
    organisation TEXT NOT NULL,
    language TEXT NOT NULL,
    firm TEXT NOT NULL,  -- in the register, when the person speaks for one
    made_at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS desk_person_by_firm ON desk_person (firm);

-- programme: '*' for all; standing_in_for: whose work is taken over, when it is a substitute's.
CREATE TABLE IF NOT EXISTS desk_role (
    id INTEGER PRIMARY KEY,
    person INTEGER NOT NULL REFERENCES desk_person (id),
    role TEXT NOT NULL,
    programme TEXT NOT NULL,
    firm TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    standing_in_for INTEGER REFERENCES desk_person (id),
    given_by INTEGER,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS desk_role_by_person ON desk_role (person);
CREATE INDEX IF NOT EXISTS desk_role_by_firm ON desk_role (firm);
CREATE INDEX IF NOT EXISTS desk_role_by_role ON desk_role (role);

CREATE TABLE IF NOT EXISTS desk_role_end (
    role INTEGER PRIMARY KEY REFERENCES desk_role (id),
    ended_by INTEGER,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS desk_call (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    programme TEXT NOT NULL,
    year INTEGER NOT NULL,
    currency TEXT NOT NULL,
    made_by INTEGER NOT NULL REFERENCES desk_person (id),
    made_at INTEGER NOT NULL
) STRICT;

-- What a call says; the row with the highest number holds. announced: from then on people see it.
CREATE TABLE IF NOT EXISTS desk_call_terms (
    call INTEGER NOT NULL REFERENCES desk_call (id),
    seq INTEGER NOT NULL,
    announced INTEGER NOT NULL,
    opens_at INTEGER NOT NULL,
    closes_at INTEGER NOT NULL,
    corrects_until INTEGER NOT NULL,
    digest TEXT NOT NULL,
    regime TEXT NOT NULL,
    terms TEXT NOT NULL,
    person INTEGER NOT NULL REFERENCES desk_person (id),
    at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (call, seq),
    CHECK (opens_at < closes_at AND closes_at <= corrects_until)
) STRICT;

-- A case: an application, or what follows from one (milestone, appeal, amendment, recovery …). seq: steps so far.
CREATE TABLE IF NOT EXISTS desk_case (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    parent INTEGER REFERENCES desk_case (id),
    call INTEGER REFERENCES desk_call (id),
    programme TEXT NOT NULL,
    year INTEGER NOT NULL,
    currency TEXT NOT NULL,
    firm TEXT NOT NULL,
    applicant INTEGER NOT NULL REFERENCES desk_person (id),
    opened_at INTEGER NOT NULL,
    title TEXT NOT NULL,
    asked INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    due INTEGER,
    state TEXT NOT NULL,
    seq INTEGER NOT NULL,
    submitted_at INTEGER,
    moved_at INTEGER NOT NULL,
    CHECK (asked >= 0 AND amount >= 0)
) STRICT;
CREATE INDEX IF NOT EXISTS desk_case_by_state ON desk_case (kind, state, moved_at);
CREATE INDEX IF NOT EXISTS desk_case_by_call ON desk_case (call, kind, state);
CREATE INDEX IF NOT EXISTS desk_case_by_firm ON desk_case (firm);
CREATE INDEX IF NOT EXISTS desk_case_by_applicant ON desk_case (applicant);
CREATE INDEX IF NOT EXISTS desk_case_by_parent ON desk_case (parent);

CREATE TABLE IF NOT EXISTS desk_step (
    case_id INTEGER NOT NULL REFERENCES desk_case (id),
    seq INTEGER NOT NULL,
    step TEXT NOT NULL,
    came_from TEXT NOT NULL,
    went_to TEXT NOT NULL,
    person INTEGER REFERENCES desk_person (id),
    role TEXT NOT NULL,
    at INTEGER NOT NULL,
    act INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (case_id, seq)
) STRICT;
CREATE INDEX IF NOT EXISTS desk_step_by_person ON desk_step (person, role, case_id);
CREATE INDEX IF NOT EXISTS desk_step_by_step ON desk_step (step);

CREATE TABLE IF NOT EXISTS desk_answer (
    case_id INTEGER NOT NULL REFERENCES desk_case (id),
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    person INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (case_id, field)
) STRICT;

CREATE TABLE IF NOT EXISTS desk_submission (
    case_id INTEGER NOT NULL REFERENCES desk_case (id),
    number INTEGER NOT NULL,
    person INTEGER NOT NULL,
    at INTEGER NOT NULL,
    answers TEXT NOT NULL,
    files TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (case_id, number)
) STRICT;

-- What the office itself found out about a case, beside what the applicant says and the register knows.
CREATE TABLE IF NOT EXISTS desk_fact (
    id INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL REFERENCES desk_case (id),
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    assurance TEXT NOT NULL CHECK (assurance IN ('declared', 'verified', 'audited')),
    source TEXT NOT NULL,
    person INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS desk_fact_by_case ON desk_fact (case_id);

CREATE TABLE IF NOT EXISTS desk_file (
    id INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL REFERENCES desk_case (id),
    field TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    name TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    type TEXT NOT NULL,
    person INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS desk_file_by_case ON desk_file (case_id);

CREATE TABLE IF NOT EXISTS desk_file_gone (
    file INTEGER PRIMARY KEY REFERENCES desk_file (id),
    person INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS desk_decision (
    id INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL REFERENCES desk_case (id),
    day INTEGER NOT NULL,
    digest TEXT NOT NULL REFERENCES programme_version (digest),
    given TEXT NOT NULL,
    origins TEXT NOT NULL,
    eligible INTEGER NOT NULL,
    claim INTEGER NOT NULL,
    entitlement INTEGER NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS desk_decision_by_case ON desk_decision (case_id, id);

-- What was made known to all, and from which day to which day one may object.
CREATE TABLE IF NOT EXISTS desk_notice (
    id INTEGER PRIMARY KEY,
    call INTEGER NOT NULL REFERENCES desk_call (id),
    run INTEGER,
    first_day INTEGER NOT NULL,
    last_day INTEGER NOT NULL,
    cases TEXT NOT NULL,
    person INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS desk_invitation (
    call INTEGER NOT NULL REFERENCES desk_call (id),
    reviewer INTEGER NOT NULL REFERENCES desk_person (id),
    seq INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('invited', 'accepted', 'declined', 'withdrawn')),
    load INTEGER NOT NULL CHECK (load >= 0),
    topics TEXT NOT NULL,
    person INTEGER NOT NULL,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (call, reviewer, seq)
) STRICT;

-- A declared conflict of interest: of a person with a case, or with a firm altogether.
CREATE TABLE IF NOT EXISTS desk_interest (
    id INTEGER PRIMARY KEY,
    reviewer INTEGER NOT NULL REFERENCES desk_person (id),
    case_id INTEGER REFERENCES desk_case (id),
    firm TEXT NOT NULL,
    detail TEXT NOT NULL,
    person INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS desk_interest_by_reviewer ON desk_interest (reviewer);

CREATE TABLE IF NOT EXISTS desk_assignment (
    case_id INTEGER NOT NULL REFERENCES desk_case (id),
    reviewer INTEGER NOT NULL REFERENCES desk_person (id),
    seq INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('assigned', 'started', 'submitted', 'abstained', 'recused', 'withdrawn')),
    run INTEGER,
    person INTEGER NOT NULL,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (case_id, reviewer, seq)
) STRICT;
CREATE INDEX IF NOT EXISTS desk_assignment_by_reviewer ON desk_assignment (reviewer, case_id);

CREATE TABLE IF NOT EXISTS desk_review_draft (
    case_id INTEGER NOT NULL REFERENCES desk_case (id),
    reviewer INTEGER NOT NULL REFERENCES desk_person (id),
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (case_id, reviewer, field)
) STRICT;

-- total: thousandths of a point; a later review of the same reviewer takes the place of the earlier one.
CREATE TABLE IF NOT EXISTS desk_review (
    case_id INTEGER NOT NULL REFERENCES desk_case (id),
    reviewer INTEGER NOT NULL REFERENCES desk_person (id),
    seq INTEGER NOT NULL,
    criteria TEXT NOT NULL,
    total INTEGER NOT NULL,
    confidence INTEGER NOT NULL,
    comment TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (case_id, reviewer, seq)
) STRICT;

-- A computed choice: assignment, ranking, selection, draw; with its seed and its terms, so that it can be repeated.
CREATE TABLE IF NOT EXISTS desk_run (
    id INTEGER PRIMARY KEY,
    call INTEGER NOT NULL REFERENCES desk_call (id),
    kind TEXT NOT NULL CHECK (kind IN ('assignment', 'ranking', 'selection')),
    seed INTEGER NOT NULL,
    terms TEXT NOT NULL,
    result TEXT NOT NULL,
    digest TEXT NOT NULL,
    person INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS desk_run_by_call ON desk_run (call, kind);

-- Where a run put each case; mean and estimate in thousandths of a point.
CREATE TABLE IF NOT EXISTS desk_place (
    run INTEGER NOT NULL REFERENCES desk_run (id),
    case_id INTEGER NOT NULL REFERENCES desk_case (id),
    rank INTEGER NOT NULL,
    mean INTEGER NOT NULL,
    estimate INTEGER NOT NULL,
    rank_low INTEGER NOT NULL,
    rank_high INTEGER NOT NULL,
    chosen INTEGER NOT NULL,
    drawn INTEGER,
    amount INTEGER NOT NULL,
    bound TEXT NOT NULL,
    PRIMARY KEY (run, case_id)
) STRICT;
CREATE INDEX IF NOT EXISTS desk_place_by_case ON desk_place (case_id);

CREATE TABLE IF NOT EXISTS desk_override (
    run INTEGER NOT NULL REFERENCES desk_run (id),
    case_id INTEGER NOT NULL REFERENCES desk_case (id),
    seq INTEGER NOT NULL,
    chosen INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    reason TEXT NOT NULL CHECK (reason <> ''),
    person INTEGER NOT NULL REFERENCES desk_person (id),
    at INTEGER NOT NULL,
    PRIMARY KEY (run, case_id, seq)
) STRICT;

-- A firm's bank account; it may be paid to once another person has checked it and it has cooled off.
CREATE TABLE IF NOT EXISTS desk_bank (
    id INTEGER PRIMARY KEY,
    firm TEXT NOT NULL,
    holder TEXT NOT NULL,
    account TEXT NOT NULL,
    bank TEXT NOT NULL,
    bank_code TEXT NOT NULL,
    country TEXT NOT NULL,
    person INTEGER NOT NULL REFERENCES desk_person (id),
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS desk_bank_by_firm ON desk_bank (firm);

CREATE TABLE IF NOT EXISTS desk_bank_check (
    bank INTEGER PRIMARY KEY REFERENCES desk_bank (id),
    person INTEGER NOT NULL REFERENCES desk_person (id),
    usable_from INTEGER NOT NULL,
    how TEXT NOT NULL CHECK (how <> ''),
    at INTEGER NOT NULL
) STRICT;

-- One attempt to pay what a case (a milestone, a benefit) has earned. Two persons stand behind it.
CREATE TABLE IF NOT EXISTS desk_payment (
    id INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL REFERENCES desk_case (id),
    attempt INTEGER NOT NULL,
    firm TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    bank INTEGER NOT NULL REFERENCES desk_bank (id),
    checked_by INTEGER NOT NULL REFERENCES desk_person (id),
    approved_by INTEGER NOT NULL REFERENCES desk_person (id),
    journal INTEGER NOT NULL,
    at INTEGER NOT NULL,
    UNIQUE (case_id, attempt),
    CHECK (checked_by <> approved_by)
) STRICT;

CREATE TABLE IF NOT EXISTS desk_payment_outcome (
    payment INTEGER NOT NULL REFERENCES desk_payment (id),
    outcome TEXT NOT NULL CHECK (outcome IN ('paid', 'returned', 'void')),
    bank_line INTEGER,
    journal INTEGER,
    day INTEGER NOT NULL,
    reason TEXT NOT NULL,
    person INTEGER NOT NULL REFERENCES desk_person (id),
    at INTEGER NOT NULL,
    PRIMARY KEY (payment, outcome)
) STRICT;

CREATE TABLE IF NOT EXISTS desk_batch (
    id INTEGER PRIMARY KEY,
    day INTEGER NOT NULL,
    currency TEXT NOT NULL,
    total INTEGER NOT NULL CHECK (total > 0),
    payments INTEGER NOT NULL CHECK (payments > 0),
    digest TEXT NOT NULL,
    document TEXT NOT NULL,
    person INTEGER NOT NULL REFERENCES desk_person (id),
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS desk_batch_line (
    payment INTEGER PRIMARY KEY REFERENCES desk_payment (id),
    batch INTEGER NOT NULL REFERENCES desk_batch (id)
) STRICT;
CREATE INDEX IF NOT EXISTS desk_batch_line_by_batch ON desk_batch_line (batch);

CREATE TABLE IF NOT EXISTS desk_batch_release (
    batch INTEGER PRIMARY KEY REFERENCES desk_batch (id),
    person INTEGER NOT NULL REFERENCES desk_person (id),
    factor_at INTEGER NOT NULL,  -- when the second factor was given
    at INTEGER NOT NULL
) STRICT;

-- What the bank says it did, line by line, matched or not.
CREATE TABLE IF NOT EXISTS desk_bank_line (
    id INTEGER PRIMARY KEY,
    bank_reference TEXT NOT NULL UNIQUE,
    reference TEXT NOT NULL,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    day INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    statement TEXT NOT NULL,
    person INTEGER NOT NULL REFERENCES desk_person (id),
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS desk_debarment (
    id INTEGER PRIMARY KEY,
    firm TEXT NOT NULL,
    programme TEXT NOT NULL,
    first_day INTEGER NOT NULL,
    last_day INTEGER NOT NULL,
    case_id INTEGER NOT NULL REFERENCES desk_case (id),
    reason TEXT NOT NULL,
    person INTEGER NOT NULL REFERENCES desk_person (id),
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS desk_debarment_by_firm ON desk_debarment (firm);

CREATE TABLE IF NOT EXISTS desk_debarment_end (
    debarment INTEGER PRIMARY KEY REFERENCES desk_debarment (id),
    case_id INTEGER,
    reason TEXT NOT NULL,
    person INTEGER NOT NULL REFERENCES desk_person (id),
    at INTEGER NOT NULL
) STRICT;

-- Letters: drafts until somebody lets them go.
CREATE TABLE IF NOT EXISTS desk_message (
    id INTEGER PRIMARY KEY,
    case_id INTEGER REFERENCES desk_case (id),
    person INTEGER REFERENCES desk_person (id),
    kind TEXT NOT NULL,
    language TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'released', 'sent', 'dropped')),
    at INTEGER NOT NULL,
    moved_at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS desk_message_by_case ON desk_message (case_id);
CREATE INDEX IF NOT EXISTS desk_message_by_person ON desk_message (person, id);

-- A new dated value for a programme, proposed by one person and agreed by another.
CREATE TABLE IF NOT EXISTS desk_proposal (
    id INTEGER PRIMARY KEY,
    programme TEXT NOT NULL,
    value TEXT NOT NULL,
    patch TEXT NOT NULL,
    before TEXT NOT NULL,
    reform TEXT NOT NULL,
    reason TEXT NOT NULL CHECK (reason <> ''),
    person INTEGER NOT NULL REFERENCES desk_person (id),
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS desk_proposal_end (
    proposal INTEGER PRIMARY KEY REFERENCES desk_proposal (id),
    outcome TEXT NOT NULL CHECK (outcome IN ('agreed', 'refused', 'withdrawn')),
    digest TEXT NOT NULL,
    person INTEGER NOT NULL REFERENCES desk_person (id),
    at INTEGER NOT NULL,
    reason TEXT NOT NULL
) STRICT;

-- A list's saved search, a person's own.
CREATE TABLE IF NOT EXISTS desk_view (
    id INTEGER PRIMARY KEY,
    person INTEGER NOT NULL REFERENCES desk_person (id),
    page TEXT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

-- No hidden transition: a step follows the one before it, and a case stands where its last step left it.
CREATE TRIGGER IF NOT EXISTS desk_step_follows BEFORE INSERT ON desk_step
WHEN NOT EXISTS (SELECT 1 FROM desk_case c WHERE c.id = NEW.case_id AND c.seq + 1 = NEW.seq AND c.state = NEW.came_from)
BEGIN SELECT RAISE(ABORT, 'the step does not follow the last one'); END;

CREATE TRIGGER IF NOT EXISTS desk_case_moves BEFORE UPDATE ON desk_case
WHEN NEW.id <> OLD.id OR NEW.number <> OLD.number OR NEW.kind <> OLD.kind OR NEW.parent IS NOT OLD.parent
  OR NEW.call IS NOT OLD.call OR NEW.programme <> OLD.programme OR NEW.year <> OLD.year
  OR NEW.currency <> OLD.currency OR NEW.firm <> OLD.firm OR NEW.applicant <> OLD.applicant
  OR NEW.opened_at <> OLD.opened_at
  OR NOT ((NEW.seq = 0 AND OLD.seq = 0 AND NEW.state = OLD.state AND NEW.amount = OLD.amount)
          OR (NEW.seq = OLD.seq + 1 AND EXISTS (SELECT 1 FROM desk_step s WHERE s.case_id = NEW.id
              AND s.seq = NEW.seq AND s.came_from = OLD.state AND s.went_to = NEW.state)))
BEGIN SELECT RAISE(ABORT, 'a case moves by its steps only'); END;

CREATE TRIGGER IF NOT EXISTS desk_case_starts BEFORE INSERT ON desk_case
WHEN NEW.seq <> 0 OR EXISTS (SELECT 1 FROM desk_case c WHERE c.id = NEW.id OR c.number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'a case begins without steps'); END;

CREATE TRIGGER IF NOT EXISTS desk_case_stays BEFORE DELETE ON desk_case
BEGIN SELECT RAISE(ABORT, 'a case stays'); END;

-- Two persons; and an attempt is made only when the one before it came to nothing.
CREATE TRIGGER IF NOT EXISTS desk_bank_two_persons BEFORE INSERT ON desk_bank_check
WHEN EXISTS (SELECT 1 FROM desk_bank b WHERE b.id = NEW.bank AND b.person = NEW.person)
BEGIN SELECT RAISE(ABORT, 'two persons'); END;

CREATE TRIGGER IF NOT EXISTS desk_proposal_two_persons BEFORE INSERT ON desk_proposal_end
WHEN NEW.outcome = 'agreed' AND EXISTS (SELECT 1 FROM desk_proposal p WHERE p.id = NEW.proposal AND p.person = NEW.person)
BEGIN SELECT RAISE(ABORT, 'two persons'); END;

CREATE TRIGGER IF NOT EXISTS desk_payment_once BEFORE INSERT ON desk_payment
WHEN NEW.attempt IS NOT (SELECT count(*) + 1 FROM desk_payment p WHERE p.case_id = NEW.case_id)
  OR EXISTS (SELECT 1 FROM desk_payment p WHERE p.case_id = NEW.case_id
             AND NOT EXISTS (SELECT 1 FROM desk_payment_outcome o WHERE o.payment = p.id AND o.outcome <> 'paid'))
BEGIN SELECT RAISE(ABORT, 'paid already'); END;

CREATE TRIGGER IF NOT EXISTS desk_payment_ends BEFORE INSERT ON desk_payment_outcome
WHEN EXISTS (SELECT 1 FROM desk_payment_outcome o WHERE o.payment = NEW.payment AND o.outcome <> 'paid')
  OR (NEW.outcome <> 'void' AND NOT EXISTS (SELECT 1 FROM desk_batch_line l JOIN desk_batch_release r ON r.batch = l.batch
                                            WHERE l.payment = NEW.payment))
  OR (NEW.outcome = 'void' AND EXISTS (SELECT 1 FROM desk_batch_line l JOIN desk_batch_release r ON r.batch = l.batch
                                       WHERE l.payment = NEW.payment))
BEGIN SELECT RAISE(ABORT, 'not now'); END;

CREATE TRIGGER IF NOT EXISTS desk_batch_three_persons BEFORE INSERT ON desk_batch_release
WHEN EXISTS (SELECT 1 FROM desk_batch_line l JOIN desk_payment p ON p.id = l.payment
             JOIN desk_case c ON c.id = p.case_id
             WHERE l.batch = NEW.batch AND (NEW.person IN (p.checked_by, p.approved_by) OR EXISTS (
                 SELECT 1 FROM desk_step s WHERE s.case_id IN (c.id, c.parent) AND s.person = NEW.person
                 AND s.role <> 'payer' AND (s.role <> 'system' OR s.data LIKE '%because_of%'))))
BEGIN SELECT RAISE(ABORT, 'approved by the same person'); END;

CREATE TRIGGER IF NOT EXISTS desk_batch_line_closed BEFORE INSERT ON desk_batch_line
WHEN EXISTS (SELECT 1 FROM desk_batch_release r WHERE r.batch = NEW.batch)
  OR EXISTS (SELECT 1 FROM desk_payment_outcome o WHERE o.payment = NEW.payment)
BEGIN SELECT RAISE(ABORT, 'not now'); END;
