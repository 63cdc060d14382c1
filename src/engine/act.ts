// One attempt of a step that has a type: its expressions, its body checked once more, its run.
import { checkBody } from '../language/check-body.ts';
import { evaluate } from '../language/expression.ts';
import type { Step } from '../language/playbook.ts';
import type { StepContext, StepDefinition, StepResult } from '../steps/step.ts';
import type { StepFacts } from './events.ts';
import type { Frame } from './frame.ts';
import { type Attempt, failedBy, type StepWork, type StepWorld } from './run-step.ts';

export function actionOf(
  step: Step,
  definition: StepDefinition,
  facts: StepFacts,
  { context, scope, timeout: outer }: Frame,
  { record, clock }: StepWorld,
): StepWork {
  const timeout = step.timeout ?? outer ?? definition.defaultTimeout;
  return {
    timeout,
    async attempt(signal): Promise<Attempt> {
      const body = evaluate(step.body, scope);
      const wrong = checkBody(definition, body);
      if (wrong.length > 0) return { status: 'failed', problem: { code: 'expression', message: wrong.join('; ') } };
      let note: string | undefined;
      const withNote = (attempt: Attempt): Attempt => (note === undefined ? attempt : { ...attempt, note });
      const stepContext: StepContext = {
        ...context,
        signal,
        timeout,
        step: { name: step.name, ...(step.id === undefined ? {} : { id: step.id }) },
        pod: (selector) => context.pod(selector, signal),
        create: (objects) => context.create(objects, signal),
        adopt: (object) => context.adopt(object, signal),
        checkChange: (change, content) => context.checkChange(change, content, signal),
        say: (text) => record({ type: 'step-said', at: clock.now(), step: facts.key, text }),
        note: (text) => {
          note = text;
        },
      };
      try {
        const { outputs = {}, mismatches = [], prevented }: StepResult = (await definition.run?.(body, stepContext)) ?? {};
        if (mismatches.length === 0) return withNote({ status: 'succeeded', outputs });
        if (prevented !== undefined) {
          const message = [prevented.evidence, ...mismatches].join('; ');
          return withNote({ status: 'prevented', outputs, problem: { code: 'expectation', message, policy: prevented.by } });
        }
        return withNote({ status: 'failed', outputs, problem: { code: 'expectation', message: mismatches.join('; ') } });
      } catch (error) {
        return withNote(failedBy(error));
      }
    },
  };
}
