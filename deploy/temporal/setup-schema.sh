#!/bin/sh
# Makes Temporal's two databases and brings their schemas to the version of this image. Harmless to repeat.
# The password comes as SQL_PASSWORD, so that no process list shows it.
set -eu

schema_dir=/etc/temporal/schema/postgresql/v12

tool() {
  temporal-sql-tool --plugin postgres12 --ep "$POSTGRES_SEEDS" -p "$DB_PORT" -u "$POSTGRES_USER" "$@"
}

bring_up() {
  tool --db "$1" create
  tool --db "$1" setup-schema -v 0.0
  tool --db "$1" update-schema -d "$schema_dir/$2/versioned"
}

bring_up temporal temporal
bring_up temporal_visibility visibility
