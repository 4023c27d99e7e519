/** A tiny HTTP server that answers what a test says and keeps what it was asked. */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Asked {
  method: string;
  url: URL;
  authorization: string | null;
  body: string;
}

/** What to answer: a status with JSON or raw text, or a handler that misbehaves on the wire. */
export type Answer =
  | { status?: number; json?: unknown; text?: string; headers?: Record<string, string> }
  | ((response: ServerResponse) => void);

export interface StubGraph {
  baseUrl: string;
  asked: Asked[];
  /** Answers in turn; the last one stays. */
  answers: (...answers: Answer[]) => void;
  close: () => Promise<void>;
}

export async function startStubGraph(): Promise<StubGraph> {
  const asked: Asked[] = [];
  let queue: Answer[] = [];
  const server = createServer((request, response) => {
    void keep(request, asked).then(() => give(queue.length > 1 ? queue.shift() : queue[0], response));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    baseUrl: `http://127.0.0.1:${port}/`,
    asked,
    answers: (...answers) => {
      queue = answers;
      asked.length = 0;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(() => done()));
    },
  };
}

async function keep(request: IncomingMessage, asked: Asked[]): Promise<void> {
  request.setEncoding('utf8');
  let body = '';
  for await (const chunk of request) body += String(chunk);
  asked.push({
    method: request.method ?? '',
    url: new URL(request.url ?? '', 'http://stub'),
    authorization: request.headers.authorization ?? null,
    body,
  });
}

function give(answer: Answer | undefined, response: ServerResponse): void {
  if (typeof answer === 'function') return answer(response);
  response.writeHead(answer?.status ?? 200, { 'content-type': 'application/json', ...answer?.headers });
  response.end(answer?.text ?? JSON.stringify(answer?.json ?? {}));
}
