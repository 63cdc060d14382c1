// Many playbooks of about 100 lines, each another one, made of those that ship.
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SHORTEST = 70;

/** Writes `count` playbooks that lint clean into an empty folder, with the files that they use; the paths, sorted. The same ones each time. */
export function writePlaybooks(shipped: string, folder: string, count: number): string[] {
  const models = readdirSync(shipped)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => ({ name: file.slice(0, -'.yaml'.length), text: readFileSync(join(shipped, file), 'utf8') }))
    .filter(({ text }) => text.split('\n').length >= SHORTEST);
  cpSync(join(shipped, 'steps'), join(folder, 'steps'), { recursive: true });
  return Array.from({ length: count }, (_, index) => {
    const { name, text } = models[index % models.length] as { name: string; text: string };
    const path = join(folder, `${name}-${String(index).padStart(5, '0')}.yaml`);
    const own = text
      .replace(`  name: ${name}\n`, `  name: ${name}-${String(index).padStart(5, '0')}\n`)
      // Names of steps, texts that are expected, and an expression.
      .replaceAll(/^( +- name: .*)$/gm, `$1 (${index})`)
      .replaceAll(/contains: (\w)/g, `contains: ${index}-$1`)
      .replaceAll("inputs.mode == 'split'", `inputs.mode == 'split' && ${index} >= 0`)
      .replaceAll('inputs.mode == "split"', `inputs.mode == "split" && ${index} >= 0`);
    writeFileSync(path, own);
    return path;
  }).sort();
}
