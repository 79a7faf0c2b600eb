// What a call's lobby and room load, each after those that it imports: served as one file, room.js (core/serving/bundles.py).
import "./dom.js";
import "./library.js";
import "./devices.js";
import "./meter.js";
import "./join.js";
import "./lobby.js";
import "./tiles.js";
import "./controls.js";
import "./room.js";
import "./page.js";
