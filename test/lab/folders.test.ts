import { expect, test } from 'vitest';
import { labFolders } from '../../src/lab/folders.ts';

test('the usual folders', () => {
  expect(labFolders({})).toEqual({ name: 'kubesim-lab', state: '/var/lib/kubesim/lab', cache: '/var/cache/kubesim/lab' });
});

test('another state folder is another lab', () => {
  const { name, state } = labFolders({ SIM_LAB_STATE: '/srv/lab/' });
  expect(name).toMatch(/^kubesim-lab-[0-9a-f]{6}$/);
  expect(state).toBe('/srv/lab');
  expect(labFolders({ SIM_LAB_STATE: '/srv/other' }).name).not.toBe(name);
});

test.each(['relative', '/', '/run/lab', '/var/log', '/var/lib/kubelet/x', '/srv/a b', '/srv/"x"', '/srv/../run/lab'])(
  '%s is refused',
  (path) => {
    expect(() => labFolders({ SIM_LAB_STATE: path })).toThrow(/SIM_LAB_STATE cannot be/);
  },
);

test('a cache inside the state would go with it', () => {
  expect(() => labFolders({ SIM_LAB_STATE: '/srv/lab', SIM_LAB_CACHE: '/srv/lab/cache' })).toThrow(/inside the state folder/);
});
