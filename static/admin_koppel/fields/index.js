// In place of ../forms, for a page with more: rows below rows, days and times, fields to search in. Select2 before jquery.init.js, which puts jQuery away.
import "../../admin/js/vendor/jquery/jquery.min.js";
import "../../admin/js/vendor/select2/select2.full.min.js";
import "../../admin/js/vendor/select2/i18n/en.js";
import "../../admin/js/vendor/select2/i18n/nl.js";
import "../../admin/js/vendor/select2/i18n/fr.js";
import "../../admin/js/jquery.init.js";
import "../../admin/js/core.js";
import "../../admin/js/admin/RelatedObjectLookups.js";
import "../../admin/js/actions.js";
import "../../admin/js/calendar.js";
import "../../admin/js/admin/DateTimeShortcuts.js";
import "../../admin/js/inlines.js";
import "../../admin/js/SelectBox.js";
import "../../admin/js/SelectFilter2.js";
import "../../admin/js/autocomplete.js";
import "../../unfold/js/select2.init.js";
