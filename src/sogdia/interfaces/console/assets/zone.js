/** Notes the browser's time zone in a cookie, so that the next page tells times in it. Says nothing of the person. */

const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
const held = document.cookie.split("; ").includes(`sogdia_zone=${timeZone}`);

if (/^[A-Za-z0-9_+-]+(?:\/[A-Za-z0-9_+-]+)*$/.test(timeZone ?? "") && !held) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `sogdia_zone=${timeZone}; path=/; max-age=34560000; samesite=lax${secure}`;
}
