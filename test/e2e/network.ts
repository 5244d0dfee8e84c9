/**
 * A network of three machines on one switch, each a network namespace of Linux: a server and two clients. The switch can
 * keep multicast and the two clients from each other, as school networks do. What is not on it cannot be reached.
 *
 * It takes root, and nothing but `ip` of iproute2. Where namespaces cannot be made, `build` throws, and the tests fail.
 */
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Machine = 'server' | 'ada' | 'bob';

export interface Network {
  readonly addresses: Readonly<Record<Machine, string>>;
  /** Lets multicast through the switch, or not. */
  multicast(passes: boolean): void;
  /** Keeps the clients from each other; both reach the server. */
  apart(are: boolean): void;
  /** The server's machine answers nothing that comes by UDP from now on, or to this port by TCP. */
  blockUdp(): void;
  blockTcp(port: number): void;
  start(machine: Machine, command: string, parameters: readonly string[]): ChildProcessWithoutNullStreams;
  /** Path of a program that runs another one on a machine, for who can start a file only. */
  wrapper(machine: Machine, command: string): string;
  close(): void;
}

/** Addresses for documentation (RFC 5737), so none of a real network. */
const addresses = { server: '198.51.100.1', ada: '198.51.100.2', bob: '198.51.100.3' };
const machines = Object.keys(addresses) as Machine[];
const clients: readonly Machine[] = ['ada', 'bob'];

/** @throws Error where this machine has no namespaces to give */
export function buildNetwork(): Network {
  const prefix = `isobar-${process.pid}`;
  const nameOf = (machine: string) => `${prefix}-${machine}`;
  const folder = mkdtempSync(join(tmpdir(), 'isobar-network-'));
  const ip = (...parameters: string[]) =>
    execFileSync('ip', parameters, { stdio: ['ignore', 'ignore', 'pipe'] });
  const within = (machine: string, ...parameters: string[]) => ip('-n', nameOf(machine), ...parameters);
  const port = (machine: Machine, setting: string, isOn: boolean) =>
    within('switch', 'link', 'set', 'dev', machine, 'type', 'bridge_slave', setting, isOn ? 'on' : 'off');

  try {
    for (const machine of ['switch', ...machines]) ip('netns', 'add', nameOf(machine));
  } catch (cause) {
    throw new Error(
      'Network namespaces cannot be made here (ip netns add), so nothing is known of STUN and TURN. It takes Linux, root and iproute2. Where the machine forbids it, ISOBAR_NO_NAMESPACES=1 leaves these tests out.',
      { cause },
    );
  }
  within('switch', 'link', 'add', 'switch0', 'type', 'bridge');
  within('switch', 'link', 'set', 'switch0', 'up');
  for (const machine of machines) {
    ip(
      'link',
      'add',
      machine,
      'netns',
      nameOf('switch'),
      'type',
      'veth',
      'peer',
      'name',
      'eth0',
      'netns',
      nameOf(machine),
    );
    within('switch', 'link', 'set', machine, 'master', 'switch0', 'up');
    within(machine, 'link', 'set', 'lo', 'up');
    // Without addresses of IPv6, whose neighbours are found by multicast.
    within(machine, 'link', 'set', 'eth0', 'addrgenmode', 'none', 'up');
    within(machine, 'address', 'add', `${addresses[machine]}/24`, 'dev', 'eth0');
    // Browsers look for the address that leads to the internet; nobody is there.
    within(machine, 'route', 'add', 'default', 'via', '198.51.100.254');
  }

  // The rule that delivers what is for this machine comes first unless it is moved.
  within('server', 'rule', 'add', 'pref', '100', 'lookup', 'local');
  within('server', 'rule', 'delete', 'pref', '0');
  const drop = (...packets: string[]) =>
    within('server', 'rule', 'add', 'pref', '10', 'iif', 'eth0', 'blackhole', 'ipproto', ...packets);

  return {
    addresses,
    multicast(passes) {
      for (const machine of machines) port(machine, 'mcast_flood', passes);
    },
    apart(are) {
      for (const machine of clients) port(machine, 'isolated', are);
    },
    blockUdp: () => drop('udp'),
    blockTcp: port => drop('tcp', 'dport', `${port}`),
    start: (machine, command, parameters) =>
      spawn('ip', ['netns', 'exec', nameOf(machine), command, ...parameters]),
    wrapper(machine, command) {
      const file = join(folder, machine);
      writeFileSync(file, `#!/bin/sh\nexec ip netns exec ${nameOf(machine)} '${command}' "$@"\n`);
      chmodSync(file, 0o755);
      return file;
    },
    close() {
      for (const machine of [...machines, 'switch']) ip('netns', 'delete', nameOf(machine));
      rmSync(folder, { recursive: true });
    },
  };
}
