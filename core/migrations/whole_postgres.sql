-- What the migrations do to an empty database. Written by `python -m core.store.recording`.
CREATE TABLE IF NOT EXISTS "tortoise_migrations" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "app" VARCHAR(255) NOT NULL,
    "name" VARCHAR(255) NOT NULL,
    "applied_at" TIMESTAMPTZ NOT NULL,
    CONSTRAINT "uid_tortoise_mi_app_3803a5" UNIQUE ("app", "name")
);

-- 0001_first
CREATE TABLE "agent_group" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(100) NOT NULL UNIQUE
);
CREATE TABLE "bucket" (
    "name" VARCHAR(50) NOT NULL  PRIMARY KEY,
    "tokens" DOUBLE PRECISION NOT NULL,
    "at" BIGINT NOT NULL
);
CREATE TABLE "call_class" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(100) NOT NULL UNIQUE
);
CREATE TABLE "desk" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(200) NOT NULL,
    "region" VARCHAR(2) NOT NULL,
    "timezone" VARCHAR(64) NOT NULL,
    "key_check" TEXT NOT NULL
);
CREATE TABLE "engine" (
    "holder" VARCHAR(64) NOT NULL  PRIMARY KEY,
    "host" VARCHAR(255) NOT NULL,
    "pid" INT NOT NULL,
    "version" VARCHAR(40) NOT NULL,
    "started_at" BIGINT NOT NULL,
    "sessions" INT NOT NULL
);
CREATE TABLE "gateway" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(100) NOT NULL UNIQUE,
    "dialect" VARCHAR(100) NOT NULL,
    "overrides" JSONB NOT NULL
);
CREATE TABLE "journal" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "at" BIGINT NOT NULL,
    "actor" VARCHAR(64) NOT NULL,
    "verb" VARCHAR(40) NOT NULL,
    "kind" VARCHAR(20) NOT NULL,
    "thing_id" BIGINT,
    "text" TEXT NOT NULL
);
CREATE INDEX "idx_journal_kind_8bdc36" ON "journal" ("kind", "thing_id");
CREATE INDEX "idx_journal_at_b08ef9" ON "journal" ("at");
CREATE TABLE "lease" (
    "name" VARCHAR(100) NOT NULL  PRIMARY KEY,
    "holder" VARCHAR(64) NOT NULL,
    "until" BIGINT NOT NULL
);
CREATE TABLE "opt_out" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "address" VARCHAR(320) NOT NULL,
    "channel" VARCHAR(10) NOT NULL,
    "at" BIGINT NOT NULL,
    "source" VARCHAR(200) NOT NULL,
    "mail_id" BIGINT,
    "ended_at" BIGINT,
    "ended_by" VARCHAR(200) NOT NULL
);
CREATE INDEX "idx_opt_out_address_c59f64" ON "opt_out" ("address", "channel");
COMMENT ON COLUMN "opt_out"."channel" IS 'SMS: sms\nEMAIL: email';
CREATE TABLE "outcome" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(100) NOT NULL UNIQUE,
    "contact" BOOL NOT NULL
);
CREATE TABLE "outgoing_server" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "host" VARCHAR(255) NOT NULL,
    "port" INT NOT NULL,
    "security" VARCHAR(10) NOT NULL,
    "user" VARCHAR(255) NOT NULL,
    "secret" TEXT NOT NULL,
    "password_command" TEXT NOT NULL,
    "token_command" TEXT NOT NULL,
    "ca_file" TEXT NOT NULL,
    "connections" INT NOT NULL,
    "rate_per_minute" INT NOT NULL,
    "health" VARCHAR(10) NOT NULL,
    "error" TEXT NOT NULL,
    "error_at" BIGINT
);
COMMENT ON COLUMN "outgoing_server"."security" IS 'NONE: none\nSTARTTLS: starttls\nTLS: tls';
COMMENT ON COLUMN "outgoing_server"."health" IS 'OFF: off\nWAITING: waiting\nOK: ok\nBROKEN: broken';
CREATE TABLE "person" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "login" VARCHAR(64) NOT NULL UNIQUE,
    "name" VARCHAR(200) NOT NULL,
    "role" VARCHAR(20) NOT NULL
);
COMMENT ON COLUMN "person"."role" IS 'AGENT: agent\nSUPERVISOR: supervisor\nADMINISTRATOR: administrator';
CREATE TABLE "person_group" (
    "person_id" INT NOT NULL REFERENCES "person" ("id") ON DELETE CASCADE,
    "agentgroup_id" INT NOT NULL REFERENCES "agent_group" ("id") ON DELETE CASCADE
);
CREATE UNIQUE INDEX "uidx_person_grou_person__265fd1" ON "person_group" ("person_id", "agentgroup_id");
CREATE TABLE "queue" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(100) NOT NULL UNIQUE,
    "service_percent" INT NOT NULL,
    "service_seconds" INT NOT NULL,
    "offer_seconds" INT NOT NULL
);
CREATE TABLE "queue_group" (
    "queue_id" INT NOT NULL REFERENCES "queue" ("id") ON DELETE CASCADE,
    "agentgroup_id" INT NOT NULL REFERENCES "agent_group" ("id") ON DELETE CASCADE
);
CREATE UNIQUE INDEX "uidx_queue_group_queue_i_66badb" ON "queue_group" ("queue_id", "agentgroup_id");
CREATE TABLE "account" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "kind" VARCHAR(10) NOT NULL,
    "address" VARCHAR(255) NOT NULL UNIQUE,
    "description" VARCHAR(255) NOT NULL,
    "enabled" BOOL NOT NULL,
    "receipt_reply" TEXT NOT NULL,
    "debug" BOOL NOT NULL,
    "user" VARCHAR(255) NOT NULL,
    "secret" TEXT NOT NULL,
    "password_command" TEXT NOT NULL,
    "token_command" TEXT NOT NULL,
    "imap_host" VARCHAR(255) NOT NULL,
    "imap_port" INT NOT NULL,
    "imap_security" VARCHAR(10) NOT NULL,
    "imap_ca_file" TEXT NOT NULL,
    "imap_folder" VARCHAR(255) NOT NULL,
    "after_fetch" VARCHAR(255) NOT NULL,
    "poll_seconds" INT NOT NULL,
    "size_limit" INT NOT NULL,
    "gateway_id" INT REFERENCES "gateway" ("id") ON DELETE RESTRICT,
    "inbound_class_id" INT REFERENCES "call_class" ("id") ON DELETE RESTRICT,
    "outbound_class_id" INT REFERENCES "call_class" ("id") ON DELETE RESTRICT,
    "queue_id" INT NOT NULL REFERENCES "queue" ("id") ON DELETE RESTRICT
);
COMMENT ON COLUMN "account"."kind" IS 'SMS: sms\nEMAIL: email';
COMMENT ON COLUMN "account"."imap_security" IS 'NONE: none\nSTARTTLS: starttls\nTLS: tls';
CREATE TABLE "contact" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "channel" VARCHAR(10) NOT NULL,
    "address" VARCHAR(320) NOT NULL,
    "name" VARCHAR(200) NOT NULL,
    "state" VARCHAR(10) NOT NULL,
    "priority" INT NOT NULL,
    "subject" VARCHAR(400) NOT NULL,
    "preview" VARCHAR(200) NOT NULL,
    "message_count" INT NOT NULL,
    "received_at" BIGINT NOT NULL,
    "queued_at" BIGINT,
    "opened_at" BIGINT,
    "answered_at" BIGINT,
    "last_in_at" BIGINT,
    "closed_at" BIGINT,
    "outcome" VARCHAR(100) NOT NULL,
    "account_id" INT NOT NULL REFERENCES "account" ("id") ON DELETE RESTRICT,
    "agent_id" INT REFERENCES "person" ("id") ON DELETE RESTRICT,
    "call_class_id" INT REFERENCES "call_class" ("id") ON DELETE SET NULL,
    "queue_id" INT REFERENCES "queue" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_contact_account_160558" ON "contact" ("account_id", "address");
