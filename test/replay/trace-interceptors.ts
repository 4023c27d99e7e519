/** Bundled with the workflows for the replay ring alone: hands out every command that today's code gives. */
import { proxySinks, type Sinks, type WorkflowInterceptors } from '@temporalio/workflow';
import { traceOf, type Command } from './command-trace.ts';

export interface TraceSinks extends Sinks {
  trace: { note(command: string): void };
}

const { trace } = proxySinks<TraceSinks>();

export const interceptors = (): WorkflowInterceptors => ({
  internals: [
    {
      concludeActivation(input, next) {
        for (const line of input.commands.flatMap((command) => traceOf(command as Command))) trace.note(line);
        return next(input);
      },
    },
  ],
});
