// Takes the values that a chart was given out of what is said about it: a run's token is one of them.

const MASK = '***';
const SECRET_KEY = /token|secret|password|key|credential/i;
/** From this length on a text may be a secret under any key. */
const LONG = 16;
/** Under a key that promises a secret; shorter texts would mask parts of words. */
const SHORT = 4;

/** A function that masks the texts of `values` that may be secrets: long ones, and all below a key that promises a secret. */
export function maskValues(values: unknown): (text: string) => string {
  const forms = [...new Set(secretsIn(values, false).flatMap(formsOf))].sort((a, b) => b.length - a.length);
  return (text) => forms.reduce((rest, form) => rest.replaceAll(form, MASK), text);
}

function secretsIn(value: unknown, isSecret: boolean): string[] {
  if (typeof value === 'string' || typeof value === 'number') {
    const text = String(value);
    return text.length >= (isSecret ? SHORT : LONG) ? [text] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => secretsIn(item, isSecret || SECRET_KEY.test(key)));
}

/** As it is, quoted by JSON or Go, in base64 as a Secret has it, and line by line as YAML dumps it. */
function formsOf(secret: string): string[] {
  const lines = secret.split('\n').map((line) => line.trim());
  const whole = [secret, JSON.stringify(secret).slice(1, -1), Buffer.from(secret).toString('base64')];
  return [...whole, ...lines.filter((line) => line.length >= LONG / 2)];
}
