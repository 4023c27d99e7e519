/** The status codes of gRPC by which Temporal's answers are told apart. */

export const GRPC = { deadlineExceeded: 4, notFound: 5, alreadyExists: 6 } as const;

/** Null for what is no answer of a gRPC server. */
export function codeOf(error: unknown): number | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : null;
}
