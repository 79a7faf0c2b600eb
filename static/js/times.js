// "9 minutes ago" stays true while the page is open. The server wrote the first one; the rules are the same here.

const language = document.documentElement.lang || "en";
const words = new Intl.RelativeTimeFormat(language, { numeric: "always" });
const justNow = document.documentElement.dataset.justNow || "";
const UNITS = [
  ["year", 31536000],
  ["month", 2592000],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];

function relative(when) {
  const seconds = (when - Date.now()) / 1000;
  for (const [unit, length] of UNITS) {
    const count = Math.trunc(seconds / length);
    if (count !== 0) return words.format(count, unit);
  }
  return justNow;
}

function refresh() {
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const text = relative(Date.parse(time.dateTime));
    if (text && time.textContent !== text) time.textContent = text;
  }
}

setInterval(refresh, 20000);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
