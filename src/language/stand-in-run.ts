// Stands for a run that is not there yet, so that what depends on the run's facts alone is known before it.

/** Facts of a run (RunFacts of steps/step.ts) but for the playbook's name. The id could be one, so that charts and names take it. */
export const STAND_IN_RUN = {
  id: 'xxxxxxxx',
  namespace: 'sim-xxxxxxxx',
  marker: 'sim-xxxxxxxx',
  token: '5b1f8c02e7d94a63b05ec1f27a9d4836',
} as const;
