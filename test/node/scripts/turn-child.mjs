// Starts turnserver as the server of the page does, tells its port, and waits to be killed: node turn-child.mjs PROGRAM
import { startTurnServer } from '../../../scripts/turn-server.mjs';

const { port } = await startTurnServer({ program: process.argv[2], addresses: ['127.0.0.1'] });
process.send?.(port);
