// Visits httpbin, whose URL is its argument; says nothing if all is well.
const http = require('node:http');
const assert = require('node:assert');

const base = process.argv[2];
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const sockets = new Set();

function call(method, path, { headers = {}, content, trailers } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(base + path, { method, headers, agent }, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => resolve({ response, text: Buffer.concat(pieces).toString() }));
    });
    request.on('socket', (socket) => sockets.add(socket));
    request.on('error', reject);
    const send = () => {
      for (const piece of content ?? []) request.write(piece);
      if (trailers) request.addTrailers(trailers);
      request.end();
    };
    if (headers.expect) {
      request.flushHeaders();
      request.on('continue', send);
    } else {
      send();
    }
  });
}

async function main() {
  for (let i = 1; i <= 100; i++) {
    const { response, text } = await call('GET', `/range/${i}`);
    assert.deepStrictEqual([response.statusCode, text.length], [200, i]);
  }
  assert.strictEqual((await call('GET', '/stream/20')).text.trim().split('\n').length, 20);
  assert.strictEqual((await call('HEAD', '/bytes/1000')).response.headers['content-length'], '1000');
  assert.strictEqual((await call('GET', '/status/204')).response.statusCode, 204);
  const content = Array(16).fill(Buffer.alloc(65536, 'x'));
  const upload = async (options) => JSON.parse((await call('PUT', '/upload', options)).text);
  assert.strictEqual((await upload({ content, headers: { expect: '100-continue' } })).octets, 1 << 20);
  const chunked = await upload({ content, headers: { trailer: 'x-sum' }, trailers: { 'x-sum': '42' } });
  assert.deepStrictEqual([chunked.octets, chunked.trailers], [1 << 20, { 'x-sum': '42' }]);
  assert.strictEqual((await call('GET', '/trailers?x-sum=5')).response.trailers['x-sum'], '5');
  assert.strictEqual(sockets.size, 1);
  agent.destroy();
  assert.strictEqual((await (await fetch(`${base}/redirect/5`)).json()).url, `${base}/get`);
  assert.strictEqual((await (await fetch(`${base}/brotli`)).json()).brotli, true);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
