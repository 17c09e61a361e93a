/** Adds the outline of land to the map of lanes: d3-geo cuts it on the sphere, so that none of it crosses the edge. */

const map = document.querySelector("svg.world[data-land]");

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
  const [, , width, height] = map.getAttribute("viewBox").split(" ").map(Number);
  const projection = d3.geoEqualEarth().scale(177.1).translate([width / 2, height / 2]);
  projection.rotate([-Number(map.dataset.middle), 0]);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", d3.geoPath(projection.precision(0.5)).digits(1)(topojson.feature(world, world.objects.land)));
  map.querySelector(".land").append(path);
}

draw();
