// A page that is early opens by itself; a guest elsewhere is told the time there.

const early = document.querySelector("[data-opens]");
if (early) {
  const wait = () => {
    const left = Date.parse(early.dataset.opens) - Date.now();
    // Looked at again every hour at most: a timer is lost while a machine sleeps.
    if (left <= 0) location.reload();
    else setTimeout(wait, Math.min(left + 500, 3600000));
  };
  setTimeout(wait, 1000);
}

const elsewhere = document.querySelector("[data-your-time]");
if (elsewhere) {
  const when = new Date(elsewhere.dataset.yourTime);
  const time = new Intl.DateTimeFormat(document.documentElement.lang, { weekday: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(when);
  elsewhere.textContent = `. ${elsewhere.dataset.words.replace("{time}", time)}`;
  const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(when);
  elsewhere.hidden = clock === elsewhere.dataset.agreed;
}
