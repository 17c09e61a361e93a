/** A graph that is wider than its window begins with the thing that was asked for in its middle. */

const start = document.querySelector(".graph .box.start rect");
const canvas = start?.closest(".canvas");

if (canvas) {
  const middle = Number(start.getAttribute("x")) + Number(start.getAttribute("width")) / 2;
  canvas.scrollLeft = middle - canvas.clientWidth / 2;
}
