CREATE TABLE "expectations" (
	"number_id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"portfolio_id" text,
	"portfolio_name" text,
	"waba_name" text
);
--> statement-breakpoint
ALTER TABLE "dialog_runs" ADD COLUMN "wrong_account" text;
--> statement-breakpoint
CREATE TABLE "dialog_moments" (
	"dialog_run_id" text NOT NULL,
	"moment" text NOT NULL,
	"tenant_id" text NOT NULL,
	"at_ms" bigint NOT NULL,
	CONSTRAINT "dialog_moments_dialog_run_id_moment_pk" PRIMARY KEY("dialog_run_id","moment")
);
--> statement-breakpoint
ALTER TABLE "dialog_runs" ADD COLUMN "origin" text;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "page_origins" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "page_url" text;
--> statement-breakpoint
CREATE TABLE "webhook_readings" (
	"app_id" text PRIMARY KEY NOT NULL,
	"checked_at_ms" bigint NOT NULL,
	"reading" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "connect_moments" (
	"number_id" text NOT NULL,
	"cycle" integer NOT NULL,
	"attempt" integer NOT NULL,
	"moment" text NOT NULL,
	"tenant_id" text NOT NULL,
	"at_ms" bigint NOT NULL,
	CONSTRAINT "connect_moments_number_id_cycle_attempt_moment_pk" PRIMARY KEY("number_id","cycle","attempt","moment")
);
--> statement-breakpoint
CREATE TABLE "event_secrets" (
	"tenant_id" text PRIMARY KEY NOT NULL,
	"secret_sealed" text NOT NULL,
	"shown_at_ms" bigint,
	"former_sealed" text,
	"former_until_ms" bigint
);
--> statement-breakpoint
CREATE TABLE "number_traffic" (
	"number_id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"connected_at_ms" bigint NOT NULL,
	"due_at_ms" bigint NOT NULL,
	"seen_at_ms" bigint,
	"told_at_ms" bigint
);
--> statement-breakpoint
CREATE INDEX "connect_moments_by_time" ON "connect_moments" USING btree ("at_ms");--> statement-breakpoint
CREATE INDEX "number_traffic_quiet" ON "number_traffic" USING btree ("due_at_ms") WHERE "number_traffic"."seen_at_ms" is null and "number_traffic"."told_at_ms" is null;
--> statement-breakpoint
CREATE INDEX "outbox_by_tenant" ON "outbox" USING btree ("tenant_id","position");--> statement-breakpoint
CREATE INDEX "tenants_by_page_origin" ON "tenants" USING gin ("page_origins");
