CREATE TABLE "alerts" (
	"position" bigserial PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"detail" text NOT NULL,
	"count" integer NOT NULL,
	"first_at_ms" bigint NOT NULL,
	"last_at_ms" bigint NOT NULL,
	"closed_at_ms" bigint
);
--> statement-breakpoint
CREATE TABLE "audit" (
	"position" bigserial PRIMARY KEY NOT NULL,
	"at_ms" bigint NOT NULL,
	"key_id" text NOT NULL,
	"role" text NOT NULL,
	"tenant_id" text,
	"number_id" text,
	"act" text NOT NULL,
	"given" text NOT NULL,
	"reason" text,
	"command_id" text
);
--> statement-breakpoint
CREATE TABLE "accounts" (
	"tenant_id" text NOT NULL,
	"waba_id" text NOT NULL,
	"name" text,
	"time_zone_id" text,
	"currency" text,
	"portfolio_id" text,
	"portfolio_name" text,
	"review_status" text,
	"checked_at_ms" bigint NOT NULL,
	CONSTRAINT "accounts_tenant_id_waba_id_pk" PRIMARY KEY("tenant_id","waba_id")
);
--> statement-breakpoint
CREATE TABLE "attempt_candidates" (
	"number_id" text NOT NULL,
	"cycle" integer NOT NULL,
	"attempt" integer NOT NULL,
	"phone_number_id" text NOT NULL,
	"tenant_id" text NOT NULL,
	"waba_id" text NOT NULL,
	"digits" text NOT NULL,
	"verified_name" text,
	"is_on_biz_app" boolean NOT NULL,
	CONSTRAINT "attempt_candidates_number_id_cycle_attempt_phone_number_id_pk" PRIMARY KEY("number_id","cycle","attempt","phone_number_id")
);
--> statement-breakpoint
CREATE TABLE "grants" (
	"number_id" text NOT NULL,
	"cycle" integer NOT NULL,
	"attempt" integer NOT NULL,
	"scope" text NOT NULL,
	"tenant_id" text NOT NULL,
	"targets" integer NOT NULL,
	"granted_at_ms" bigint NOT NULL,
	CONSTRAINT "grants_number_id_cycle_attempt_scope_pk" PRIMARY KEY("number_id","cycle","attempt","scope")
);
--> statement-breakpoint
CREATE TABLE "content_keys" (
	"tenant_id" text PRIMARY KEY NOT NULL,
	"sealed" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "imported_content" (
	"number_id" text NOT NULL,
	"kind" text NOT NULL,
	"content_key" text NOT NULL,
	"also_key" text,
	"tenant_id" text NOT NULL,
	"cycle" integer NOT NULL,
	"position" bigserial NOT NULL,
	"at_ms" bigint NOT NULL,
	"received_at_ms" bigint NOT NULL,
	"is_historical" boolean NOT NULL,
	"is_removed" boolean NOT NULL,
	"sealed" text,
	"expires_at_ms" bigint NOT NULL,
	CONSTRAINT "imported_content_number_id_kind_content_key_pk" PRIMARY KEY("number_id","kind","content_key")
);
--> statement-breakpoint
CREATE TABLE "consents" (
	"position" bigserial PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"subject" text NOT NULL,
	"kind" text NOT NULL,
	"version" integer NOT NULL,
	"text" text NOT NULL,
	"text_digest" text NOT NULL,
	"person" text NOT NULL,
	"at_ms" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "eligibility_checks" (
	"check_id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"phone_number" text,
	"created_at_ms" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "eligibility_of_numbers" (
	"number_id" text PRIMARY KEY NOT NULL,
	"check_id" text NOT NULL,
	"tenant_id" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "eligibility_overrides" (
	"position" bigserial PRIMARY KEY NOT NULL,
	"tenant_id" text,
	"rule_id" text NOT NULL,
	"version" integer NOT NULL,
	"override" text NOT NULL,
	"by" text NOT NULL,
	"at_ms" bigint NOT NULL,
	CONSTRAINT "eligibility_overrides_once" UNIQUE NULLS NOT DISTINCT("tenant_id","rule_id","version")
);
--> statement-breakpoint
CREATE TABLE "eligibility_refusals" (
	"rule_id" text NOT NULL,
	"rule_version" integer NOT NULL,
	"number_id" text NOT NULL,
	"check_id" text NOT NULL,
	"tenant_id" text NOT NULL,
	"failure_code" text NOT NULL,
	"refusals" integer NOT NULL,
	"last_at_ms" bigint NOT NULL,
	CONSTRAINT "eligibility_refusals_rule_id_rule_version_number_id_pk" PRIMARY KEY("rule_id","rule_version","number_id")
);
--> statement-breakpoint
CREATE TABLE "eligibility_verdicts" (
	"check_id" text NOT NULL,
	"ordinal" integer NOT NULL,
	"tenant_id" text NOT NULL,
	"at_ms" bigint NOT NULL,
	"cause" text NOT NULL,
	"answers" text NOT NULL,
	"verdict" text NOT NULL,
	"come_back_at_ms" bigint,
	"reasons" text NOT NULL,
	CONSTRAINT "eligibility_verdicts_check_id_ordinal_pk" PRIMARY KEY("check_id","ordinal")
);
--> statement-breakpoint
CREATE TABLE "quota_limits" (
	"kind" text PRIMARY KEY NOT NULL,
	"limit" integer NOT NULL,
	"reason" text NOT NULL,
	"set_at_ms" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "quota_slots" (
	"number_id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"asked_at_ms" bigint NOT NULL,
	"promised_at_ms" bigint,
	"granted_at_ms" bigint,
	"used_at_ms" bigint,
	"released_at_ms" bigint,
	"is_told_late" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
ALTER TABLE "api_keys" ALTER COLUMN "tenant_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "credentials" ADD COLUMN "exchange_run" text;--> statement-breakpoint
ALTER TABLE "dialog_runs" ADD COLUMN "disclosure_version" integer;--> statement-breakpoint
ALTER TABLE "dialog_runs" ADD COLUMN "disclosure_by" text;--> statement-breakpoint
ALTER TABLE "dialog_runs" ADD COLUMN "abandoned_step" text;--> statement-breakpoint
ALTER TABLE "dialog_runs" ADD COLUMN "abandoned_at_ms" bigint;--> statement-breakpoint
ALTER TABLE "dialog_runs" ADD COLUMN "error_failure" text;--> statement-breakpoint
ALTER TABLE "dialog_runs" ADD COLUMN "error_meta_code" text;--> statement-breakpoint
ALTER TABLE "dialog_runs" ADD COLUMN "error_reference" text;--> statement-breakpoint
ALTER TABLE "dialog_runs" ADD COLUMN "error_at_ms" bigint;--> statement-breakpoint
ALTER TABLE "dialog_runs" ADD COLUMN "drifted_at_ms" bigint;--> statement-breakpoint
ALTER TABLE "dialog_runs" ADD COLUMN "nudged_at_ms" bigint;--> statement-breakpoint
ALTER TABLE "sync_chunks" ADD COLUMN "messages" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sync_chunks" ADD COLUMN "progress" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sync_ledger" ADD COLUMN "removed" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sync_ledger" ADD COLUMN "media" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sync_ledger" ADD COLUMN "groups" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sync_ledger" ADD COLUMN "dropped" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "role" text DEFAULT 'backend' NOT NULL;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "revoked_at_ms" bigint;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "is_entitled" boolean;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "may_import" boolean DEFAULT true NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "alerts_one_open" ON "alerts" USING btree ("kind","subject") WHERE "alerts"."closed_at_ms" is null;--> statement-breakpoint
CREATE INDEX "alerts_open" ON "alerts" USING btree ("position") WHERE "alerts"."closed_at_ms" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "audit_once" ON "audit" USING btree ("number_id","command_id");--> statement-breakpoint
CREATE INDEX "audit_by_tenant" ON "audit" USING btree ("tenant_id","position");--> statement-breakpoint
CREATE UNIQUE INDEX "imported_content_by_position" ON "imported_content" USING btree ("number_id","kind","position");--> statement-breakpoint
CREATE INDEX "imported_content_by_second_id" ON "imported_content" USING btree ("number_id","also_key") WHERE "imported_content"."also_key" is not null;--> statement-breakpoint
CREATE INDEX "imported_content_by_expiry" ON "imported_content" USING btree ("expires_at_ms");--> statement-breakpoint
CREATE UNIQUE INDEX "consents_once" ON "consents" USING btree ("subject","kind","version","text_digest","person");--> statement-breakpoint
CREATE INDEX "consents_by_tenant" ON "consents" USING btree ("tenant_id","position");--> statement-breakpoint
CREATE INDEX "eligibility_checks_by_tenant" ON "eligibility_checks" USING btree ("tenant_id","check_id");--> statement-breakpoint
CREATE INDEX "eligibility_refusals_of_late" ON "eligibility_refusals" USING btree ("rule_id","rule_version","last_at_ms" desc);--> statement-breakpoint
CREATE INDEX "quota_slots_waiting" ON "quota_slots" USING btree ("asked_at_ms") WHERE "quota_slots"."granted_at_ms" is null and "quota_slots"."released_at_ms" is null;--> statement-breakpoint
CREATE INDEX "quota_slots_used" ON "quota_slots" USING btree ("used_at_ms");--> statement-breakpoint
CREATE INDEX "quota_slots_held" ON "quota_slots" USING btree ("number_id") WHERE "quota_slots"."granted_at_ms" is not null and "quota_slots"."used_at_ms" is null and "quota_slots"."released_at_ms" is null;--> statement-breakpoint
CREATE INDEX "number_facts_handed_over" ON "number_facts" USING btree ("fact_id") WHERE "number_facts"."fact_id" like 'handover/%';--> statement-breakpoint
CREATE INDEX "dialog_runs_by_tenant" ON "dialog_runs" USING btree ("tenant_id","opened_at_ms");--> statement-breakpoint
CREATE INDEX "dialog_runs_drifted" ON "dialog_runs" USING btree ("drifted_at_ms") WHERE "dialog_runs"."drifted_at_ms" is not null;--> statement-breakpoint
CREATE INDEX "dialog_runs_without_end" ON "dialog_runs" USING btree ("opened_at_ms") WHERE "dialog_runs"."nudged_at_ms" is null and "dialog_runs"."code_received_at_ms" is null
        and "dialog_runs"."ending" is null and "dialog_runs"."error_at_ms" is null;--> statement-breakpoint
UPDATE "tenants" SET "is_entitled" = true; -- whoever was served before stays served
--> statement-breakpoint
-- Numbers from before the quota: an open onboarding holds a slot, a connection used one at its own time. One whose seven
-- days are over counts no more, and its row keeps a later cycle from using another.
INSERT INTO "quota_slots" ("number_id", "tenant_id", "asked_at_ms", "granted_at_ms", "used_at_ms")
SELECT "numbers"."number_id", "numbers"."tenant_id", "created_at_ms", "created_at_ms", "first_at_ms"
FROM "numbers" LEFT JOIN (
  SELECT "number_id", min("connected_at_ms") AS "first_at_ms" FROM "cycles" GROUP BY "number_id"
) AS "first" ON "first"."number_id" = "numbers"."number_id"
WHERE "first_at_ms" IS NOT NULL OR ("connection" <> 'closed' AND "link_cycle" IS NULL)
ON CONFLICT DO NOTHING;
