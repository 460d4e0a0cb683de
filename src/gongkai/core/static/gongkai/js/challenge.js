// gongkai: the challenge of public forms. The device looks for numbers whose SHA-256 begins with enough zero bits, a few
// milliseconds at a time, from the moment the reader begins to fill in the form. No picture, no letters to copy.
"use strict";

(() => {
  // SHA-256 (FIPS 180-4) of one block: the constants are the first 32 bits of the fraction of the cube roots of primes.
  const K = new Int32Array(64);
  const H = new Int32Array(8);
  {
    let found = 0;
    for (let n = 2; found < 64; n += 1) {
      let prime = true;
      for (let d = 2; d * d <= n; d += 1) if (n % d === 0) prime = false;
      if (!prime) continue;
      if (found < 8) H[found] = (Math.sqrt(n) % 1) * 4294967296;
      K[found] = (Math.cbrt(n) % 1) * 4294967296;
      found += 1;
    }
  }

  const W = new Int32Array(64);
  // The first 32 bits of the hash of the block in W[0..15]; a challenge never asks for more.
  const head = () => {
    for (let t = 16; t < 64; t += 1) {
      const x = W[t - 15];
      const y = W[t - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      W[t] = (W[t - 16] + s0 + W[t - 7] + s1) | 0;
    }
    let a = H[0];
    let b = H[1];
    let c = H[2];
    let d = H[3];
    let e = H[4];
    let f = H[5];
    let g = H[6];
    let h = H[7];
    for (let t = 0; t < 64; t += 1) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[t] + W[t]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    return (H[0] + a) | 0;
  };

  // "seed:part:number" is shorter than 55 characters, so it fills one block.
  const put = (text) => {
    W.fill(0, 0, 16);
    for (let at = 0; at < text.length; at += 1) W[at >> 2] |= text.charCodeAt(at) << (24 - (at & 3) * 8);
    W[text.length >> 2] |= 0x80 << (24 - (text.length & 3) * 8);
    W[15] = text.length * 8;
  };

  const SLICE = 24;
  const solve = (seed, bits, parts, told) =>
    new Promise((resolve) => {
      const found = [];
      let number = 0;
      const work = () => {
        const until = performance.now() + SLICE;
        while (found.length < parts && performance.now() < until) {
          for (let turn = 0; turn < 256 && found.length < parts; turn += 1) {
            put(`${seed}:${found.length}:${number}`);
            if (Math.clz32(head()) >= bits) {
              found.push(number);
              number = 0;
            } else {
              number += 1;
            }
          }
        }
        told(found.length / parts);
        if (found.length < parts) setTimeout(work, 0);
        else resolve(found.join(","));
      };
      work();
    });

  for (const part of document.querySelectorAll("[data-challenge]")) {
    const form = part.closest("form");
    const answer = part.querySelector('input[name="challenge_answer"]');
    const state = part.querySelector("[data-challenge-state]");
    let running = null;
    let waiting = false;
    const say = (words) => {
      if (state.textContent === words) return;
      state.hidden = false;
      state.textContent = words;
    };
    const told = (share) => {
      // Said in quarters, so that a screen reader is not made to count along.
      if (waiting && share < 1) say(`正在自动验证，完成后马上提交（${Math.floor(share * 4) * 25}%）`);
    };
    const begin = () => {
      running ??= solve(part.dataset.seed, Number(part.dataset.bits), Number(part.dataset.parts), told).then((found) => {
        answer.value = found;
        if (waiting) say("自动验证完成，正在提交");
      });
      return running;
    };
    form.addEventListener("focusin", begin, { once: true });
    form.addEventListener("input", begin, { once: true });
    form.addEventListener("submit", (event) => {
      if (answer.value || event.submitter?.formNoValidate) return;
      event.preventDefault();
      if (waiting) return;
      waiting = true;
      const submitter = event.submitter;
      begin().then(() => {
        waiting = false;
        form.requestSubmit(submitter || undefined);
      });
    });
    // Whoever comes back by the browser's button finds the form as it was, with a challenge that may be used up: the
    // server then says so and gives a new one.
  }
})();
