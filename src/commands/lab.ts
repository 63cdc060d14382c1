// `sim lab`: a real Kubernetes that can be thrown away, to run playbooks on.
import { Command, Option } from 'commander';
import { ExitCode } from '../engine/exit-code.ts';
import { type Cloud, clouds, driverNames, type LabDriver, type LabStatus } from '../lab/driver.ts';
import { openLab } from '../lab/open.ts';
import { labLine } from './lab-lines.ts';
import { labWorld } from './lab-world.ts';
import type { Session } from './session.ts';

/** Gives the lab that a command works on; tests give their own. */
export type OpenLab = (driver: string | undefined, session: Session) => Promise<LabDriver>;

const open: OpenLab = (driver, { env, interrupt }) => openLab(driver, labWorld(env), interrupt);

interface LabOptions {
  driver?: string;
}

/** Exit codes: 0 done, 2 wrong usage, 3 it failed (status: the lab is not up), 130 interrupted. */
export function labCommand(session: Session, openDriver: OpenLab = open): Command {
  const { stdout, stderr, interrupt, errorColour, setExitCode } = session;
  const report = (event: Parameters<typeof labLine>[0]) => stderr(labLine(event, errorColour));
  const verb = (name: string, description: string): Command =>
    new Command(name)
      .description(description)
      .addOption(
        new Option('--driver <name>', 'how the lab is made (default: what fits this machine, or SIM_LAB_DRIVER)').choices(driverNames),
      );

  const up = verb('up', 'Start the lab, or bring it up to date; what is ready is kept')
    .addOption(new Option('--cloud <name>', "the cloud whose metadata service the lab's stub plays").choices(clouds).default('azure'))
    .option('--no-sensor', 'leave the reference sensor out, or take it out again')
    .action(async ({ driver, cloud, sensor }: LabOptions & { cloud: Cloud; sensor: boolean }) => {
      const lab = await openDriver(driver, session);
      const { kubeconfig } = await lab.up({ cloud, sensor }, report, interrupt);
      stderr(`The lab is up (${lab.name}). Next: sim run reconnaissance --lab\n`);
      stdout(`${kubeconfig}\n`);
    });
  const down = verb('down', 'End the lab and leave nothing of it but caches').action(async ({ driver }: LabOptions) => {
    await (await openDriver(driver, session)).down(report, interrupt);
    stderr('The lab is down.\n');
  });
  const purge = verb('purge', 'End the lab and remove its caches too').action(async ({ driver }: LabOptions) => {
    await (await openDriver(driver, session)).purge(report, interrupt);
    stderr('The lab is down, and its caches are removed.\n');
  });
  const status = verb('status', 'Say whether the lab is up, and what runs of it')
    .addOption(new Option('-o, --output <format>', 'how it is told').choices(['text', 'json']).default('text'))
    .action(async ({ driver, output }: LabOptions & { output: 'text' | 'json' }) => {
      const found = await (await openDriver(driver, session)).status();
      stdout(output === 'json' ? `${JSON.stringify({ version: 1, ...found }, null, 2)}\n` : statusText(found));
      setExitCode(found.state === 'up' ? ExitCode.ok : ExitCode.couldNotRun);
    });
  const kubeconfig = verb('kubeconfig', "Print the path of the lab's kubeconfig").action(async ({ driver }: LabOptions) => {
    const found = await (await openDriver(driver, session)).status();
    if (found.state === 'down') {
      stderr('The lab is not up: sim lab up\n');
      setExitCode(ExitCode.couldNotRun);
    } else stdout(`${found.kubeconfig}\n`);
  });

  return new Command('lab')
    .description('A real Kubernetes on this machine that can be thrown away, with the images and a stand-in for the cloud')
    .addHelpText(
      'after',
      `
The lab is made by kind where a container engine answers and has kind's node image, else natively on Linux as root:
Kubernetes is then built from source the first time (10 to 15 minutes on two cores) and runs in namespaces without a
way out. Missing Debian packages are installed, after saying so. SIM_LAB_STATE and SIM_LAB_CACHE name other folders.`,
    )
    .addCommand(up)
    .addCommand(down)
    .addCommand(status)
    .addCommand(kubeconfig)
    .addCommand(purge);
}

function statusText({ driver, state, cloud, kubeconfig, sensor, parts }: LabStatus): string {
  const lines = [`${state} (${driver}${cloud === undefined ? '' : `, plays ${cloud}`})`];
  if (state !== 'down') {
    lines.push(`kubeconfig: ${kubeconfig}`, `sensor: ${sensor}`);
    for (const { name, running } of parts) lines.push(`  ${running ? 'runs   ' : 'stopped'} ${name}`);
  }
  return `${lines.join('\n')}\n`;
}
