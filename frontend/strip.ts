// A strip of channels begins where its reader is: the current one is brought into sight.

document.querySelector(".channel-strip [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