CREATE INDEX "idx_contact_agent_i_bfafe0" ON "contact" ("agent_id", "state");
COMMENT ON COLUMN "contact"."channel" IS 'SMS: sms\nEMAIL: email';
COMMENT ON COLUMN "contact"."state" IS 'NEW: new\nQUEUED: queued\nOFFERED: offered\nOPEN: open\nHELD: held\nWRAP_UP: wrap-up\nCLOSED: closed';
CREATE TABLE "mail" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "uidvalidity" BIGINT NOT NULL,
    "uid" BIGINT NOT NULL,
    "outcome" VARCHAR(12) NOT NULL,
    "reason" TEXT NOT NULL,
    "fingerprint" VARCHAR(64) NOT NULL,
    "letter_id" TEXT NOT NULL,
    "size" BIGINT NOT NULL,
    "complete" BOOL NOT NULL,
    "arrived_at" BIGINT NOT NULL,
    "taken_at" BIGINT NOT NULL,
    "acknowledged" BOOL NOT NULL,
    "gone" BOOL NOT NULL,
    "account_id" INT NOT NULL REFERENCES "account" ("id") ON DELETE CASCADE,
    "contact_id" BIGINT REFERENCES "contact" ("id") ON DELETE SET NULL,
    CONSTRAINT "uid_mail_account_b644d7" UNIQUE ("account_id", "uidvalidity", "uid")
);
CREATE INDEX "idx_mail_account_202d32" ON "mail" ("account_id", "fingerprint");
CREATE INDEX "idx_mail_account_542b11" ON "mail" ("account_id", "gone", "outcome");
COMMENT ON COLUMN "mail"."outcome" IS 'CONTACT: contact\nJOINED: joined\nRECEIPT: receipt\nBOUNCE: bounce\nAUTO_REPLY: auto-reply\nOWN_LOOP: own-loop\nOVER_BUDGET: over-budget\nDUPLICATE: duplicate\nCONSENT: consent\nQUARANTINE: quarantine';
CREATE TABLE "mailbox" (
    "health" VARCHAR(10) NOT NULL,
    "error" TEXT NOT NULL,
    "error_at" BIGINT,
    "failures" INT NOT NULL,
    "retry_at" BIGINT,
    "uidvalidity" BIGINT NOT NULL,
    "on_server" INT NOT NULL,
    "unfetched" INT NOT NULL,
    "oldest_unfetched_at" BIGINT,
    "last_poll_at" BIGINT,
    "idle_since" BIGINT,
    "account_id" INT NOT NULL  PRIMARY KEY REFERENCES "account" ("id") ON DELETE CASCADE
);
COMMENT ON COLUMN "mailbox"."health" IS 'OFF: off\nWAITING: waiting\nOK: ok\nBROKEN: broken';
CREATE TABLE "message" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "direction" VARCHAR(3) NOT NULL,
    "channel" VARCHAR(10) NOT NULL,
    "address" VARCHAR(320) NOT NULL,
    "name" VARCHAR(200) NOT NULL,
    "recipients" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "quoted" TEXT NOT NULL,
    "parts" INT NOT NULL,
    "letter_id" TEXT NOT NULL,
    "in_reply_to" TEXT NOT NULL,
    "reference_ids" TEXT NOT NULL,
    "automatic" BOOL NOT NULL,
    "marks" TEXT NOT NULL,
    "files" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "account_id" INT NOT NULL REFERENCES "account" ("id") ON DELETE RESTRICT,
    "author_id" INT REFERENCES "person" ("id") ON DELETE RESTRICT,
    "contact_id" BIGINT REFERENCES "contact" ("id") ON DELETE RESTRICT,
    "mail_id" BIGINT REFERENCES "mail" ("id") ON DELETE SET NULL
);
CREATE INDEX "idx_message_contact_a594e0" ON "message" ("contact_id", "at");
CREATE INDEX "idx_message_account_ad0d78" ON "message" ("account_id", "address", "at");
COMMENT ON COLUMN "message"."direction" IS 'IN: in\nOUT: out';
COMMENT ON COLUMN "message"."channel" IS 'SMS: sms\nEMAIL: email';
CREATE TABLE "note" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "text" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "author_id" INT REFERENCES "person" ("id") ON DELETE SET NULL,
    "contact_id" BIGINT NOT NULL REFERENCES "contact" ("id") ON DELETE CASCADE
);
CREATE TABLE "outbox" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "purpose" VARCHAR(20) NOT NULL,
    "lane" SMALLINT NOT NULL,
    "state" VARCHAR(10) NOT NULL,
    "due_at" BIGINT NOT NULL,
    "attempts" INT NOT NULL,
    "first_try_at" BIGINT,
    "claimed_by" VARCHAR(64) NOT NULL,
    "sender" VARCHAR(320) NOT NULL,
    "recipients" TEXT NOT NULL,
    "address" VARCHAR(320) NOT NULL,
    "letter_id" VARCHAR(255) NOT NULL UNIQUE,
    "code" INT NOT NULL,
    "reply" TEXT NOT NULL,
    "created_at" BIGINT NOT NULL,
    "sent_at" BIGINT,
    "delivery" VARCHAR(10) NOT NULL,
    "delivery_reason" TEXT NOT NULL,
    "delivered_at" BIGINT,
    "account_id" INT NOT NULL REFERENCES "account" ("id") ON DELETE RESTRICT,
    "message_id" BIGINT NOT NULL UNIQUE REFERENCES "message" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_outbox_address_a5e647" ON "outbox" ("address", "created_at");
