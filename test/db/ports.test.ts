import { describe, expect, it } from 'vitest';
import type { ActivityPorts } from '../../src/activities/ports.ts';
import type { ApiPorts } from '../../src/api/ports.ts';
import { createStores } from '../../src/db/stores.ts';
import { openStore } from '../../src/db/connect.ts';
import { clock, KEYS } from './database.ts';

type Ports = Omit<ActivityPorts, 'graph'> & Omit<ApiPorts, 'workflows' | 'readiness'>;

describe('stores', () => {
  it('fill every port that activities and the HTTP door have for the database', () => {
    const store = openStore({ url: 'postgres://127.0.0.1:1/none', encryptionKeys: KEYS });
    const stores = createStores(store, { clock, evidenceDebounceMs: 1 }) satisfies Ports;
    const names =
      'activity alerts apiKeys audit claims connectTimes content credentials dialogLedger dialogRuns eligibility events facts idempotency inbox numbers progress projection quota signupGuide syncs tenants traffic webhookReadings';
    expect(Object.keys(stores).toSorted((left, right) => left.localeCompare(right))).toEqual(names.split(' '));
  });
});
