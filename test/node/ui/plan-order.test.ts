/** What the plan view is asked: as its address has it, and back. */
import { expect, test } from 'vitest';
import { cameraOf, meshIn, orderIn } from '../../../src/ui/plan/plan-order.ts';

test('an address is read and written; what is as usual or cannot be used is left', () => {
  const camera = {
    preset: 'published-64',
    mesh: '1x2',
    copies: '8',
    gpu: 'H100',
    link: 'infiniband',
    precision: 'tf32',
  };
  const order = orderIn(camera);
  expect(order).toEqual({
    preset: 'published-64',
    mesh: { rows: 1, columns: 2, replicas: 8 },
    gpu: 'H100',
    link: 'infiniband',
    precision: 'tf32',
  });
  expect(cameraOf(order)).toEqual(camera);
  const usual = orderIn({});
  expect(
    orderIn({ preset: 'none', mesh: '2', copies: '0', gpu: 'Voodoo', link: 'pigeon', precision: 'f64' }),
  ).toEqual(usual);
  expect(cameraOf(usual)).toEqual({ preset: 'published-1', mesh: '2x2', gpu: 'A100', link: 'nvlink' });
  // A rate that the table has not for a GPU.
  expect(orderIn({ gpu: 'T4', precision: 'tf32' }).precision).toBe('f32');
});

test.each([
  ['2', '1'],
  ['2x2', '0'],
  ['2x2', '1.5'],
  ['0x2', '1'],
  ['', '1'],
])('%s with %s copies is no mesh', (mesh, copies) => {
  expect(meshIn(mesh, copies)).toBeUndefined();
});
