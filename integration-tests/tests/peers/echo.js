// Echoes content with its trailers; answers 100-continue, HEAD, 204. Prints its address.
const http = require('node:http');

const server = http.createServer((request, response) => {
  if (request.url === '/none') {
    response.writeHead(204).end();
    return;
  }
  if (request.method === 'GET' || request.method === 'HEAD') {
    response.setHeader('content-length', 7);
    response.end(request.method === 'HEAD' ? undefined : 'content');
    return;
  }
  response.writeHead(200, { trailer: 'x-sum' });
  request.on('data', (piece) => response.write(piece));
  request.on('end', () => {
    response.addTrailers({ 'x-sum': request.trailers['x-sum'] ?? 'none' });
    response.end();
  });
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
