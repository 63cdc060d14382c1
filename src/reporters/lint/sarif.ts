// Findings of lint as SARIF 2.1.0, which code scanning reads.
import type { Severity } from '../../language/diagnostic.ts';
import type { RuleInfo } from '../../language/rule-info.ts';
import type { Finding } from '../../language/source.ts';
import { fingerprints } from './fingerprint.ts';
import { plain, plainJson } from './plain.ts';
import { type LintReport, pageOf } from './report.ts';

const LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };
const ROOT = '%SRCROOT%';

/** One run, with every rule that found something and its help. */
export function lintSarif(report: LintReport): string {
  const used = new Set(report.findings.map(({ rule }) => rule));
  const rules = report.rules.filter(({ id }) => used.has(id));
  const places = new Map(rules.map(({ id }, index) => [id, index]));
  const prints = fingerprints(report);
  return plainJson({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'sim', semanticVersion: report.version, rules: rules.map(descriptor) } },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { [ROOT]: { description: { text: 'The root of the checkout that holds the playbooks.' } } },
        results: report.findings.map((finding, index) => result(finding, report, places.get(finding.rule), prints[index])),
      },
    ],
  });
}

function descriptor({ id, severity, summary, why, security }: RuleInfo): object {
  return {
    id,
    shortDescription: { text: summary },
    fullDescription: { text: summary },
    help: {
      text: `${summary}\n\n${why}\n\nSee ${pageOf(id)}`,
      markdown: `${summary}\n\n${why}\n\nSee \`${pageOf(id)}\`, or \`sim explain ${id}\`.`,
    },
    defaultConfiguration: { level: LEVELS[severity] },
    ...(security ? { properties: { tags: ['security'] } } : {}),
  };
}

function result(
  { file, line, column, endLine, endColumn, severity, rule, message, hint }: Finding,
  { pathOf }: LintReport,
  ruleIndex: number | undefined,
  print: { hash: string; occurrence: number } | undefined,
): object {
  return {
    ruleId: rule,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    level: LEVELS[severity],
    message: { text: brackets(plain(hint === undefined ? message : `${message}: ${hint}`)) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: artifact(pathOf(file)),
          region: { startLine: line, startColumn: column, endLine, endColumn },
        },
      },
    ],
    ...(print === undefined ? {} : { partialFingerprints: { primaryLocationLineHash: `${print.hash.slice(0, 16)}:${print.occurrence}` } }),
  };
}

/** In a message, `[text](1)` is a link and `{0}` takes an argument: neither may come from a playbook. */
const brackets = (text: string): string => text.replace(/[\\[\]]/g, '\\$&').replace(/[{}]/g, '$&$&');

/** Relative to the root; a path out of it, or on another drive, stays what it is. */
function artifact(path: string): object {
  const uri = path
    .toWellFormed()
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/');
  return path.startsWith('..') ? { uri } : { uri, uriBaseId: ROOT };
}
