/* What Chatwoot's script does, as far as a page can see it: a bubble, a frame behind it, and its events. */
(function () {
  "use strict";

  function settings() {
    return window.chatwootSettings || {};
  }

  function style() {
    var sheet = document.createElement("style");
    sheet.id = "cw-widget-styles";
    sheet.textContent =
      ".woot-widget-bubble{position:fixed;bottom:20px;min-width:64px;height:64px;border-radius:32px;border:0;" +
      "background:#1f93ff;color:#fff;padding:0 20px;cursor:pointer;z-index:2147483000}" +
      ".woot-widget-bubble.woot-elements--left{left:20px}.woot-widget-bubble.woot-elements--right{right:20px}" +
      ".woot-widget-holder{position:fixed;bottom:104px;right:20px;width:360px;height:calc(90% - 84px);max-height:640px;z-index:2147483000}" +
      ".woot-widget-holder.woot--hide{display:none}.woot-widget-holder iframe{width:100%;height:100%;border:0}" +
      "@media (max-width:667px){.woot-widget-holder{right:0;bottom:104px;width:100%}}";
    document.head.appendChild(sheet);
  }

  function run(options) {
    if (window.$chatwoot) {
      return;
    }
    var side = settings().position === "left" ? "left" : "right";
    var isExpanded = settings().type === "expanded_bubble";
    var holder = document.createElement("div");
    var frame = document.createElement("iframe");
    var bubble = document.createElement("button");
    style();
    holder.className = "woot-widget-holder woot--hide woot-elements--" + side;
    frame.id = "chatwoot_live_chat_widget";
    frame.title = "Chat";
    frame.src = options.baseUrl + "/widget?website_token=" + encodeURIComponent(options.websiteToken);
    holder.appendChild(frame);
    bubble.className = "woot-widget-bubble woot-elements--" + side + (isExpanded ? " woot-widget--expanded" : "");
    bubble.title = "Open chat window";
    bubble.textContent = isExpanded ? settings().launcherTitle || "" : "\u2709";
    bubble.addEventListener("click", function () {
      window.$chatwoot.toggle();
    });
    document.body.appendChild(holder);
    document.body.appendChild(bubble);
    window.$chatwoot = {
      websiteToken: options.websiteToken,
      baseUrl: options.baseUrl,
      locale: settings().locale,
      toggle: function (state) {
        var isHidden = state ? state === "close" : !holder.classList.contains("woot--hide");
        holder.classList.toggle("woot--hide", isHidden);
        window.dispatchEvent(new CustomEvent(isHidden ? "chatwoot:closed" : "chatwoot:opened"));
      },
    };
    frame.addEventListener("load", function () {
      window.dispatchEvent(new CustomEvent("chatwoot:ready"));
    });
  }

  window.chatwootSDK = { run: run };
})();
