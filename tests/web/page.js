// SPDX-License-Identifier: MIT
// The page in Chromium, from a plain file server: page.js HASH. Prints TAP.
'use strict';
const fs = require('fs');
const http = require('http');
const path = require('path');
const puppeteer = require('puppeteer-core');
const [nativeHash] = process.argv.slice(2);

let tests = 0, failed = 0;
function ok(holds, name) {
  failed += !holds;
  console.log(`${holds ? 'ok' : 'not ok'} ${++tests} - ${name}`);
}

const TYPES = {'.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript'};
const server = http.createServer((ask, answer) => {
  const name = new URL(ask.url, 'http://x').pathname.replace(/\/$/, '/index.html');
  fs.readFile(path.join('build/web', name), (error, bytes) => {
    answer.writeHead(error ? 404 : 200,
                     {'Content-Type': TYPES[path.extname(name)] || 'application/octet-stream'});
    answer.end(bytes);
  });
});

// Types a line at the prompt, and waits for an answer like that.
async function ask(page, line, like) {
  const before = (await page.$eval('#output', e => e.textContent)).length;
  await page.type('#line', line);
  await page.keyboard.press('Enter');
  const answer = await page.waitForFunction((from, like) => {
    const text = document.getElementById('output').textContent.slice(from);
    return new RegExp(like).test(text) && text;
  }, {timeout: 20000}, before, like);
  return answer.jsonValue();
}

const pixels = page => page.$eval('#panel', canvas => {
  const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return {size: [canvas.width, canvas.height],
          colours: new Set(new Uint32Array(data.buffer)).size,
          sum: new Uint32Array(data.buffer).reduce((sum, p) => (sum * 31 + p) >>> 0, 0)};
});

async function run(browser, address) {
  const page = await browser.newPage();
  const errors = [];
  page.on('pageerror', error => errors.push(String(error)));
  await page.setViewport({width: 1280, height: 900});
  const began = Date.now();
  await page.goto(`${address}#o=${encodeURIComponent('-S --ram 8M')}`);
  await page.waitForFunction(() => document.getElementById('panel').width > 400);
  ok(Date.now() - began < 10000, 'the first picture is there');
  const standing = await pixels(page);
  ok(standing.colours > 20, `... a drawing (${standing.colours} colours)`);
  ok(standing.size[0] === 1280, '... as wide as the page');

  const cycle = await ask(page, 'print cycle', '\\n\\d+\\n');
  ok(/\n0\n/.test(cycle), 'the machine stands before its first instruction');
  await ask(page, 'run-for 50ms', '0x\\w+ <');
  const hash = await ask(page, 'hash', 'hash \\w{32}');
  ok(hash.includes(nativeHash), `the hash is the native one: ${nativeHash}`);
  ok((await pixels(page)).sum !== standing.sum, 'the panel shows what has happened');
  ok(/unknown verb/.test(await ask(page, 'frobnicate', 'verb.*\\n')), 'a wrong verb is told');

  await page.focus('#panel');
  await page.keyboard.press('w'); // to the next page walk
  const later = +(await ask(page, 'print cycle', '\\n\\d+\\n')).match(/\n(\d+)\n/)[1];
  ok(later > 50e6, `a key of the panel runs the machine on (to cycle ${later})`);
  ok(!errors.length, `no error of the page ${errors}`);
}

server.listen(0, '127.0.0.1', async () => {
  const browser = await puppeteer.launch(
      {executablePath: '/usr/bin/chromium', args: ['--no-sandbox']});
  try {
    await run(browser, `http://127.0.0.1:${server.address().port}/`);
  } catch (error) {
    ok(false, `${error}`);
  }
  console.log(`1..${tests}`);
  await browser.close();
  server.close();
  process.exitCode = failed ? 1 : 0;
});
