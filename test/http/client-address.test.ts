import { test } from 'tap';
import { ClientAddress, groupOf, isAddressRange, isLoopback } from '../../dist/http/client-address.js';
import { request } from './request.js';

function clientOf(proxies: readonly string[], address: string, forwarded = ''): string {
  const header = (name: string) => (name === 'x-forwarded-for' ? forwarded : '');
  return new ClientAddress(proxies).of({ ...request({}), address, header });
}

test('without proxies the other end of the connection is the client', async (t) => {
  t.equal(clientOf([], '1.2.3.4', '5.6.7.8'), '1.2.3.4');
  t.notOk(new ClientAddress([]).readsHeader);
});

test('a trusted proxy says who the client is; any other does not', async (t) => {
  t.equal(clientOf(['10.0.0.1'], '10.0.0.1', '5.6.7.8'), '5.6.7.8');
  t.equal(clientOf(['10.0.0.1'], '10.0.0.2', '5.6.7.8'), '10.0.0.2');
  t.equal(clientOf(['10.0.0.0/8'], '10.200.0.2', '5.6.7.8'), '5.6.7.8');
  t.equal(clientOf(['10.0.0.0/8'], '::ffff:10.0.0.2', '5.6.7.8'), '5.6.7.8', 'over a socket for IPv6, too');
  t.equal(clientOf(['fd00::/8'], 'fd00::1', '2001:db8::1'), '2001:db8::1');
});

test('of several hops the last that is no trusted proxy counts', async (t) => {
  t.equal(clientOf(['10.0.0.0/8'], '10.0.0.1', '9.9.9.9, 5.6.7.8 ,10.0.0.7'), '5.6.7.8');
  t.equal(clientOf(['10.0.0.0/8'], '10.0.0.1', '10.0.0.3, 10.0.0.7'), '10.0.0.3', 'where all are, the first');
  t.equal(clientOf(['10.0.0.0/8'], '10.0.0.1', ''), '10.0.0.1');
  t.equal(clientOf(['10.0.0.0/8'], '10.0.0.1', '6.6.6.6, unknown'), '10.0.0.1', 'what a proxy does not name, nobody else does');
  t.equal(clientOf(['10.0.0.0/8'], '10.0.0.1', '6.6.6.6, _hidden, 10.0.0.2'), '10.0.0.2');
  t.equal(clientOf(['10.0.0.0/8'], '10.0.0.1', '6.6.6.6, 1.2.3.4:5678'), '1.2.3.4', 'a port is none of it');
  t.equal(clientOf(['10.0.0.0/8'], '10.0.0.1', '6.6.6.6, [2001:db8::1]:80'), '2001:db8::1');
  t.equal(clientOf(['10.0.0.0/8'], ''), '', 'a socket in the file system has no address');
});

test('what an address is counted under', async (t) => {
  t.equal(groupOf('1.2.3.4'), '1.2.3.4');
  t.equal(groupOf('::ffff:1.2.3.4'), '1.2.3.4');
  t.equal(groupOf('0000:0000:0000:0000:0000:ffff:0102:0304'), '1.2.3.4');
  t.equal(groupOf('2001:db8:1:2:3:4:5:6'), groupOf('2001:0db8:0001:0002:ffff:0000:0000:0001'));
  t.not(groupOf('2001:db8:1:2::1'), groupOf('2001:db8:1:3::1'));
  t.equal(groupOf(''), '');
});

test('what can be listened on by this machine alone', async (t) => {
  for (const host of ['127.0.0.1', '127.8.8.8', '::1', 'localhost', '::ffff:127.0.0.1']) t.ok(isLoopback(host), host);
  for (const host of ['0.0.0.0', '::', '10.0.0.1', 'example.org', 'localhost.example.org', '']) t.notOk(isLoopback(host), host);
});

test('what is an address, or a range', async (t) => {
  for (const text of ['1.2.3.4', '10.0.0.0/8', '::1', 'fd00::/8']) t.ok(isAddressRange(text), text);
  for (const text of ['', 'localhost', '10.0.0.0/33', '10.0.0.0/', '1.2.3.4/8/8']) t.notOk(isAddressRange(text), text);
});
