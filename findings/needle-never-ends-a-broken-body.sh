#!/bin/sh
# needle 3.5.0 (npm): when a body breaks off, its promise is never settled and its callback never called.
#
# Expected: an error, as for a connection that closes before the answer, and as axios 1.21.1 gives. Seen: nothing; a program
# that has no more to do ends with exit code 0 in the middle of a function. No time-out is set unless `read_timeout` is
# given, which makes an error of it at last.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >npm.log
npm install --silent --no-progress needle@3.5.0 axios@1.21.1 >>npm.log

cat >look.cjs <<'NODE'
const { createServer } = require('node:net');
const axios = require('axios');
const needle = require('needle');

const bodies = { '/length': 'Content-Length: 100\r\n\r\nshort', '/chunked': 'Transfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n' };
const server = createServer((socket) => socket.once('data', (request) => {
  const body = bodies[String(request).split(' ')[1]];
  socket.end(body ? `HTTP/1.1 200 OK\r\n${body}` : undefined);
}));

async function look(name, call) {
  let seen = 'nothing';
  process.once('exit', () => console.log(name, seen));
  await call().then(() => { seen = 'an answer'; }, () => { seen = 'an error'; });
}

server.listen(0, '127.0.0.1', () => {
  server.unref();
  const url = `http://127.0.0.1:${server.address().port}`;
  for (const path of ['/length', '/chunked', '/closed']) {
    look(`needle ${path}`, () => needle('get', url + path, {}));
    look(`needle ${path} read_timeout`, () => needle('get', url + path, {}, { read_timeout: 100 }));
    look(`axios ${path}`, () => axios.get(url + path, { proxy: false }));
  }
});
NODE
seen=$(node look.cjs)
expected='needle /length nothing
needle /length read_timeout an error
axios /length an error
needle /chunked nothing
needle /chunked read_timeout an error
axios /chunked an error
needle /closed an error
needle /closed read_timeout an error
axios /closed an error'
printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  echo "changed: needle no longer does what is described here"
  exit 1
fi
