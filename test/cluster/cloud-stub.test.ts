// The stub for clouds' metadata services, on the loopback: each cloud's own manners, and no other cloud's answers.
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeOnLab, lab } from './lab-under-test.ts';

const azureToken = '/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.azure.com';
const gcpToken = '/computeMetadata/v1/instance/service-accounts/default/token';
const awsRole = '/latest/meta-data/iam/security-credentials';
const google = { 'Metadata-Flavor': 'Google' };
const azure = { Metadata: 'true' };
const ttl = { 'X-aws-ec2-metadata-token-ttl-seconds': '21600' };

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describeOnLab('the metadata stub', () => {
  describe.each(['azure', 'aws', 'gcp'] as const)('as %s', (cloud) => {
    let child: ChildProcess;
    let port: number;
    let domain: number;
    const ask = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers, method });
      return { status: response.status, body: await response.text() };
    };
    beforeAll(async () => {
      [port, domain] = [await freePort(), await freePort()];
      const program = join(dirname(lab().helm), 'kubelab');
      child = spawn(program, ['cloud-stub', `--cloud=${cloud}`, `--metadata=127.0.0.1:${port}`, `--domain=127.0.0.1:${domain}`], {
        stdio: 'ignore',
      });
      while (
        !(await fetch(`http://127.0.0.1:${domain}/`, { method: 'POST' }).then(
          ({ ok }) => ok,
          () => false,
        ))
      ) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    });
    afterAll(() => child?.kill());

    test('other clouds are not found', async () => {
      if (cloud !== 'azure') expect((await ask(azureToken, azure)).status).toBe(404);
      if (cloud !== 'gcp') expect((await ask(gcpToken, google)).status).toBe(404);
      if (cloud !== 'aws') expect((await ask('/latest/api/token', ttl, 'PUT')).status).toBe(404);
    });

    if (cloud === 'azure')
      test('a managed identity, as the playbook finds it', async () => {
        const compute = async (name: string) =>
          (await ask(`/metadata/instance/compute/${name}?api-version=2017-08-01&format=text`, azure)).body;
        expect(await compute('subscriptionId')).toMatch(/^[0-9a-f-]{36}$/);
        const location = await compute('location');
        expect(await compute('resourceGroupName')).toMatch(new RegExp(`^MC_[^_]+_simlab_${location}$`));
        expect((await ask(azureToken, azure)).body).toMatch(/"access_token":"[^"]*SIMLAB-CANARY-TOKEN[^"]*"/);
        expect((await ask(azureToken)).status).toBe(400);
        expect((await ask('/metadata/instance', azure)).status).toBe(400);
        expect((await ask('/metadata/identity/oauth2/token?api-version=2018-02-01', azure)).status).toBe(400);
      });

    if (cloud === 'aws')
      test("a role's credentials, by a session only", async () => {
        const session = await ask('/latest/api/token', ttl, 'PUT');
        expect(session).toEqual({ status: 200, body: expect.stringContaining('SIMLAB-CANARY-TOKEN') });
        const token = { 'X-aws-ec2-metadata-token': session.body };
        const role = await ask(awsRole, token);
        expect((await ask(`${awsRole}/${role.body}`, token)).body).toMatch(/"Token" : "[^"]*SIMLAB-CANARY-TOKEN[^"]*"/);
        expect((await ask(awsRole)).status).toBe(401);
        expect((await ask('/latest/api/token', {}, 'PUT')).status).toBe(400);
        expect((await ask('/latest/api/token')).status).toBe(405);
      });

    if (cloud === 'gcp')
      test("a service account's token", async () => {
        expect((await ask('/computeMetadata/v1/', google)).status).toBe(200);
        expect((await ask(gcpToken, google)).body).toMatch(/"access_token":"[^"]*SIMLAB-CANARY-TOKEN[^"]*"/);
        expect((await ask(gcpToken)).status).toBe(403);
      });
  });
});
