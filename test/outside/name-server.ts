/** A name server on this machine (RFC 1035), which knows what a test tells it and leaves the rest unanswered. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export type RecordType = 'A' | 'CNAME' | 'AAAA';

/** Answers by type: addresses and names; `none` is an empty answer, a type that is not there gets no answer at all. */
export type Zone = Readonly<Partial<Record<RecordType, readonly string[] | 'none' | 'no such name'>>>;

const types: Readonly<Record<number, RecordType>> = { 1: 'A', 5: 'CNAME', 28: 'AAAA' };

export interface NameServer {
  /** `address:port`. */
  readonly address: string;
  readonly asked: readonly string[];
  close(): void;
}

export async function nameServer(zone: Zone): Promise<NameServer> {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    const end = query.indexOf(0, 12) + 1;
    const code = query.readUInt16BE(end);
    const type = types[code];
    if (type === undefined) return;
    asked.push(`${type} ${nameOf(query.subarray(12, end))}`);
    const known = zone[type];
    if (known === undefined) return;
    const values = typeof known === 'string' ? [] : known;
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(known === 'no such name' ? 0x8583 : 0x8580, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(values.length, 6);
    const answers = values.map((value) => {
      const data = dataOf(type, value);
      const fixed = Buffer.alloc(12);
      fixed.writeUInt16BE(0xc00c, 0);
      fixed.writeUInt16BE(code, 2);
      fixed.writeUInt16BE(1, 4);
      fixed.writeUInt32BE(60, 6);
      fixed.writeUInt16BE(data.length, 10);
      return Buffer.concat([fixed, data]);
    });
    socket.send(Buffer.concat([header, query.subarray(12, end + 4), ...answers]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { address: `127.0.0.1:${socket.address().port}`, asked, close: () => void socket.close() };
}

function nameOf(bytes: Buffer): string {
  const labels: string[] = [];
  for (let at = 0; (bytes[at] ?? 0) > 0; at += (bytes[at] ?? 0) + 1) {
    labels.push(bytes.toString('latin1', at + 1, at + 1 + (bytes[at] ?? 0)));
  }
  return labels.join('.').toLowerCase();
}

function dataOf(type: RecordType, value: string): Buffer {
  if (type === 'A') return Buffer.from(value.split('.').map(Number));
  if (type === 'AAAA')
    return Buffer.from(
      value
        .split(':')
        .map((group) => group.padStart(4, '0'))
        .join(''),
      'hex',
    );
  const labels = value.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}
