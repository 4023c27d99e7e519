CREATE TABLE "number_facts" (
	"position" bigserial PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"number_id" text NOT NULL,
	"fact_id" text NOT NULL,
	"envelope" text NOT NULL,
	"not_before_ms" bigint DEFAULT 0 NOT NULL,
	"outcome" text,
	"dispatched_at_ms" bigint
);
--> statement-breakpoint
CREATE TABLE "unrouted_facts" (
	"position" bigserial PRIMARY KEY NOT NULL,
	"tenant_id" text,
	"fact_id" text NOT NULL,
	"waba_id" text,
	"phone_number_id" text,
	"digits" text,
	"occurred_at_ms" bigint NOT NULL,
	"is_untimed" boolean NOT NULL,
	"received_at_ms" bigint NOT NULL,
	"news" text NOT NULL,
	"claimed_by" text,
	"claimed_cycle" integer,
	"claimed_attempt" integer,
	"envelope" text
);
--> statement-breakpoint
CREATE TABLE "webhook_deliveries" (
	"position" bigserial PRIMARY KEY NOT NULL,
	"delivery_key" text NOT NULL,
	"tenant_id" text,
	"body" "bytea",
	"received_at_ms" bigint NOT NULL,
	"not_before_ms" bigint DEFAULT 0 NOT NULL,
	"is_processed" boolean DEFAULT false NOT NULL,
	"repeats" integer DEFAULT 0 NOT NULL,
	"postponements" integer DEFAULT 0 NOT NULL,
	"reason" text,
	"unknown_count" integer DEFAULT 0 NOT NULL,
	"stray_count" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "app_activity" (
	"number_id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"any_at_ms" bigint,
	"evidence" text,
	"wants_evidence" boolean DEFAULT false NOT NULL,
	"wants_chunk" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE TABLE "cycles" (
	"number_id" text NOT NULL,
	"cycle" integer NOT NULL,
	"tenant_id" text NOT NULL,
	"opened_at_ms" bigint NOT NULL,
	"connected_at_ms" bigint,
	"ended_at_ms" bigint,
	"end_reason" text,
	CONSTRAINT "cycles_number_id_cycle_pk" PRIMARY KEY("number_id","cycle")
);
--> statement-breakpoint
CREATE TABLE "numbers" (
	"number_id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"phone_number" text,
	"invited_digits" text,
	"digits" text,
	"reference" text,
	"created_at_ms" bigint NOT NULL,
	"updated_at_ms" bigint NOT NULL,
	"started_at_ms" bigint,
	"snapshot" text NOT NULL,
	"connection" text NOT NULL,
	"link_state" text NOT NULL,
	"credential_state" text NOT NULL,
	"cycle" integer NOT NULL,
	"link_cycle" integer,
	"waba_id" text,
	"phone_number_id" text,
	"attempt_waba_id" text,
	"former_ids" text[] NOT NULL,
	"next_deadline_kind" text,
	"next_deadline_at_ms" bigint,
	"run_id" text,
	"sequence" integer NOT NULL,
	"superseded_run_ids" text[] NOT NULL
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"position" bigserial PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"number_id" text NOT NULL,
	"dedupe_key" text NOT NULL,
	"kind" text NOT NULL,
	"payload" text NOT NULL,
	"due_at_ms" bigint NOT NULL,
	"delivered_at_ms" bigint
);
--> statement-breakpoint
CREATE TABLE "timeline" (
	"position" bigserial PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"number_id" text NOT NULL,
	"cycle" integer NOT NULL,
	"run_id" text NOT NULL,
	"sequence" integer NOT NULL,
	"line_index" integer NOT NULL,
	"at_ms" bigint NOT NULL,
	"row" text NOT NULL,
	"key" text NOT NULL,
	"params" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "attempt_findings" (
	"number_id" text NOT NULL,
	"cycle" integer NOT NULL,
	"attempt" integer NOT NULL,
	"tenant_id" text NOT NULL,
	"waba_id" text NOT NULL,
	"phone_number_id" text NOT NULL,
	"digits" text NOT NULL,
	"verified_name" text,
	CONSTRAINT "attempt_findings_number_id_cycle_attempt_pk" PRIMARY KEY("number_id","cycle","attempt")
);
--> statement-breakpoint
CREATE TABLE "claims" (
	"kind" text NOT NULL,
	"value" text NOT NULL,
	"tenant_id" text NOT NULL,
	"number_id" text NOT NULL,
	"waba_id" text NOT NULL,
	"cycle" integer NOT NULL,
	"attempt" integer NOT NULL,
	"is_linked" boolean NOT NULL,
	CONSTRAINT "claims_kind_value_pk" PRIMARY KEY("kind","value")
);
--> statement-breakpoint
CREATE TABLE "credentials" (
	"number_id" text NOT NULL,
	"cycle" integer NOT NULL,
	"attempt" integer NOT NULL,
	"tenant_id" text NOT NULL,
	"state" text NOT NULL,
	"exchange_intents" integer DEFAULT 0 NOT NULL,
	"intended_at_ms" bigint,
	"token_sealed" text,
	"expires_at_ms" bigint,
	CONSTRAINT "credentials_number_id_cycle_attempt_pk" PRIMARY KEY("number_id","cycle","attempt")
);
--> statement-breakpoint
CREATE TABLE "dialog_runs" (
	"dialog_run_id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"number_id" text NOT NULL,
	"cycle" integer NOT NULL,
	"attempt" integer NOT NULL,
	"opened_at_ms" bigint NOT NULL,
	"expires_at_ms" bigint NOT NULL,
	"code_sealed" text,
	"code_digest" text,
	"code_received_at_ms" bigint,
	"ending" text,
	"result_waba_id" text,
	"result_received_at_ms" bigint,
	"is_result_posted" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sync_chunks" (
	"number_id" text NOT NULL,
	"cycle" integer NOT NULL,
	"digest" text NOT NULL,
	"tenant_id" text NOT NULL,
	"phase" integer NOT NULL,
	"chunk_order" integer NOT NULL,
	"received_at_ms" bigint NOT NULL,
	CONSTRAINT "sync_chunks_number_id_cycle_digest_pk" PRIMARY KEY("number_id","cycle","digest")
);
--> statement-breakpoint
CREATE TABLE "sync_ledger" (
	"number_id" text NOT NULL,
	"cycle" integer NOT NULL,
	"type" text NOT NULL,
	"tenant_id" text NOT NULL,
	"first_at_ms" bigint NOT NULL,
	"last_at_ms" bigint NOT NULL,
	"chunks" integer NOT NULL,
	"counted" integer NOT NULL,
	"progress" integer NOT NULL,
	"has_seen_full" boolean NOT NULL,
	"phases" integer[] NOT NULL,
	CONSTRAINT "sync_ledger_number_id_cycle_type_pk" PRIMARY KEY("number_id","cycle","type")
);
--> statement-breakpoint
CREATE TABLE "sync_requests" (
	"number_id" text NOT NULL,
	"cycle" integer NOT NULL,
	"type" text NOT NULL,
	"ask" integer NOT NULL,
	"tenant_id" text NOT NULL,
	"intended_at_ms" bigint NOT NULL,
	"outcome" text,
	"request_id" text,
	CONSTRAINT "sync_requests_number_id_cycle_type_ask_pk" PRIMARY KEY("number_id","cycle","type","ask")
);
--> statement-breakpoint
CREATE TABLE "api_keys" (
	"key_hash" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"tenant_id" text NOT NULL,
	"key" text NOT NULL,
	"digest" text NOT NULL,
	"resource_id" text NOT NULL,
	"begun_at_ms" bigint NOT NULL,
	"status" integer,
	"body" text,
	CONSTRAINT "idempotency_keys_tenant_id_key_pk" PRIMARY KEY("tenant_id","key")
);
--> statement-breakpoint
CREATE TABLE "tenants" (
	"tenant_id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX "number_facts_once" ON "number_facts" USING btree ("number_id","fact_id");--> statement-breakpoint
CREATE INDEX "number_facts_waiting" ON "number_facts" USING btree ("number_id","position") WHERE "number_facts"."outcome" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "unrouted_facts_once" ON "unrouted_facts" USING btree ("fact_id");--> statement-breakpoint
CREATE INDEX "unrouted_facts_by_waba" ON "unrouted_facts" USING btree ("waba_id");--> statement-breakpoint
CREATE INDEX "unrouted_facts_by_phone_number_id" ON "unrouted_facts" USING btree ("phone_number_id");--> statement-breakpoint
CREATE INDEX "unrouted_facts_by_digits" ON "unrouted_facts" USING btree ("digits");--> statement-breakpoint
CREATE INDEX "unrouted_facts_by_claim" ON "unrouted_facts" USING btree ("claimed_by","claimed_cycle","claimed_attempt");--> statement-breakpoint
CREATE UNIQUE INDEX "webhook_deliveries_once" ON "webhook_deliveries" USING btree ("delivery_key");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_unprocessed" ON "webhook_deliveries" USING btree ("position") WHERE not "webhook_deliveries"."is_processed";--> statement-breakpoint
CREATE INDEX "numbers_by_tenant" ON "numbers" USING btree ("tenant_id","number_id");--> statement-breakpoint
CREATE INDEX "numbers_open" ON "numbers" USING btree ("number_id") WHERE "numbers"."connection" <> 'closed';--> statement-breakpoint
CREATE INDEX "numbers_unstarted" ON "numbers" USING btree ("created_at_ms","number_id") WHERE "numbers"."started_at_ms" is null;--> statement-breakpoint
CREATE INDEX "numbers_by_waba" ON "numbers" USING btree ("waba_id");--> statement-breakpoint
CREATE INDEX "numbers_by_attempt_waba" ON "numbers" USING btree ("attempt_waba_id");--> statement-breakpoint
CREATE INDEX "numbers_by_phone_number_id" ON "numbers" USING btree ("phone_number_id");--> statement-breakpoint
CREATE INDEX "numbers_by_digits" ON "numbers" USING btree ("digits");--> statement-breakpoint
CREATE INDEX "numbers_by_former_ids" ON "numbers" USING gin ("former_ids");--> statement-breakpoint
CREATE UNIQUE INDEX "outbox_once" ON "outbox" USING btree ("dedupe_key");--> statement-breakpoint
CREATE INDEX "outbox_undelivered" ON "outbox" USING btree ("position") WHERE "outbox"."delivered_at_ms" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "timeline_once" ON "timeline" USING btree ("number_id","run_id","sequence","line_index");--> statement-breakpoint
CREATE INDEX "timeline_by_number" ON "timeline" USING btree ("number_id","position");--> statement-breakpoint
CREATE INDEX "claims_by_number" ON "claims" USING btree ("number_id");--> statement-breakpoint
CREATE INDEX "claims_by_waba" ON "claims" USING btree ("waba_id");--> statement-breakpoint
CREATE UNIQUE INDEX "credentials_one_current" ON "credentials" USING btree ("number_id") WHERE "credentials"."state" = 'current';--> statement-breakpoint
CREATE INDEX "dialog_runs_by_attempt" ON "dialog_runs" USING btree ("number_id","cycle","attempt");--> statement-breakpoint
CREATE INDEX "dialog_runs_without_code" ON "dialog_runs" USING btree ("result_received_at_ms") WHERE "dialog_runs"."code_received_at_ms" is null and not "dialog_runs"."is_result_posted";--> statement-breakpoint
CREATE INDEX "api_keys_by_tenant" ON "api_keys" USING btree ("tenant_id");