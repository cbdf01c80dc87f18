/** Undoes what clients do to a body on its way: compression, and S3's chunks with trailing checksums. */
import { gunzipSync } from 'node:zlib';
import type { WireRequest } from './message.ts';

/** More than any operation of a sandbox needs; guards against bodies that grow when unpacked. */
export const BODY_LIMIT_BYTES = 16 * 1024 * 1024;

/** The request with its body as the operation means it. Throws on a body that is not what its headers say. */
export function unpacked(request: WireRequest): WireRequest {
  const encodings = (request.headers['content-encoding'] ?? '').split(',').map((name) => name.trim());
  const chunked =
    encodings.includes('aws-chunked') || (request.headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-');
  let { body } = request;
  if (chunked) body = dechunked(body);
  if (encodings.includes('gzip')) body = gunzipSync(body, { maxOutputLength: BODY_LIMIT_BYTES });
  return body === request.body ? request : { ...request, body };
}

/**
 * `<hex length>[;chunk-signature=…]\r\n<bytes>\r\n…0\r\n<trailers>`
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
function dechunked(body: Uint8Array): Uint8Array {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const chunks: Uint8Array[] = [];
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const length = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (lineEnd === -1 || Number.isNaN(length)) throw new Error('the body is not in aws-chunked form');
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + length));
    at = lineEnd + 2 + length + 2;
  }
}
