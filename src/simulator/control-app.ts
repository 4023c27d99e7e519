/** The control plane of our app's own webhooks: what somebody changes in its dashboard. */
import { z } from 'zod';
import { AS_SET_UP } from './app-state.ts';
import type { ControlDoor } from './control-door.ts';
import type { LocalMeta } from './local-meta.ts';

/** What is left out is as it was set up. */
const NewSetting = z.strictObject({
  isSubscribed: z.boolean().default(AS_SET_UP.isSubscribed),
  isActive: z.boolean().default(AS_SET_UP.isActive),
  fields: z.array(z.string().min(1)).nullable().default(AS_SET_UP.fields),
  callbackUrl: z.url().nullable().default(AS_SET_UP.callbackUrl),
});

export function openAppControls(door: ControlDoor, meta: LocalMeta): void {
  door.get('/control/app', 'which webhooks the app hears, and where', () => meta.store.state.app);
  door.post(
    { path: '/control/app', does: 'set which webhooks the app hears, and where', body: NewSetting },
    ({ body }) => meta.store.change((state) => (state.app = body)),
  );
}
