// SPDX-License-Identifier: MIT
// The page: gives the worker keys, pointer and lines, shows its pixels and text.
'use strict';
const canvas = document.getElementById('panel');
const output = document.getElementById('output');
const line = document.getElementById('line');
const worker = new Worker('worker.js');
const dots = () => window.devicePixelRatio || 1;
const send = (what, more) => worker.postMessage({what, ...more});

// ---- out ----
const decoder = new TextDecoder();
const OUTPUT_MOST = 100000; // characters that stay

function show(text) {
  output.textContent = (output.textContent + text).slice(-OUTPUT_MOST);
  output.scrollTop = output.scrollHeight;
}

worker.onerror = event => show(`clockhand: ${event.message}\n`);
worker.onmessage = ({data}) => {
  if (data.text) show(decoder.decode(data.text, {stream: true}).replace(/\r/g, ''));
  if (data.over !== undefined) show(`(the machine has ended: ${data.over})\n`);
  if (!data.pixels) return;
  if (canvas.width !== data.width || canvas.height !== data.height)
    [canvas.width, canvas.height] = [data.width, data.height];
  const pixels = new Uint8ClampedArray(data.pixels);
  canvas.getContext('2d').putImageData(
      new ImageData(pixels, data.width, data.height), 0, 0);
};

// The panel is drawn in the screen's own dots. It has a least size (layout.h);
// a smaller window shows it smaller.
new ResizeObserver(() => {
  const least = Math.max(1, 800 / canvas.clientWidth, 500 / canvas.clientHeight);
  send('size', {w: Math.round(canvas.clientWidth * dots() * least),
                h: Math.round(canvas.clientHeight * dots() * least),
                scale: Math.round(dots() * 100)});
}).observe(canvas);

// ---- in ----
// enum panel_key (panel/input/keys.h)
const KEYS = {Enter: 13, Tab: 9, Backspace: 127, Escape: 27, ArrowUp: 0x110000,
  ArrowDown: 0x110001, ArrowLeft: 0x110002, ArrowRight: 0x110003,
  Home: 0x110004, End: 0x110005, PageUp: 0x110006, PageDown: 0x110007,
  Insert: 0x110008, Delete: 0x110009};
const [MOVE, PRESS, RELEASE, WHY, BACK, LEAVE] = [0, 1, 2, 3, 4, 5];

canvas.addEventListener('keydown', event => {
  const key = KEYS[event.key] ||
      ([...event.key].length === 1 ? event.key.codePointAt(0) : 0);
  // Tab leaves the panel, and the browser keeps its own keys.
  if (!key || event.key === 'Tab' || event.ctrlKey || event.altKey || event.metaKey)
    return;
  event.preventDefault();
  send('key', {key, ctrl: false});
});

function at(event) {
  return {x: Math.floor(event.offsetX * canvas.width / canvas.clientWidth),
          y: Math.floor(event.offsetY * canvas.height / canvas.clientHeight)};
}

const pointer = (what, event) => send('pointer', {what, ...at(event)});
canvas.addEventListener('pointermove', event => pointer(MOVE, event));
canvas.addEventListener('pointerleave', event => pointer(LEAVE, event));
canvas.addEventListener('pointerdown', event => {
  if (event.button === 0) pointer(PRESS, event);
});
canvas.addEventListener('pointerup', event => {
  const what = [RELEASE, , WHY, BACK][event.button];
  if (what) pointer(what, event);
});
canvas.addEventListener('contextmenu', event => event.preventDefault());
canvas.addEventListener('wheel', event => {
  event.preventDefault();
  send('wheel', {steps: -Math.sign(event.deltaY), ...at(event)});
}, {passive: false});

document.getElementById('prompt').addEventListener('submit', event => {
  event.preventDefault();
  show(`(clockhand) ${line.value}\n`);
  send('line', {line: line.value});
  line.value = '';
});

const options = new URLSearchParams(location.hash.slice(1)).get('o');
send('start', {options: ['--panel', ...(options || '--timing fast --ram 8M --swap 32M').split(' ')]});
