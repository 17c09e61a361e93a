/** Adds the outline of land to a map of the world, or to a part of one: d3-geo cuts it on the sphere, so that none of it crosses the edge. */

const WIDTH = 960;
const HEIGHT = 467;
const map = document.querySelector("svg[data-land]");

async function draw() {
  const { d3, topojson } = window;
  if (!map || !d3?.geoEqualEarth || !topojson) {
    return;
  }
  const answer = await fetch(map.dataset.land);
  if (!answer.ok) {
    return;
  }
  const world = await answer.json();
  const part = Number(map.getAttribute("viewBox").split(" ")[2]) / WIDTH;
  const projection = d3.geoEqualEarth().scale(177.1).translate([WIDTH / 2, HEIGHT / 2]);
  projection.rotate([-Number(map.dataset.middle), 0]);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", d3.geoPath(projection.precision(0.5 * part)).digits(part < 0.1 ? 2 : 1)(topojson.feature(world, world.objects.land)));
  map.querySelector(".land").append(path);
}

draw();
