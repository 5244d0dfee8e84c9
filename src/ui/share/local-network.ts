/** macOS asks the user whether the browser may look for devices on the network, as soon as pages connect to each other. */

/** What a browser says of the system that it runs on: `navigator`. */
export interface Browser {
  /** Chromium only. */
  readonly userAgentData?: { readonly platform: string };
  readonly platform: string;
  /** An iPad calls itself a Mac, and has more than none. */
  readonly maxTouchPoints: number;
}

const isOnMac = ({ userAgentData, platform, maxTouchPoints }: Browser): boolean =>
  userAgentData ? userAgentData.platform === 'macOS' : platform.startsWith('Mac') && maxTouchPoints === 0;

/** For before it asks: w3c/webrtc-pc#3109. Empty on other systems. */
export const localNetworkWords = (browser: Browser): string =>
  isOnMac(browser)
    ? 'macOS may ask whether this browser may find devices on your local network. Allow it, for pages look for each other that way. Where it was refused before, it is allowed in System Settings, Privacy & Security, Local Network.'
    : '';
