// What an HTTP request is answered, and what proves that it did its work: the same for every step that makes one.
import type { JsonSchema } from '../language/definition.ts';
import { type Matcher, matcherSchema, mismatch } from '../language/matcher.ts';

export interface AnswerExpectation {
  status?: Matcher;
  body?: Matcher;
}

/** The schema of `expect`; `more` are the parts of an answer that one step alone knows. */
export const answerSchema = (more: Readonly<Record<string, JsonSchema>>) =>
  ({
    type: 'object',
    additionalProperties: false,
    minProperties: 1,
    description: 'What proves that the request did its work.',
    properties: {
      status: { ...matcherSchema, description: 'Status of the answer; where it is not named, it must be below 400.' },
      body: { ...matcherSchema, description: 'Body of the answer.' },
      ...more,
    },
  }) as const satisfies JsonSchema;

/** How the status and the body differ from what was expected, each undefined where it does not. */
export const answerMismatches = (
  { status = { cel: 'value < 400' }, body }: AnswerExpectation,
  answer: { status: number; body: string },
) => [mismatch('status', status, answer.status), body === undefined ? undefined : mismatch('body', body, answer.body)];
