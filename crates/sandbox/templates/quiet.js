// Looks now and then whether anything has happened, and shows the page anew without a flicker.
// Nobody loses what they are typing: a page with the cursor in a field is left alone.

const every = 2500;
let known = null;

const scrollDown = () => {
  const screen = document.getElementById("screen");
  if (screen) screen.scrollTop = screen.scrollHeight;
};

const isBusy = () => {
  const field = document.activeElement;
  return document.hidden || Boolean(field && field.matches("input, textarea, select"));
};

const replace = async () => {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok || isBusy()) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const main = document.getElementById("main");
  const next = fresh.getElementById("main");
  if (!main || !next || main.querySelector("iframe")) return;
  const open = [...main.querySelectorAll("details")].map((one) => one.open);
  next.querySelectorAll("details").forEach((one, place) => {
    one.open = open[place] ?? one.open;
  });
  next.querySelector(".note[role=status]")?.remove();
  main.replaceWith(next);
  const now = fresh.getElementById("now");
  if (now) document.getElementById("now")?.replaceWith(now);
  scrollDown();
};

const look = async () => {
  try {
    const answer = await fetch("/sandbox/inspector/pulse");
    const pulse = answer.ok ? await answer.text() : known;
    if (known !== null && pulse !== known && !isBusy()) await replace();
    if (!isBusy()) known = pulse;
  } catch {
    // The sandbox is not there just now; the next look will tell.
  }
  setTimeout(look, every);
};

scrollDown();
look();
