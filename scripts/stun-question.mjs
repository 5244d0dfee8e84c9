// The shortest question to a STUN server, which tells that it is there: RFC 8489, section 5.
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';

const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
const magicCookie = 0x2112a442;
const headerBytes = 20;

/**
 * Asks until there is an answer.
 *
 * @param {string} address
 * @param {number} port
 * @param {AbortSignal} signal ends the asking
 * @returns {Promise<void>} rejected with the signal's reason
 */
export async function stunAnswers(address, port, signal) {
  const question = Buffer.alloc(headerBytes);
  question.writeUInt16BE(bindingRequest, 0);
  question.writeUInt32BE(magicCookie, 4);
  randomBytes(12).copy(question, 8);
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  // Where nobody listens yet, the system may say so; the next question is sent all the same.
  const ask = () => socket.send(question, port, address, () => {});
  const asking = setInterval(ask, 50);
  try {
    ask();
    for (;;) {
      const [answer] = /** @type {[Buffer]} */ (await once(socket, 'message', { signal }));
      const isAnswer = answer.length >= headerBytes && answer.readUInt16BE(0) === bindingSuccess;
      if (isAnswer && answer.subarray(4, headerBytes).equals(question.subarray(4))) return;
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    clearInterval(asking);
    socket.close();
  }
}
