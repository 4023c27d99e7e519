/** What is known of the app on the phone, and the word to the owner when it has been silent (AC rows). */
import type { Activities } from './contract.ts';
import type { ActivityPorts } from './ports.ts';

type Reminders = Pick<Activities, 'readLastAppActivity' | 'sendReminder' | 'noteAppOpened'>;

export function reminderActivities({ activity }: ActivityPorts): Reminders {
  return {
    /** A read of our own columns. */
    readLastAppActivity: ({ numberId }) => activity.read(numberId),
    /** Unique by number, cycle, evidence and rung: a repeat tells the owner nothing twice. */
    sendReminder: (reminder) => activity.remind(reminder),
    /** The columns only move forward: repeating is harmless. */
    noteAppOpened: ({ numberId, openedAtMs }) => activity.touch(numberId, 'stated', openedAtMs),
  };
}