COMMENT ON COLUMN "outbox"."purpose" IS 'REPLY: reply\nFORWARD: forward\nRECEIPT_REPLY: receipt reply\nCONSENT: consent confirmation\nROUTING: routing reply\nEVENT: dialler event\nBROADCAST: broadcast\nCHECK: test message';
COMMENT ON COLUMN "outbox"."state" IS 'QUEUED: queued\nSENDING: sending\nSENT: sent\nFAILED: failed\nUNKNOWN: unknown\nCANCELLED: cancelled\nSUPPRESSED: suppressed';
CREATE TABLE "letter" (
    "content" BYTEA NOT NULL,
    "outbox_id" BIGINT NOT NULL  PRIMARY KEY REFERENCES "outbox" ("id") ON DELETE CASCADE
);
CREATE TABLE "raw_mail" (
    "content" BYTEA NOT NULL,
    "mail_id" BIGINT NOT NULL  PRIMARY KEY REFERENCES "mail" ("id") ON DELETE CASCADE
);
CREATE UNIQUE INDEX contact_unclosed ON contact (account_id, address) WHERE state <> 'closed';
CREATE INDEX contact_waiting ON contact (queue_id, priority DESC, received_at, id) WHERE state = 'queued';
CREATE INDEX contact_new ON contact (id) WHERE state = 'new';
CREATE INDEX outbox_due ON outbox (lane, due_at, id) WHERE state = 'queued';
CREATE INDEX outbox_unsettled ON outbox (state) WHERE state <> 'sent';
CREATE INDEX outbox_in_hand ON outbox (claimed_by) WHERE claimed_by <> '';
CREATE UNIQUE INDEX opt_out_active ON opt_out (address, channel) WHERE ended_at IS NULL;
CREATE INDEX mail_unacknowledged ON mail (account_id, uid) WHERE acknowledged = FALSE;
INSERT INTO "tortoise_migrations" ("app", "name", "applied_at") VALUES ('postroom', '0001_first', now());

