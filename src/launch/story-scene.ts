/** The stage on which a story is played, who acts on it, and what its steps share. */
import type { Backend } from './backend.ts';
import type { LocalMetaControl } from './local-meta.ts';

export interface Stage {
  backend: Backend;
  meta: LocalMetaControl;
  /** Moves the one clock, stopping at whatever is due on the way, until `isDone` or the limit; answers whether it is done. */
  advanceUntil(isDone: () => Promise<boolean>, withinMs: number): Promise<boolean>;
  advance(byMs: number): Promise<void>;
  nowMs(): number;
  /** For stories in which a process dies. */
  kill?(role: 'server' | 'worker', signal: 'SIGKILL'): Promise<void>;
  start?(role: 'server' | 'worker'): Promise<void>;
  /** Another tenant's, for stories in which two want the same number. */
  second?: Backend;
}

export interface Player {
  digits: string;
  numberId: string;
  /** When the story began, epoch ms: day 0. */
  startedAtMs: number;
}

/** A way of the clock that was begun and not waited for. */
export interface Journey {
  readonly toMs: number;
  readonly end: Promise<void>;
}

/** A backend and its number. */
export interface Actor {
  backend: Backend;
  numberId: string;
}

export interface Scene {
  stage: Stage;
  player: Player;
  /** By the name of the tenant; the story's own is ''. */
  actors: Map<string, Actor>;
  /** Digits by the name of the phone; the story's own is ''. */
  phones: Map<string, string>;
  journeys: Journey[];
  tellNew: () => Promise<void>;
}

export function actorOf({ actors }: Scene, tenant = ''): Actor {
  const actor = actors.get(tenant);
  if (!actor) throw new Error(`nobody was invited${tenant === '' ? '' : ` by ${tenant}`}`);
  return actor;
}
