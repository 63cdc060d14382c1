// What the verbs that read playbooks of this machine read them with.
import { cwd } from 'node:process';
import { localCheckout } from '../adapters/checkout.ts';
import type { Catalogue } from '../alerts/catalogue.ts';
import type { Files } from '../ports/files.ts';
import { stepTypes } from '../steps/index.ts';
import { packageFolder } from './package-files.ts';
import type { PlaybookReading } from './playbook-source.ts';
import type { Session } from './session.ts';

/** Paths count from the working directory; findings are coloured as standard error is. */
export const readingHere = (files: Files, catalogue: Catalogue, session: Pick<Session, 'errorColour'>): PlaybookReading => ({
  files,
  checkout: localCheckout(cwd(), packageFolder),
  folder: cwd(),
  steps: stepTypes,
  catalogue,
  colour: session.errorColour,
});