-- 0002_unsent_drafts
CREATE TABLE "unsent_draft" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "text" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "cc" TEXT NOT NULL,
    "files" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "contact_id" BIGINT NOT NULL REFERENCES "contact" ("id") ON DELETE CASCADE,
    "person_id" INT NOT NULL REFERENCES "person" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_unsent_draf_contact_10739c" UNIQUE ("contact_id", "person_id")
);
CREATE INDEX contact_received ON contact (received_at);
INSERT INTO "tortoise_migrations" ("app", "name", "applied_at") VALUES ('postroom', '0002_unsent_drafts', now());

-- 0003_held_contacts
ALTER TABLE "contact" ADD COLUMN "held_until" BIGINT;
ALTER TABLE "contact" ADD COLUMN "held_after" BIGINT;
CREATE INDEX contact_held ON contact (held_until) WHERE state = 'held';
CREATE TABLE "typed_draft" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "seat" VARCHAR(32) NOT NULL,
    "version" BIGINT NOT NULL,
    "text" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "cc" TEXT NOT NULL,
    "files" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "contact_id" BIGINT NOT NULL REFERENCES "contact" ("id") ON DELETE CASCADE,
    "person_id" INT NOT NULL REFERENCES "person" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_typed_draft_contact_3533d1" UNIQUE ("contact_id", "person_id", "seat")
);
INSERT INTO typed_draft (contact_id, person_id, seat, version, text, subject, cc, files, at) SELECT contact_id, person_id, '', 0, text, subject, cc, files, at FROM unsent_draft;
DROP TABLE "unsent_draft" CASCADE;
INSERT INTO "tortoise_migrations" ("app", "name", "applied_at") VALUES ('postroom', '0003_held_contacts', now());

-- 0004_routing_scripts
CREATE TABLE "calendar" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(100) NOT NULL UNIQUE,
    "timezone" VARCHAR(64) NOT NULL,
    "open" TEXT NOT NULL,
    "closed" TEXT NOT NULL
);
CREATE TABLE "script" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(100) NOT NULL UNIQUE,
    "description" VARCHAR(255) NOT NULL,
    "active" INT,
    "created_at" BIGINT NOT NULL
);
CREATE TABLE "script_version" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "number" INT NOT NULL,
    "source" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "remark" VARCHAR(255) NOT NULL,
    "locked" BOOL NOT NULL,
    "author_id" INT REFERENCES "person" ("id") ON DELETE SET NULL,
    "script_id" INT NOT NULL REFERENCES "script" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_script_vers_script__228337" UNIQUE ("script_id", "number")
);
CREATE TABLE "script_run" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "event" VARCHAR(10) NOT NULL,
    "at" BIGINT NOT NULL,
    "facts" BYTEA NOT NULL,
    "decision" TEXT NOT NULL,
    "trace" TEXT NOT NULL,
    "error" TEXT NOT NULL,
    "line" INT NOT NULL,
    "took" INT NOT NULL,
    "contact_id" BIGINT NOT NULL REFERENCES "contact" ("id") ON DELETE CASCADE,
    "version_id" INT REFERENCES "script_version" ("id") ON DELETE SET NULL
);
CREATE INDEX "idx_script_run_contact_4b86ba" ON "script_run" ("contact_id");
CREATE INDEX "idx_script_run_version_2e996e" ON "script_run" ("version_id", "at");
CREATE INDEX "idx_script_run_at_0582b4" ON "script_run" ("at");
COMMENT ON COLUMN "script_run"."event" IS 'ROUTE: route\nWAITED: waited';
CREATE TABLE "template" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(100) NOT NULL UNIQUE,
    "channel" VARCHAR(10) NOT NULL,
    "subject" TEXT NOT NULL,
    "body" TEXT NOT NULL
);
COMMENT ON COLUMN "template"."channel" IS 'SMS: sms\nEMAIL: email';
CREATE TABLE "variable" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(100) NOT NULL UNIQUE,
    "value" TEXT NOT NULL
);
ALTER TABLE "account" ADD COLUMN "script_id" INT REFERENCES "script" ("id") ON DELETE RESTRICT;
ALTER TABLE "account" ADD COLUMN "script_settings" TEXT NOT NULL DEFAULT '{}';
ALTER TABLE "contact" ADD COLUMN "for_agent_id" INT REFERENCES "person" ("id") ON DELETE SET NULL;
ALTER TABLE "contact" ADD COLUMN "routing_error" TEXT NOT NULL DEFAULT '';
ALTER TABLE "contact" ADD COLUMN "skills" TEXT NOT NULL DEFAULT '[]';
ALTER TABLE "contact" ADD COLUMN "tags" TEXT NOT NULL DEFAULT '[]';
ALTER TABLE "contact" ADD COLUMN "timeout_at" BIGINT;
CREATE INDEX contact_timeout ON contact (timeout_at) WHERE state = 'queued' AND timeout_at IS NOT NULL;
CREATE INDEX contact_meant ON contact (for_agent_id) WHERE state = 'queued' AND for_agent_id IS NOT NULL;
CREATE INDEX contact_closed ON contact (address, closed_at) WHERE state = 'closed';
INSERT INTO "tortoise_migrations" ("app", "name", "applied_at") VALUES ('postroom', '0004_routing_scripts', now());

