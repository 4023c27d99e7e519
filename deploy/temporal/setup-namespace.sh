#!/bin/sh
# Registers the namespace and the search attributes that Tandem writes. Harmless to repeat.
# TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE are read by the temporal command itself.
set -eu

attempts_left=30
until temporal operator cluster health >/dev/null 2>&1; do
  attempts_left=$((attempts_left - 1))
  if [ "$attempts_left" -le 0 ]; then
    echo "Temporal at $TEMPORAL_ADDRESS is not healthy after a minute" >&2
    exit 1
  fi
  sleep 2
done

if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
  temporal operator namespace update --namespace "$TEMPORAL_NAMESPACE" --retention 30d
else
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 30d
fi

known=$(temporal operator search-attribute list --namespace "$TEMPORAL_NAMESPACE")
ensure_attribute() {
  if ! echo "$known" | grep -qw "$1"; then
    temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" --name "$1" --type "$2"
  fi
}

ensure_attribute TandemState Keyword
ensure_attribute TandemTenant Keyword
ensure_attribute TandemWaba Keyword
ensure_attribute TandemReason Keyword
ensure_attribute TandemNextDeadline Datetime
ensure_attribute TandemNeedsAttention Bool
ensure_attribute TandemCycle Int
