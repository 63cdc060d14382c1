// Lines as a sensor writes them.

/** One start of a sensor; times in milliseconds since the Unix epoch, by its node's clock. */
export function sensorLines(instance = 'a1', node = 'n1') {
  let seq = 0;
  let lost = 0;
  const line = (type: string, at: number, more: object) =>
    JSON.stringify({ type, seq: ++seq, instance, time: new Date(at).toISOString().replace('Z', '250000Z'), ...more });
  const process = {
    pid: 7,
    executable: '/usr/bin/nmap',
    arguments: ['nmap', '-Pn'],
    uid: 101,
    startedAt: '2026-11-25T00:00:00.000000001Z',
  };
  const where = { node, namespace: 'sim-k3x9', pod: 'victim', podUid: 'u', container: 'victim', containerId: 'c' };
  return {
    start: (at: number) =>
      line('start', at, { version: '1', node, kernel: '6.1', capabilities: ['process', 'file', 'network'], missing: [] }),
    heartbeat: (at: number, more: object = {}) =>
      line('heartbeat', at, { seen: seq, lost, capabilities: ['process', 'file', 'network'], ...more }),
    process: (at: number, more: object = {}) => line('process', at, { where, process, ancestors: [process], drift: false, ...more }),
    file: (at: number) => line('file', at, { where, process, ancestors: [], path: '/etc/shadow', access: 'read' }),
    connection: (at: number) =>
      line('connection', at, { where, process, ancestors: [], address: '169.254.169.254', port: 80, protocol: 'tcp' }),
    /** So many records that nobody gets. */
    skip(count: number) {
      seq += count;
    },
    lose(count: number) {
      lost += count;
    },
  };
}