-- 0005_queues_at_a_glance
CREATE INDEX contact_waits ON contact (queue_id, received_at, state) WHERE state = 'queued';
DROP INDEX contact_waiting;
CREATE INDEX contact_waiting ON contact (queue_id, priority DESC, received_at, id, state) WHERE state = 'queued';
CREATE INDEX contact_came ON contact (queue_id, received_at);
CREATE INDEX contact_answered ON contact (answered_at, queue_id, received_at) WHERE answered_at IS NOT NULL;
INSERT INTO "tortoise_migrations" ("app", "name", "applied_at") VALUES ('postroom', '0005_queues_at_a_glance', now());

-- 0006_failed_runs
CREATE INDEX script_run_failed ON script_run (version_id, at) WHERE error <> '';
INSERT INTO "tortoise_migrations" ("app", "name", "applied_at") VALUES ('postroom', '0006_failed_runs', now());

-- 0007_people_and_distribution
CREATE TABLE "agent" (
    "state" VARCHAR(12) NOT NULL,
    "reason" VARCHAR(100) NOT NULL,
    "since" BIGINT NOT NULL,
    "idle_since" BIGINT NOT NULL,
    "missed" INT NOT NULL,
    "seat" VARCHAR(32) NOT NULL,
    "seen_at" BIGINT,
    "person_id" INT NOT NULL  PRIMARY KEY REFERENCES "person" ("id") ON DELETE CASCADE
);
COMMENT ON COLUMN "agent"."state" IS 'SIGNED_OUT: signed out\nREADY: ready\nNOT_READY: not ready';
CREATE TABLE "canned_reply" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "word" VARCHAR(40) NOT NULL UNIQUE,
    "channel" VARCHAR(10) NOT NULL,
    "text" TEXT NOT NULL
);
CREATE TABLE "event" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "at" BIGINT NOT NULL,
    "verb" VARCHAR(20) NOT NULL,
    "state" VARCHAR(12) NOT NULL,
    "contact_id" BIGINT,
    "person_id" INT,
    "queue_id" INT,
    "account_id" INT,
    "class_id" INT,
    "channel" VARCHAR(10) NOT NULL,
    "waited" BIGINT,
    "in_time" BOOL,
    "text" VARCHAR(100) NOT NULL,
    "folded" BOOL NOT NULL
);
CREATE INDEX "idx_event_contact_2b2e98" ON "event" ("contact_id", "id");
CREATE INDEX "idx_event_at_626eca" ON "event" ("at");
CREATE TABLE "not_ready_reason" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(100) NOT NULL UNIQUE
);
CREATE TABLE "person_skill" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "skill" VARCHAR(64) NOT NULL,
    "level" INT NOT NULL,
    "person_id" INT NOT NULL REFERENCES "person" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_person_skil_person__0d4909" UNIQUE ("person_id", "skill")
);
CREATE TABLE "tally" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "quarter" BIGINT NOT NULL,
    "queue_id" INT NOT NULL,
    "person_id" INT NOT NULL,
    "account_id" INT NOT NULL,
    "class_id" INT NOT NULL,
    "channel" VARCHAR(10) NOT NULL,
    "arrived" INT NOT NULL,
    "entered" INT NOT NULL,
    "offered" INT NOT NULL,
    "missed" INT NOT NULL,
    "refused" INT NOT NULL,
    "taken" INT NOT NULL,
    "answered" INT NOT NULL,
    "in_time" INT NOT NULL,
    "replies" INT NOT NULL,
    "transferred" INT NOT NULL,
    "returned" INT NOT NULL,
    "handled" INT NOT NULL,
    "closed" INT NOT NULL,
    "unserved" INT NOT NULL,
    "waited" BIGINT NOT NULL,
    "longest" BIGINT NOT NULL,
    "open_time" BIGINT NOT NULL,
    "held_time" BIGINT NOT NULL,
    "wrap_time" BIGINT NOT NULL,
    CONSTRAINT "uid_tally_quarter_991770" UNIQUE ("quarter", "queue_id", "person_id", "account_id", "class_id", "channel")
);
ALTER TABLE "contact" ADD COLUMN "merged_into" BIGINT;
ALTER TABLE "contact" ADD COLUMN "offered_until" BIGINT;
ALTER TABLE "contact" ADD COLUMN "passed_by" INT;
ALTER TABLE "contact" ADD COLUMN "wrap_until" BIGINT;
ALTER TABLE "desk" ADD COLUMN "grace_seconds" INT NOT NULL DEFAULT 120;
ALTER TABLE "desk" ADD COLUMN "missed_offers" INT NOT NULL DEFAULT 3;
ALTER TABLE "note" ADD COLUMN "answered_at" BIGINT;
ALTER TABLE "note" ADD COLUMN "for_person_id" INT REFERENCES "person" ("id") ON DELETE SET NULL;
ALTER TABLE "note" ADD COLUMN "kind" VARCHAR(10) NOT NULL DEFAULT 'note';
ALTER TABLE "person" ADD COLUMN "auto_accept" BOOL NOT NULL DEFAULT FALSE;
ALTER TABLE "person" ADD COLUMN "capacity_email" INT NOT NULL DEFAULT 5;
ALTER TABLE "person" ADD COLUMN "capacity_sms" INT NOT NULL DEFAULT 3;
ALTER TABLE "person" ADD COLUMN "password" VARCHAR(255) NOT NULL DEFAULT '';
ALTER TABLE "queue" ADD COLUMN "last_agent_seconds" INT NOT NULL DEFAULT 86400;
ALTER TABLE "queue" ADD COLUMN "sharing" VARCHAR(20) NOT NULL DEFAULT 'longest idle';
ALTER TABLE "queue" ADD COLUMN "wrap_up_seconds" INT NOT NULL DEFAULT 0;
CREATE INDEX contact_lane ON contact (queue_id, channel, skills, priority DESC, received_at, id) WHERE state = 'queued';
CREATE INDEX contact_offered ON contact (offered_until) WHERE state = 'offered';
CREATE INDEX contact_wrapped ON contact (wrap_until) WHERE state = 'wrap-up';
CREATE INDEX event_unfolded ON event (id) WHERE folded = FALSE;
CREATE INDEX event_agent ON event (person_id, id) WHERE contact_id IS NULL;
INSERT INTO "tortoise_migrations" ("app", "name", "applied_at") VALUES ('postroom', '0007_people_and_distribution', now());

