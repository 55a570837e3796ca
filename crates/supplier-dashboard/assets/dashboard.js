// What only a page that stays open can do: copying, and requests as they come. All else works without it.
'use strict';

for (const button of document.querySelectorAll('[data-copy]')) {
  button.addEventListener('click', async () => {
    const text = document.getElementById(button.dataset.copy).textContent;
    const said = button.textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Select it, and copy it yourself';
    }
    setTimeout(() => { button.textContent = said; }, 2000);
  });
}

// The steps of the start page fill in as the sandbox sees them happen.
const steps = document.querySelector('[data-watch]');
if (steps) {
  new EventSource(steps.dataset.watch).addEventListener('message', async () => {
    const page = new DOMParser().parseFromString(await (await fetch('/')).text(), 'text/html');
    const now = page.querySelector('.steps');
    if (now) steps.replaceChildren(...now.children);
  });
}

const table = document.getElementById('requests');
if (table) {
  const state = document.getElementById('live-state');
  const pause = document.getElementById('pause');
  const waiting = [];
  let paused = false;
  const say = () => {
    state.textContent = paused ? `Paused; ${waiting.length} waiting.` : 'Live: requests show as they come.';
  };
  const show = (html) => {
    const none = document.getElementById('none-yet');
    if (none) none.remove();
    // The row is written and escaped by the server.
    const row = document.createElement('tbody');
    row.innerHTML = html;
    table.prepend(...row.children);
    while (table.rows.length > 200) table.deleteRow(-1);
  };
  const source = new EventSource(table.dataset.live);
  source.addEventListener('open', say);
  source.addEventListener('message', ({ data }) => {
    if (paused) { waiting.push(data); say(); } else { show(data); }
  });
  source.addEventListener('error', () => { state.textContent = 'Not live: the server is away. Trying again.'; });
  pause.hidden = false;
  pause.addEventListener('click', () => {
    paused = !paused;
    pause.textContent = paused ? 'Go on' : 'Pause';
    if (!paused) { waiting.splice(0).forEach(show); }
    say();
  });
}
