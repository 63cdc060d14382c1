// Milliseconds as playbooks write durations.

/** `90000` is "1m30s"; parts that are zero are left out. */
export function durationText(milliseconds: number): string {
  const parts: [string, number][] = [
    ['h', Math.floor(milliseconds / 3_600_000)],
    ['m', Math.floor(milliseconds / 60_000) % 60],
    ['s', Math.floor(milliseconds / 1000) % 60],
    ['ms', milliseconds % 1000],
  ];
  return (
    parts
      .filter(([, amount]) => amount > 0)
      .map(([unit, amount]) => `${amount}${unit}`)
      .join('') || '0s'
  );
}