-- 0008_in_hand
CREATE INDEX contact_in_hand ON contact (agent_id, state, channel, id) WHERE agent_id IS NOT NULL AND state <> 'closed';
CREATE INDEX note_for ON note (for_person_id) WHERE for_person_id IS NOT NULL;
INSERT INTO "tortoise_migrations" ("app", "name", "applied_at") VALUES ('postroom', '0008_in_hand', now());

-- 0009_campaigns
CREATE TABLE "campaign" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(100) NOT NULL UNIQUE,
    "quiet_hours" VARCHAR(11) NOT NULL,
    "region" VARCHAR(2) NOT NULL,
    "most_messages" INT NOT NULL,
    "per_days" INT NOT NULL,
    "words" TEXT NOT NULL,
    "results_folder" VARCHAR(1024) NOT NULL,
    "email_account_id" INT REFERENCES "account" ("id") ON DELETE RESTRICT,
    "first_try_email_id" INT REFERENCES "template" ("id") ON DELETE RESTRICT,
    "first_try_sms_id" INT REFERENCES "template" ("id") ON DELETE RESTRICT,
    "no_contact_email_id" INT REFERENCES "template" ("id") ON DELETE RESTRICT,
    "no_contact_sms_id" INT REFERENCES "template" ("id") ON DELETE RESTRICT,
    "sms_account_id" INT REFERENCES "account" ("id") ON DELETE RESTRICT
);
CREATE TABLE "broadcast" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(100) NOT NULL,
    "state" VARCHAR(10) NOT NULL,
    "channel" VARCHAR(10) NOT NULL,
    "audience" TEXT NOT NULL,
    "template" VARCHAR(100) NOT NULL,
    "subject" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "when_missing" VARCHAR(200),
    "rate_per_minute" INT NOT NULL,
    "brake_percent" INT NOT NULL,
    "brake_sent" INT NOT NULL,
    "brake_failed" INT NOT NULL,
    "starts_at" BIGINT,
    "late_minutes" INT NOT NULL,
    "digest" VARCHAR(64) NOT NULL,
    "planned" INT NOT NULL,
    "excluded" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "by" VARCHAR(64) NOT NULL,
    "approved_by" VARCHAR(64) NOT NULL,
    "created_at" BIGINT NOT NULL,
    "started_at" BIGINT,
    "ended_at" BIGINT,
    "account_id" INT NOT NULL REFERENCES "account" ("id") ON DELETE RESTRICT,
    "campaign_id" INT REFERENCES "campaign" ("id") ON DELETE SET NULL
);
COMMENT ON COLUMN "broadcast"."state" IS 'PLANNED: planned\nSCHEDULED: scheduled\nRUNNING: running\nPAUSED: paused\nDONE: done\nCANCELLED: cancelled';
COMMENT ON COLUMN "broadcast"."channel" IS 'SMS: sms\nEMAIL: email';
CREATE TABLE "customer_list" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(100) NOT NULL UNIQUE,
    "own_fields" TEXT NOT NULL,
    "mapping" TEXT NOT NULL,
    "campaign_id" INT REFERENCES "campaign" ("id") ON DELETE RESTRICT
);
CREATE TABLE "customer" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "reference" VARCHAR(100) NOT NULL,
    "name" VARCHAR(200) NOT NULL,
    "number" VARCHAR(32) NOT NULL,
    "number_as_written" VARCHAR(64) NOT NULL,
    "email" VARCHAR(320) NOT NULL,
    "zone" VARCHAR(64) NOT NULL,
    "status" VARCHAR(12) NOT NULL,
    "callback_at" BIGINT,
    "handed_until" BIGINT,
    "tries" INT NOT NULL,
    "tried_at" BIGINT,
    "outcome" VARCHAR(100) NOT NULL,
    "own_fields" TEXT NOT NULL,
    "created_at" BIGINT NOT NULL,
    "changed_at" BIGINT NOT NULL,
    "callback_for_id" INT REFERENCES "person" ("id") ON DELETE SET NULL,
    "handed_to_id" INT REFERENCES "person" ("id") ON DELETE SET NULL,
    "list_id" INT NOT NULL REFERENCES "customer_list" ("id") ON DELETE CASCADE,
    "owner_id" INT REFERENCES "person" ("id") ON DELETE SET NULL,
    CONSTRAINT "uid_customer_list_id_c07cad" UNIQUE ("list_id", "reference")
);
CREATE INDEX "idx_customer_list_id_d49fa6" ON "customer" ("list_id", "status", "id");
COMMENT ON COLUMN "customer"."status" IS 'UNUSED: unused\nCALLBACK: callback\nIN_PROGRESS: in progress\nCONTACTED: contacted\nTERMINATED: terminated';
CREATE TABLE "attempt" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "at" BIGINT NOT NULL,
    "outcome" VARCHAR(100) NOT NULL,
    "contact" BOOL NOT NULL,
    "terminated" BOOL NOT NULL,
    "source" VARCHAR(255) NOT NULL,
    "key" VARCHAR(255)  UNIQUE,
    "note" TEXT NOT NULL,
    "campaign_id" INT NOT NULL REFERENCES "campaign" ("id") ON DELETE CASCADE,
    "customer_id" BIGINT NOT NULL REFERENCES "customer" ("id") ON DELETE CASCADE,
    "person_id" INT REFERENCES "person" ("id") ON DELETE SET NULL
);
CREATE INDEX "idx_attempt_custome_a09b54" ON "attempt" ("customer_id", "id");
CREATE TABLE "do_not_contact" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "channel" VARCHAR(10) NOT NULL,
    "address" VARCHAR(320) NOT NULL,
    "source" VARCHAR(255) NOT NULL,
    "at" BIGINT NOT NULL,
    "campaign_id" INT REFERENCES "campaign" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_do_not_cont_address_0d9085" ON "do_not_contact" ("address", "channel");
