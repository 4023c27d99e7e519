/** Answers that are none of Meta's: what a gateway, a proxy or a half-deployed server gives back in its place. */
import type { CallFault } from './fault-state.ts';

export interface OddAnswer {
  readonly contentType: string;
  readonly text: string;
}

/** `proper`: what the call would have answered. */
export function oddAnswerOf({ as }: Extract<CallFault, { kind: 'odd-answer' }>, proper: object): OddAnswer {
  const json = 'application/json; charset=utf-8';
  switch (as) {
    case 'html':
      return {
        contentType: 'text/html',
        text: '<!DOCTYPE html><html><body>Sorry, something went wrong.</body></html>',
      };
    case 'empty':
      return { contentType: json, text: '' };
    case 'wrong-id':
      return { contentType: json, text: JSON.stringify({ ...proper, id: '999000000000001' }) };
    case 'list':
      return { contentType: json, text: JSON.stringify([proper]) };
    case 'cut-json':
      return { contentType: json, text: JSON.stringify(proper).slice(0, -2) };
  }
}
