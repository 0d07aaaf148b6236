import ipaddr from 'ipaddr.js';
import type { Exchange, HeaderName } from './exchange.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [Address, number];

/** How much of an IPv6 address its holder can't choose: most get a network of this size. */
const IPV6_NETWORK_BITS = 64;

/** Finds out which client a request came from, behind the proxies that are trusted to say so. */
export class ClientAddress {
  readonly #proxies: readonly Range[];

  /** @param proxies addresses, or ranges of them such as `10.0.0.0/8`, see `isAddressRange`. */
  constructor(proxies: readonly string[]) {
    this.#proxies = proxies.map(rangeOf);
  }

  /** The headers that it reads. */
  get headers(): readonly HeaderName[] {
    return this.readsHeader ? ['x-forwarded-for'] : [];
  }

  /** Whether it reads the header X-Forwarded-For. */
  get readsHeader(): boolean {
    return this.#proxies.length > 0;
  }

  /**
   * The last address that no trusted proxy has: what stands before it in the header anybody may have
   * written. Where a proxy names nothing that is an address, the proxy itself.
   */
  of(exchange: Exchange): string {
    let client = exchange.address;
    if (!this.readsHeader || !this.#isProxy(client)) return client;
    const hops = exchange.header('x-forwarded-for').split(',');
    for (let i = hops.length - 1; i >= 0; i--) {
      const hop = withoutPort((hops[i] as string).trim());
      if (!ipaddr.isValid(hop)) break;
      client = hop;
      if (!this.#isProxy(hop)) break;
    }
    return client;
  }

  #isProxy(text: string): boolean {
    if (!ipaddr.isValid(text)) return false;
    const address = ipaddr.process(text);
    return this.#proxies.some(([range, bits]) => address.kind() === range.kind() && address.match(range, bits));
  }
}

/** Some proxies write `1.2.3.4:5678` and `[2001:db8::1]:5678`. */
function withoutPort(hop: string): string {
  return /^\[([^\]]*)\](?::\d+)?$/.exec(hop)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(hop)?.[1] ?? hop;
}

/** Whether a text is an address, or a range of addresses. */
export function isAddressRange(text: string): boolean {
  return ipaddr.isValid(text) || ipaddr.isValidCIDR(text);
}

function rangeOf(text: string): Range {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/** Whether only this machine can reach an address to listen on. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  return ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback';
}

/** An address in its shortest form, whichever transport it comes from: `127.0.0.1`, `::1`. */
export function plainAddress(text: string): string {
  return ipaddr.isValid(text) ? ipaddr.process(text).toString() : text;
}

/** What stands for a client's address where clients are counted: of IPv6 the network. */
export function groupOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return ipaddr.IPv6.networkAddressFromCIDR(`${parsed}/${IPV6_NETWORK_BITS}`).toString();
}
