// Whether an address lies in a network, of IPv4 or IPv6.

/** The question for `10.0.0.0/8`; undefined where the text is no network. */
export function cidrOf(network: string): ((address: string) => boolean) | undefined {
  const [text = '', length = ''] = network.split('/');
  const bits = bitsOf(text);
  if (bits === undefined || !/^\d{1,3}$/.test(length) || Number(length) > bits.length) return undefined;
  const start = bits.slice(0, Number(length));
  return (address) => {
    const other = bitsOf(address);
    return other?.length === bits.length && other.startsWith(start);
  };
}

function bitsOf(address: string): string | undefined {
  const bytes = address.split('.');
  if (bytes.length === 4 && bytes.every((byte) => /^\d{1,3}$/.test(byte) && Number(byte) < 256))
    return bytes.map((byte) => Number(byte).toString(2).padStart(8, '0')).join('');
  if (!address.includes(':')) return undefined;
  const [left = '', right, more] = address.split('::');
  const words = (part: string) => (part === '' ? [] : part.split(':'));
  const missing = 8 - words(left).length - words(right ?? '').length;
  if (more !== undefined || missing < 0 || (right === undefined && missing > 0)) return undefined;
  const all = [...words(left), ...Array.from({ length: missing }, () => '0'), ...words(right ?? '')];
  if (!all.every((word) => /^[0-9a-fA-F]{1,4}$/.test(word))) return undefined;
  return all.map((word) => Number.parseInt(word, 16).toString(2).padStart(16, '0')).join('');
}
