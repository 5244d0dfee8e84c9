// Runs a program that must not outlive who started it: node end-with-parent.mjs PROGRAM ARGUMENTS...
//
// Standard input is a pipe of the one who started this. The system closes it when that process ends, however it does,
// SIGKILL included, and then the program is killed. A program that has something to lose should not be run so.
import { spawn } from 'node:child_process';

const [program, ...parameters] = process.argv.slice(2);
const child = spawn(program, parameters, { stdio: ['ignore', 'inherit', 'inherit'] });
const end = () => void child.kill('SIGKILL');

process.stdin.on('end', end).on('error', end).resume();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
child.on('error', error => {
  console.error(error.message);
  process.exit(1);
});
child.on('exit', (code, signal) => {
  // Such as by a system that has run out of memory.
  if (signal) console.error(`The process was ended by ${signal}.`);
  process.exit(code ?? 1);
});
