// The page of a lint rule.
import type { RuleInfo } from '../language/rule-info.ts';
import { code, type Page, section, text } from './page.ts';

/** A playbook that breaks the rule, with what lint prints, and one that keeps it; the documentation has them from the rules' tests. */
export interface RuleExample {
  bad: string;
  printed: string;
  good?: string;
}

export function rulePage({ id, severity, summary, why, security }: RuleInfo, example?: RuleExample): Page {
  const lowered = security ? ' It protects who runs the playbook: only a configuration that the operator pins may lower it.' : '';
  return {
    kind: 'rule',
    name: id,
    summary,
    sections: [
      ...section('Severity', text(`${{ error: 'Error', warning: 'Warning', info: 'Note' }[severity]}.${lowered}`)),
      ...section('Why', text(why)),
      ...(example === undefined
        ? []
        : [
            ...section('Found', code(example.bad), code(example.printed, 'text')),
            ...(example.good === undefined ? [] : section('Right', code(example.good))),
          ]),
    ],
  };
}
