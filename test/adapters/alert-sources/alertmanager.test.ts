import { expect, test } from 'vitest';
import { alertmanager, alertmanagerAlert } from '../../../src/adapters/alert-sources/alertmanager.ts';
import { polledContract } from '../../contract/alert-source.ts';

const iso = (at: number) => new Date(at).toISOString();

/** As GET /api/v2/alerts gives it (gettableAlert of its OpenAPI description). */
const gettable = (labels: Record<string, string>, at: number, fingerprint: string) => ({
  annotations: { summary: 'Something is wrong' },
  endsAt: iso(at + 240_000),
  fingerprint,
  receivers: [{ name: 'default' }],
  startsAt: iso(at),
  status: { inhibitedBy: [], silencedBy: [], state: 'active' },
  updatedAt: iso(at),
  generatorURL: 'http://prometheus.example.com/graph',
  labels,
});

polledContract('alertmanager', {
  type: alertmanager,
  settings: ({ url, tokenFile }) => ({ name: 'am', type: 'alertmanager', url, auth: { bearerToken: { fromFile: tokenFile } } }),
  alert: ({ id, name, at }) => gettable({ alertname: name, severity: 'critical' }, at, id),
  answer: ({ url }, alerts) => (url.pathname === '/api/v2/alerts' ? { body: alerts } : { status: 404 }),
});

test('an alert that Falcosidekick sent', () => {
  const labels = {
    rule: 'Run shell untrusted',
    source: 'falco',
    priority: 'Notice',
    severity: 'information',
    tags: 'T1059.004,container,mitre_execution',
    k8s_ns_name: 'sim-1',
    k8s_pod_name: 'victim',
    container_id: '3ad7b26ded6d',
    proc_cmdline: 'sh -c id',
  };
  expect(alertmanagerAlert(gettable(labels, 1_700_000_000_123, 'f1'))).toMatchObject({
    id: 'f1',
    name: 'Run shell untrusted',
    severity: 'informational',
    techniques: ['T1059.004'],
    times: { first: 1_700_000_000_123, generated: 1_700_000_000_123 },
    entities: { namespace: 'sim-1', pod: 'victim', containerId: '3ad7b26ded6d', commandLines: ['sh -c id'] },
  });
});

test('that Prometheus says again that it fires is no news', () => {
  const alert = gettable({ alertname: 'A' }, 1_700_000_000_000, 'f1');
  const later = { ...alert, updatedAt: iso(1_700_000_060_000), endsAt: iso(1_700_000_300_000) };
  expect(alertmanagerAlert(later)?.times).toEqual(alertmanagerAlert(alert)?.times);
});

test('what the metric says of itself counts more than where it was scraped', () => {
  const alert = gettable({ alertname: 'A', namespace: 'monitoring', exported_namespace: 'sim-1' }, 1_700_000_000_000, 'f1');
  expect(alertmanagerAlert(alert)?.entities.namespace).toBe('sim-1');
});
