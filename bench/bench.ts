// `npm run bench [-- SCENARIO...]` and `npm run bench -- lint`: how fast the program is, beside what it is to be compared with.
import { argv } from 'node:process';

if (argv[2] === 'lint') await import('./lint.ts');
else await import('./scenarios.ts');