COMMENT ON COLUMN "do_not_contact"."channel" IS 'SMS: sms\nEMAIL: email';
CREATE TABLE "event_letter" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "event" VARCHAR(10) NOT NULL,
    "channel" VARCHAR(10) NOT NULL,
    "reason" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "campaign_id" INT NOT NULL REFERENCES "campaign" ("id") ON DELETE CASCADE,
    "customer_id" BIGINT NOT NULL REFERENCES "customer" ("id") ON DELETE CASCADE,
    "message_id" BIGINT REFERENCES "message" ("id") ON DELETE SET NULL,
    CONSTRAINT "uid_event_lette_custome_4aaa74" UNIQUE ("customer_id", "campaign_id", "event", "channel")
);
CREATE INDEX "idx_event_lette_message_fbbfd8" ON "event_letter" ("message_id");
COMMENT ON COLUMN "event_letter"."event" IS 'FIRST_TRY: first try\nNO_CONTACT: no contact';
COMMENT ON COLUMN "event_letter"."channel" IS 'SMS: sms\nEMAIL: email';
CREATE TABLE "recipient" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "address" VARCHAR(320) NOT NULL,
    "zone" VARCHAR(64) NOT NULL,
    "state" VARCHAR(10) NOT NULL,
    "due_at" BIGINT,
    "reason" TEXT NOT NULL,
    "parts" SMALLINT NOT NULL,
    "broadcast_id" INT NOT NULL REFERENCES "broadcast" ("id") ON DELETE CASCADE,
    "customer_id" BIGINT REFERENCES "customer" ("id") ON DELETE SET NULL,
    "message_id" BIGINT REFERENCES "message" ("id") ON DELETE SET NULL,
    CONSTRAINT "uid_recipient_broadca_a67565" UNIQUE ("broadcast_id", "address")
);
CREATE INDEX "idx_recipient_broadca_d62aa4" ON "recipient" ("broadcast_id", "state", "id");
CREATE INDEX "idx_recipient_message_c3fcbb" ON "recipient" ("message_id");
CREATE INDEX "idx_recipient_custome_4bf6b1" ON "recipient" ("customer_id");
COMMENT ON COLUMN "recipient"."state" IS 'WAITING: waiting\nQUEUED: queued\nSENT: sent\nFAILED: failed\nUNKNOWN: unknown\nSUPPRESSED: suppressed\nCANCELLED: cancelled';
CREATE TABLE "template_version" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "number" INT NOT NULL,
    "subject" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "author" VARCHAR(64) NOT NULL,
    "at" BIGINT NOT NULL,
    "template_id" INT NOT NULL REFERENCES "template" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_template_ve_templat_9ca406" UNIQUE ("template_id", "number")
);
ALTER TABLE "template" ADD COLUMN "when_missing" VARCHAR(200);
CREATE INDEX customer_number ON customer (number) WHERE number <> '';
CREATE INDEX customer_email ON customer (email) WHERE email <> '';
CREATE INDEX customer_callback ON customer (callback_at) WHERE status = 'callback';
CREATE INDEX customer_in_hand ON customer (handed_until) WHERE handed_until IS NOT NULL;
CREATE UNIQUE INDEX do_not_contact_once ON do_not_contact (COALESCE(campaign_id, 0), channel, address);
CREATE INDEX broadcast_open ON broadcast (state) WHERE state IN ('scheduled', 'running', 'paused');
CREATE INDEX recipient_waiting ON recipient (broadcast_id, due_at, id) WHERE state = 'waiting';
INSERT INTO "tortoise_migrations" ("app", "name", "applied_at") VALUES ('postroom', '0009_campaigns', now());

