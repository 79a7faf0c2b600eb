// What every page loads, in this order: served as one file, koppel.js (core/serving/bundles.py).
import "./theme.js";
import "./toasts.js";
import "./dialogs.js";
import "./menus.js";
import "./tabs.js";
import "./tables.js";
import "./filters.js";
import "./combobox.js";
import "./times.js";
import "./tooltips.js";
import "./copy.js";
import "./secrets.js";
import "./forms.js";
import "./palette.js";
