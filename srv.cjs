const http = require('http');
const modes = {
  html: (q, s) => {
    s.writeHead(200, { 'content-type': 'text/html' });
    s.end('<html><body>Login \x1b[31mhere</body></html>');
  },
  html403: (q, s) => {
    s.writeHead(403, { 'content-type': 'text/html' });
    s.end('<html>Proxy denied \x1b]0;pwn\x07</html>');
  },
  e500: (q, s) => {
    s.writeHead(500);
    s.end('oops');
  },
  hang: () => {},
  drop: (q, s) => {
    q.socket.destroy();
  },
  redirect: (q, s) => {
    s.writeHead(302, { location: 'http://127.0.0.1:1/' });
    s.end();
  },
  half: (q, s) => {
    s.writeHead(200, { 'content-length': '1000', 'content-type': 'application/json' });
    s.write('{"a":');
    setTimeout(() => q.socket.destroy(), 100);
  },
  exp: (q, s) => {
    const b =
      '{"__type":"com.amazonaws#ExpiredTokenException","message":"The security token included in the request is expired"}';
    s.writeHead(400, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': 'ExpiredTokenException' });
    s.end(b);
  },
  empty: (q, s) => {
    s.writeHead(200, { 'content-type': 'application/json' });
    s.end('');
  },
  garb: (q, s) => {
    s.writeHead(200, { 'content-type': 'application/json' });
    s.end('{"MetricDataResults":"foo"}');
  },
  throttle: (q, s) => {
    s.writeHead(400, { 'x-amzn-errortype': 'ThrottlingException', 'content-type': 'application/x-amz-json-1.1' });
    s.end('{"__type":"ThrottlingException","message":"Rate exceeded"}');
  },
  denied: (q, s) => {
    s.writeHead(403, { 'x-amzn-errortype': 'AccessDeniedException', 'content-type': 'application/x-amz-json-1.1' });
    s.end(
      '{"__type":"AccessDeniedException","message":"User: arn:aws:iam::1:user/x is not authorized to perform: foo \\u001b[31m"}',
    );
  },
};
const out = {};
let n = Object.keys(modes).length;
for (const m in modes) {
  const s = http.createServer((q, r) => {
    q.resume();
    modes[m](q, r);
  });
  s.listen(0, '127.0.0.1', () => {
    out[m] = s.address().port;
    if (--n === 0)
      require('fs').writeFileSync(
        'ports',
        Object.entries(out)
          .map(([k, v]) => `P_${k}=${v}`)
          .join('\n'),
      );
  });
}
setTimeout(() => process.exit(), 900000);
