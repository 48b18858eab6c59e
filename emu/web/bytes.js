// SPDX-License-Identifier: MIT
// Handles compressed bytes: the page's files, and the input log in a link.
'use strict';

const piped = async (bytes, through) =>
    new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(through)).arrayBuffer());

// Each file is stored compressed, so that no file server need compress it. If the
// server declares the compression in a header, the browser has inflated it already.
async function inflated(name) {
  const answer = await fetch(name + '.gz');
  if (!answer.ok) throw new Error(`${name}.gz: ${answer.status}`);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? piped(bytes, new DecompressionStream('gzip')) : bytes;
}

// Compresses bytes into a base64url word; ofWord inflates them again.
async function toWord(bytes) {
  const small = await piped(bytes, new CompressionStream('deflate'));
  return btoa(String.fromCharCode(...small)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

const ofWord = word => piped(
    Uint8Array.from(atob(word.replace(/-/g, '+').replace(/_/g, '/')), c => c.charCodeAt(0)),
    new DecompressionStream('deflate'));