-- 0010_send_hours
ALTER TABLE "broadcast" ADD COLUMN "html" TEXT NOT NULL DEFAULT '';
ALTER TABLE "template_version" ADD COLUMN "html" TEXT NOT NULL DEFAULT '';
ALTER TABLE "template" ADD COLUMN "html" TEXT NOT NULL DEFAULT '';
ALTER TABLE "broadcast" ADD COLUMN "send_hours" VARCHAR(200) NOT NULL DEFAULT '';
CREATE TABLE event_letter_aside AS SELECT * FROM event_letter;
DROP TABLE "event_letter" CASCADE;
CREATE TABLE "event_letter" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "event" VARCHAR(10) NOT NULL,
    "channel" VARCHAR(10) NOT NULL,
    "reason" TEXT NOT NULL,
    "zone" VARCHAR(64) NOT NULL,
    "at" BIGINT NOT NULL,
    "campaign_id" INT NOT NULL REFERENCES "campaign" ("id") ON DELETE CASCADE,
    "customer_id" BIGINT REFERENCES "customer" ("id") ON DELETE SET NULL,
    "message_id" BIGINT REFERENCES "message" ("id") ON DELETE SET NULL,
    CONSTRAINT "uid_event_lette_custome_4aaa74" UNIQUE ("customer_id", "campaign_id", "event", "channel")
);
CREATE INDEX "idx_event_lette_message_fbbfd8" ON "event_letter" ("message_id");
COMMENT ON COLUMN "event_letter"."event" IS 'FIRST_TRY: first try\nNO_CONTACT: no contact';
COMMENT ON COLUMN "event_letter"."channel" IS 'SMS: sms\nEMAIL: email';
INSERT INTO event_letter (customer_id, campaign_id, event, channel, message_id, reason, zone, at) SELECT e.customer_id, e.campaign_id, e.event, e.channel, e.message_id, e.reason, c.zone, e.at FROM event_letter_aside e JOIN customer c ON c.id = e.customer_id ORDER BY e.id;
DROP TABLE event_letter_aside;
INSERT INTO "tortoise_migrations" ("app", "name", "applied_at") VALUES ('postroom', '0010_send_hours', now());
