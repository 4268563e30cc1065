// Runs in the world of watch.js: whether a page says to who looks at it that it is still loading.
(() => {
  "use strict";
  const { roots } = globalThis.crawlight;
  const BUSY = "[aria-busy=true],[role=progressbar]:not([aria-valuenow]):not([aria-valuetext]),progress:not([value])";
  // A name says so where each of its words is a sign, says what kind of sign it is, or whose it is.
  const SIGN = new Set(("spinner,spinners,loader,loaders,loading,skeleton,skeletons,shimmer,preloader,lds,spin,spinning").split(","));
  const KIND = new Set(("wrapper,wrap,container,overlay,inner,outer,screen,page,mask,icon,svg,text,label,title,heading,header,body,content,view," +
    "state,indicator,placeholder,animation,animated,anim,animate,pulse,wave,glow,active,visible,show,shown,on,is,has,border,grow,ring,dual,circle," +
    "circular,circles,dot,dots,bar,bars,ellipsis,roller,ripple,hourglass,grid,default,line,lines,row,rows,col,card,cards,list,item,items,element," +
    "box,block,rect,rectangle,rounded,square,avatar,image,img,button,input,paragraph,p,h,table,cell,root,base,main,app,site,full,fullscreen,center," +
    "centered,global,lg,sm,md,xs,xl,small,large,medium,tiny,big,primary,secondary,light,dark,white,black,section,group,primitive,component," +
    "mui,ant,el,v,react,chakra,ngx,mat,p,swal,swal2,bp,bp5,uk,nprogress,css,styles,style,module,progress,spinner3,1,2,3,4,5").split(","));
  const IS_CONTENT = "a[href],h1,h2,h3,h4,li,td,p + p";
  const WORDS = "loading|please wait|one moment|just a moment|wird geladen|l[äa]dt|bitte warten|chargement|veuillez patienter|" +
    "cargando|espere|carregando|aguarde|caricamento|attendere|even geduld|laster|laddar|indl[æa]ser|ladataan|ładowanie|wczytywanie|" +
    "načítání|načítava|betöltés|se încarcă|зареждане|загрузка|завантаження|yükleniyor|φόρτωση|טוען|جار[يٍ]? التحميل|लोड हो रहा|" +
    "กำลังโหลด|đang tải|memuat|読み込み中|ロード中|加载中|正在加载|載入中|로딩|불러오는";
  const THINGS = "(?:the |your |more |latest |all )*(?:data|content|contents|page|app|application|site|products?|items?|results?|posts?|articles?|comments?|reviews?|" +
    "images?|details|information|list|more|map|video|seite|daten|inhalte|page|contenido|datos|productos|contenu|données)";
  const BUSY_TEXT = new RegExp(`^\\W*(?:(?:${WORDS})(?:[\\p{L}]{0,4})?(?:\\s+${THINGS})?\\W*$` +
    `|(?:${WORDS}|laden|bezig)(?!\\p{L})[^.…]{0,40}(?:\\.\\.\\.?|…)\\s*$|please wait\\b|bitte warten\\b|veuillez patienter\\b)`, "iu");

  // What a person would see: neither hidden, nor transparent, nor clipped to nothing, nor off the page.
  function isSeen(element) {
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
    const { width, height, right, bottom } = element.getBoundingClientRect();
    return width > 1 && height > 1 && right + scrollX > 0 && bottom + scrollY > 0;
  }

  const wordsOf = token => token.replace(/(?:__|--|_)(?=[\w-]{5,}$)(?=\D*\d|[a-z]*[A-Z])[\w-]+$/, "")
    .replace(/([a-z])([A-Z])/g, "$1-$2").toLowerCase().split(/[-_:]+/).filter(Boolean);
  function isSign(token) {
    const words = wordsOf(token);
    return words.some(word => SIGN.has(word)) && words.every(word => SIGN.has(word) || KIND.has(word));
  }
  const namesOf = element => [...(element.getAttribute("class") ?? "").split(/\s+/), element.id];

  function isBusy(element) {
    const text = element.textContent.trim();
    return text.length <= 200 && isSeen(element) && (text === "" || BUSY_TEXT.test(text) || !element.querySelector(IS_CONTENT));
  }

  function saysSo(body) {
    const texts = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      const text = node.data.trim();
      if (text.length > 1 && text.length < 60 && BUSY_TEXT.test(text) && !node.parentElement.closest("script,style,noscript,template,option,button,nav") &&
        isSeen(node.parentElement)) return true;
    }
    return false;
  }

  const LIKELY = Array.from(SIGN, word => `[class*=${word} i],[id*=${word} i]`).join(",");
  function busy(little) {
    const { body } = document;
    if (!body) return true;
    for (const scope of [document, ...roots()]) {
      for (const element of scope.querySelectorAll(BUSY)) if (isBusy(element)) return true;
      for (const element of scope.querySelectorAll(LIKELY)) {
        if (element.tagName === "IMG" || element === body || element === document.documentElement) continue;
        if (namesOf(element).some(isSign) && isBusy(element)) return true;
      }
    }
    return (little || body.innerText.trim().length < 400) && saysSo(body);
  }

  globalThis.crawlight.busy = busy;
})();
