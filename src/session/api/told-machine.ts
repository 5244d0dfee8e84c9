/** What pages that share a run tell of their machines: for who passes it on. */
export { readToldMachine, type SaidPower, type ToldMachine, toldVersion } from '../../energy/told-machine.ts';
