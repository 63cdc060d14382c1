// The verdict of a run as text: a line per expected alert, and where to look for those that nobody watched.
import type { AlertEntry, Catalogue, ProductAlert } from '../alerts/catalogue.ts';
import type { UnexpectedAlert, Verdict } from '../engine/events.ts';
import { type Colours, duration, outcomeWord, safe, table } from './format.ts';

/** The name by which most people know the alert: the documentation's, else the catalogue's title. */
export function alertName(id: string, catalogue: Catalogue): string {
  const entry = catalogue.get(id);
  return entry?.products['defender-for-cloud']?.names?.[0] ?? entry?.title ?? id;
}

/** A line per expected alert, lined up; below a miss what may explain it and what was kept of it; at the end the alerts of the run that nothing expects. */
export function verdictText(
  verdicts: readonly Verdict[],
  catalogue: Catalogue,
  paint: Colours,
  unexpected: readonly UnexpectedAlert[] = [],
): string {
  if (verdicts.length === 0 && unexpected.length === 0) return '  no alerts are expected\n';
  const rows = verdicts.map((verdict) => [
    `  ${alertName(verdict.expectation.alert, catalogue)}`,
    outcomeWord(verdict, paint),
    paint.dim(safe(`${verdict.reason}${verdict.expectation.optional ? ' (optional)' : ''}${timesText(verdict)}`)),
  ]);
  const lines = table(rows).split('\n');
  const told = verdicts.map(({ explanations = [], kept = [] }, index) =>
    [
      lines[index],
      ...explanations.map((reason) => paint.dim(`    perhaps: ${safe(reason)}`)),
      ...(kept.length === 0 ? [] : [paint.dim(`    kept: ${safe(filesText(kept))}`)]),
    ]
      .map((line) => `${line}\n`)
      .join(''),
  );
  return [...told, unexpectedText(unexpected, paint)].join('');
}

/** "FOLDER/: pods.json, steps.1-sensor.log": all of a run are in one folder. */
function filesText(paths: readonly string[]): string {
  const names = paths.map((path) => path.replace(/^.*[/\\]/, ''));
  return `${paths[0]?.slice(0, -(names[0]?.length ?? 0))}: ${names.join(', ')}`;
}

/** "; activity after 10 ms, generated after 2.1 s": what the product says beside the time at which its alert could be read. */
function timesText({ times }: Verdict): string {
  if (times === undefined) return '';
  const { activity, generated, clamped = [] } = times;
  const said = [
    ...(activity === undefined ? [] : [`activity after ${duration(activity)}`]),
    ...(generated === undefined ? [] : [`generated after ${duration(generated)}`]),
    ...(clamped.length === 0 ? [] : [`by its clock before the attack, given as 0: ${clamped.join(', ')}`]),
  ];
  return said.length === 0 ? '' : `; ${said.join(', ')}`;
}

/** A line for all that are alike: a product that tells each of many processes would push the verdicts out of sight. */
function unexpectedText(unexpected: readonly UnexpectedAlert[], paint: Colours): string {
  if (unexpected.length === 0) return '';
  const alike = Map.groupBy(unexpected, ({ name, source, severity, rung }) => [name, source, severity, rung].join('\n'));
  const rows = [...alike.values()].flatMap(([first, ...more]) => {
    if (first === undefined) return [];
    const { name, source, severity, rung } = first;
    const count = more.reduce((sum, each) => sum + each.count, first.count);
    return [
      [
        `    ${safe(name)}`,
        paint.dim(safe(`${[source, severity].filter(Boolean).join(', ')}${count > 1 ? `, ${count} times` : ''}; known by its ${rung}`)),
      ],
    ];
  });
  return `  Other alerts of this run\n${table(rows)}`;
}

const PRODUCTS: Readonly<Record<string, { title: string; where: string }>> = {
  'defender-for-cloud': {
    title: 'Microsoft Defender for Cloud',
    where: 'Azure portal > Defender for Cloud > Security alerts, or: az security alert list',
  },
  falco: {
    title: 'Falco',
    where: 'the output that Falco is set up with; by default: kubectl logs -n falco -l app.kubernetes.io/name=falco',
  },
  elastic: { title: 'Elastic Security', where: 'Kibana > Security > Alerts' },
};

/** What to look for and where, for alerts that no open source could judge; empty where there are none. */
export function lookFor(
  verdicts: readonly Verdict[],
  catalogue: Catalogue,
  facts: { title: string; namespace: string; marker: string; from: number; to: number },
): string {
  const open = [...new Set(verdicts.filter(({ outcome }) => outcome === 'unverified').map(({ expectation }) => expectation.alert))];
  const entries = open.map((id) => catalogue.get(id)).filter((entry) => entry !== undefined);
  if (entries.length === 0) return '';
  const products = Object.entries(PRODUCTS).flatMap(([key, { title, where }]) => {
    const lines = entries.flatMap((entry) => describe(entry, entry.products[key]));
    return lines.length === 0 ? [] : [`  ${title} (${where})`, ...lines];
  });
  const time = (at: number) => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
  return [
    `${safe(facts.title)}: nothing could say whether these alerts came; look for them yourself:`,
    ...products,
    `  They name the namespace ${facts.namespace}, or ${facts.marker} in a command line; attacks ran from ${time(facts.from)} to ${time(facts.to)}.`,
    '',
  ].join('\n');
}

function describe(entry: AlertEntry, product: ProductAlert | undefined): string[] {
  if (product === undefined) return [];
  const names = [
    ...(product.names ?? []),
    ...(product.rules ?? []).map(({ name, maturity }) => `${name}${maturity === undefined ? '' : ` [${maturity} rule]`}`),
  ];
  const delay = product.delay === undefined ? '' : `; ${product.delay}`;
  return [`    - ${names.slice(0, 3).join(' / ') || entry.title}${delay}`];
}
