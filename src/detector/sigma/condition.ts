// The condition of a Sigma rule: `selection and not 1 of filter_*`. https://sigmahq.io/docs/basics/conditions.html
import { type Question, Unsupported } from './values.ts';

const TOKEN = /\s*(\(|\)|[^\s()]+)/y;

/** Throws Unsupported for what cannot be read. */
export function conditionOf(text: string, selections: ReadonlyMap<string, Question>): Question {
  const tokens = tokensOf(text);
  let at = 0;
  const peek = () => tokens[at]?.toLowerCase();

  const or = (): Question => {
    const parts = [and()];
    while (peek() === 'or') {
      at++;
      parts.push(and());
    }
    return (observation) => parts.some((ask) => ask(observation));
  };
  const and = (): Question => {
    const parts = [not()];
    while (peek() === 'and') {
      at++;
      parts.push(not());
    }
    return (observation) => parts.every((ask) => ask(observation));
  };
  const not = (): Question => {
    if (peek() !== 'not') return one();
    at++;
    const inner = not();
    return (observation) => !inner(observation);
  };
  const one = (): Question => {
    const token = tokens[at++];
    if (token === undefined) throw new Unsupported('the condition ends too early');
    if (token === '(') {
      const inner = or();
      if (tokens[at++] !== ')') throw new Unsupported('a parenthesis of the condition is not closed');
      return inner;
    }
    if (peek() === 'of') {
      at++;
      return several(token.toLowerCase(), tokens[at++] ?? '', selections);
    }
    const known = selections.get(token);
    if (known === undefined) throw new Unsupported(`the condition names \`${token}\`, which is not there`);
    return known;
  };
  const whole = or();
  if (at < tokens.length) throw new Unsupported(`\`${tokens[at]}\` in the condition is not known`);
  return whole;
}

function tokensOf(text: string): string[] {
  const tokens = [];
  for (const [, token = ''] of text.trim().matchAll(new RegExp(TOKEN, 'g'))) tokens.push(token);
  return tokens;
}

/** `1 of selection_*`, `all of them`. */
function several(count: string, pattern: string, selections: ReadonlyMap<string, Question>): Question {
  const isMeant = (name: string) =>
    pattern === 'them' ? !name.startsWith('_') : pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
  const meant = [...selections].filter(([name]) => isMeant(name)).map(([, ask]) => ask);
  if (meant.length === 0) throw new Unsupported(`\`${pattern}\` in the condition means nothing`);
  if (count === 'all') return (observation) => meant.every((ask) => ask(observation));
  const least = count === 'any' ? 1 : /^\d+$/.test(count) ? Number(count) : undefined;
  if (least === undefined) throw new Unsupported(`\`${count} of\` in the condition is not known`);
  return (observation) => meant.filter((ask) => ask(observation)).length >= least;
}
