// Names of alerts as products decorate them, made comparable.

const decorations = [/`/gu, /\[\s*seen\s+multiple\s+times\s*\]/gu, /\(\s*preview\s*\)/gu, /^\s*preview\s*[-–:]\s*/gu];

/**
 * What is left of a name when case, backticks, "PREVIEW - ", "(Preview)", "[seen multiple times]" and doubled spaces are taken away:
 * two names are the same alert when this is equal. Applying it twice changes nothing.
 */
export function normaliseAlertName(name: string): string {
  const once = decorations
    .reduce((rest, decoration) => rest.replace(decoration, ' '), name.toLowerCase())
    .replace(/\s+/gu, ' ')
    .trim();
  return once === name ? once : normaliseAlertName(once);
}
