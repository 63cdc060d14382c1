// Addresses and names that documents use because nothing is there: what asks for them gets no answer, and what allows them allows nobody.

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const ADDRESS = new RegExp(`^192\\.0\\.2\\.${OCTET}$`);
const BLOCK = new RegExp(`^192\\.0\\.2\\.${OCTET}/(?:2[4-9]|3[0-2])$`);

/** An address in TEST-NET-1, 192.0.2.0/24 (RFC 5737). */
export const isUnroutable = (address: unknown): boolean => typeof address === 'string' && ADDRESS.test(address);

/** A block of addresses inside of 192.0.2.0/24. */
export const isUnroutableBlock = (block: unknown): boolean => typeof block === 'string' && BLOCK.test(block);

/** A host below a name that is never given to anybody (RFC 2606, RFC 6761). */
export const isUnroutableHost = (host: unknown): boolean =>
  typeof host === 'string' && /^(?:\*\.)?(?:[a-z0-9-]+\.)+(?:invalid|example|test)$/.test(host);
