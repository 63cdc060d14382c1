// `npm run bench [-- SCENARIO...]`, `npm run bench -- lint` and `npm run bench -- detect`: how fast the program is, beside what it is to be
// compared with; `npm run bench -- verdicts`: how far its verdicts are to be trusted; `npm run bench -- detected`: what the lab's detector makes of
// every playbook, and `npm run bench -- official FOLDER`, what it makes of the official tool.
import { argv } from 'node:process';

if (argv[2] === 'lint') await import('./lint.ts');
else if (argv[2] === 'detect') await import('./detect.ts');
else if (argv[2] === 'detected') await import('./detected.ts');
else if (argv[2] === 'official') await import('./official.ts');
else if (argv[2] === 'verdicts') await import('./verdicts.ts');
else await import('./scenarios.ts');
