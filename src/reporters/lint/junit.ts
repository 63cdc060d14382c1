// Findings of lint as JUnit XML: a suite for each file, a failed test case for each finding, a passed one for a clean file.
import type { Finding } from '../../language/source.ts';
import { plain } from './plain.ts';
import type { LintReport } from './report.ts';

/** As Jenkins, GitLab and Azure Pipelines read it. Notes do not fail. */
export function lintJunit({ findings, files, pathOf }: LintReport): string {
  const byFile = Map.groupBy(findings, ({ file }) => file);
  const suites = [...new Set([...files, ...byFile.keys()])].map((file) => suite(pathOf(file), byFile.get(file) ?? []));
  const failures = findings.filter(fails).length;
  const tests = suites.reduce((sum, each) => sum + each.tests, 0);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="sim lint" tests="${tests}" failures="${failures}" errors="0">\n${suites.map(({ xml }) => xml).join('')}</testsuites>\n`;
}

const fails = ({ severity }: Finding): boolean => severity !== 'info';

function suite(path: string, findings: readonly Finding[]): { tests: number; xml: string } {
  const tests = Math.max(1, findings.length);
  const cases =
    findings.length === 0
      ? `    <testcase name="no findings" classname="${attribute(path)}" time="0"/>\n`
      : findings.map((each) => testCase(path, each)).join('');
  const counts = `tests="${tests}" failures="${findings.filter(fails).length}" errors="0" skipped="0" time="0"`;
  return { tests, xml: `  <testsuite name="${attribute(path)}" ${counts}>\n${cases}  </testsuite>\n` };
}

function testCase(path: string, finding: Finding): string {
  const { line, column, severity, rule, message, hint, excerpt } = finding;
  const said = [`${path}:${line}:${column}: ${severity}: ${message} [${rule}]`, excerpt.text, ...(hint === undefined ? [] : [hint])];
  const open = `    <testcase name="${attribute(`${rule} at ${line}:${column}`)}" classname="${attribute(path)}" time="0">\n`;
  const body = fails(finding)
    ? `      <failure type="${severity}" message="${attribute(message)}">${content(said)}</failure>\n`
    : `      <system-out>${content(said)}</system-out>\n`;
  return `${open}${body}    </testcase>\n`;
}

// What XML cannot hold even as a reference (controls, halves of characters, U+FFFE and U+FFFF) is gone; `]]>` is no end without its bracket.
const attribute = (text: string): string =>
  plain(text)
    .replace(/[\uFFFE\uFFFF]/g, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
// A line of XML text is a line of the log that shows it: none may begin with a workflow command.
const content = (lines: readonly string[]): string => lines.map((line) => attribute(line).replace(/^(\s*):/, '$1&#58;')).join('\n');
