/**
 * Requests and answers as plain data, the same whether they came over a socket or from an SDK client in this process.
 */

export interface WireRequest {
  readonly method: string;
  /** As sent: percent-encoded, without the query. */
  readonly path: string;
  /** Decoded, in order; `?versioning` has the value ''. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface WireResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The operation's answer is a stream (an object's content): clients want to read it as one. */
  readonly streamed: boolean;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** A response whose body is text or bytes. */
export function responseOf(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array,
): WireResponse {
  return { status, headers, body: typeof body === 'string' ? bytesOf(body) : body, streamed: false };
}
